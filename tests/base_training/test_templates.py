import numpy as np
import pytest

from base_training.errors import InputError
from base_training.text.templates import encode_prompt
from base_training.text.tokenizer import train_tokenizer

MESSAGES = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "1+1?"})


def test_plain_prompts_join_the_contents() -> None:
    tokenizer = train_tokenizer("character", (), 100)
    ids = encode_prompt(tokenizer, MESSAGES, chat=False)
    assert ids.dtype == np.int32
    assert tokenizer.decode(ids) == "Be brief.\n1+1?"


def test_chat_prompts_end_where_the_assistant_begins() -> None:
    tokenizer = train_tokenizer("character", (), 100)
    tokenizer.chat_template = (
        "{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}"
        "{% if add_generation_prompt %}[assistant]{% endif %}"
    )
    ids = encode_prompt(tokenizer, MESSAGES, chat=True)
    assert ids.dtype == np.int32
    assert tokenizer.decode(ids) == "[system]Be brief.[user]1+1?[assistant]"


def test_a_chat_without_a_template_is_refused() -> None:
    with pytest.raises(InputError, match=r"no chat template.*problems\.chat"):
        encode_prompt(train_tokenizer("character", (), 100), MESSAGES, chat=True)


def test_an_empty_prompt_is_refused() -> None:
    with pytest.raises(InputError, match="no tokens"):
        encode_prompt(train_tokenizer("character", (), 100), ({"role": "user", "content": ""},), chat=False)
