import pytest
from hypothesis import given
from hypothesis import strategies as st

from base_training.text.tokenizer import train_tokenizer
from rollouts.stops import Stops

CORPUS = ["The answer is 12.\n\nAnd 13.\n", "Q: 1+1=? A: 2\n\n\n", "stop here. Stop there.\n\n"] * 20
BYTES = train_tokenizer("byte_bpe", CORPUS, 400)
CHARACTERS = train_tokenizer("character", CORPUS, 128)


@pytest.mark.parametrize("tokenizer", [BYTES, CHARACTERS])
def test_a_single_character_is_watched_for_by_token(tokenizer) -> None:
    stops = Stops.of(tokenizer, ("\n", "Stop"))
    assert stops.strings == ("Stop",)
    holding = [t for t in range(len(tokenizer)) if "\n" in tokenizer.decode([t])]
    assert list(stops.token_ids) == holding
    assert len(holding) == (1 if tokenizer is CHARACTERS else 3), "also tokens that hold more than the newline"


@given(st.text("aTop\n S", max_size=30))
def test_the_end_is_the_first_token_that_completes_a_stop_string(text: str) -> None:
    stops = Stops.of(BYTES, ("\n", "Stop", "To"))
    ids = BYTES.encode(text)
    complete = [n for n in range(len(ids) + 1) if any(s in BYTES.decode(ids[:n]) for s in ("Stop", "To"))]
    assert stops.end_of(BYTES, ids) == (complete[0] if complete else None)
    assert stops.text_of(BYTES, ids) == text[: min((text + "\nStopTo").index(s) for s in ("\n", "Stop", "To"))]


def test_no_stop_strings_leave_the_text_whole() -> None:
    stops = Stops.of(CHARACTERS, ())
    ids = CHARACTERS.encode("1 + 1\n2")
    assert stops == Stops((), (), ())
    assert stops.end_of(CHARACTERS, ids) is None
    assert stops.text_of(CHARACTERS, [*ids, CHARACTERS.eos_token_id]) == "1 + 1\n2"
