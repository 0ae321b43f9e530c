from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from base_training.text.tokenizer import PRINTABLE, train_tokenizer


def test_a_character_tokenizer_of_ascii_has_a_hundred_tokens_special_ones_first() -> None:
    tokenizer = train_tokenizer("character", ["Q: 7+12=?"], 512)
    assert len(tokenizer) == 100
    assert tokenizer.convert_ids_to_tokens([0, 1, 2]) == ["<|endoftext|>", "<|pad|>", "<|unk|>"]
    assert (tokenizer.eos_token_id, tokenizer.bos_token_id, tokenizer.pad_token_id) == (0, 0, 1)


def test_each_character_is_one_token() -> None:
    tokenizer = train_tokenizer("character", (), 100)
    assert tokenizer.tokenize("Q: 7\n ") == ["Q", ":", " ", "7", "\n", " "]


def test_characters_of_the_corpus_come_by_frequency_until_the_vocabulary_is_full() -> None:
    tokenizer = train_tokenizer("character", ["ééé", "üü", "ñ"], 102)
    assert tokenizer.decode(tokenizer.encode("éüñ")) == "éü<|unk|>"


@pytest.fixture(scope="module", params=["character", "byte_bpe"])
def reloaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PreTrainedTokenizerFast:
    folder: Path = tmp_path_factory.mktemp("tokenizer")
    train_tokenizer(request.param, ["Sum of 1 and 2 is 3.\n", "A don 't ."] * 5, 300).save_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


@given(text=st.text(alphabet=PRINTABLE))
@settings(max_examples=300, deadline=None)
def test_decoding_gives_back_the_text_after_saving_and_loading(
    reloaded: PreTrainedTokenizerFast, text: str
) -> None:
    assert reloaded.decode(reloaded.encode(text)) == text


@pytest.mark.parametrize("text", ["a  b\n\n c\t", "it 's , ok .", " <|pad| >", ""])
def test_spaces_and_newlines_survive(reloaded: PreTrainedTokenizerFast, text: str) -> None:
    assert reloaded.decode(reloaded.encode(text)) == text


def test_special_tokens_are_single_and_can_be_skipped(reloaded: PreTrainedTokenizerFast) -> None:
    ids = reloaded.encode("A<|endoftext|>")
    assert ids[1:] == [0]
    assert reloaded.decode(ids, skip_special_tokens=True) == "A"


def test_byte_bpe_knows_every_character_and_merges_what_is_frequent() -> None:
    tokenizer = train_tokenizer("byte_bpe", ["the other the other"] * 10, 300)
    assert tokenizer.decode(tokenizer.encode("thé 漢字 🙂")) == "thé 漢字 🙂"
    assert len(tokenizer.encode("the other")) < len("the other")


@pytest.mark.parametrize(("kind", "least"), [("character", 100), ("byte_bpe", 259)])
def test_a_vocabulary_that_is_too_small_is_refused(kind, least: int) -> None:
    with pytest.raises(ValueError, match=f"at least {least} tokens"):
        train_tokenizer(kind, ["a"], least - 1)
    assert len(train_tokenizer(kind, ["a"], least)) == least
