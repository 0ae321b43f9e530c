"""What counts of a response with thinking blocks."""

import pytest

from rewards.thinking import after_thinking


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("4", "4"),
        ("<think>3</think>4", "4"),
        ("3</think>4", "4"),
        ("2 <think>3</think>4", "4"),
        ("<think>2</think>3<think>3</think>4", "4"),
        ("<think>a <think> b</think> c</think>4", "4"),
        ("<think>3</think>", ""),
        ("<think>4", None),
        ("4<think>", None),
        ("<think>3</think>4<think>5", None),
    ],
)
def test_only_what_follows_the_last_block_counts(response: str, answer: str | None) -> None:
    assert after_thinking(response) == answer


def test_tags_may_be_others_or_none() -> None:
    assert after_thinking("<r>3</r>4", ("<r>", "</r>")) == "4"
    assert after_thinking("<think>4", None) == "<think>4"


def test_a_block_opened_by_the_prompt_must_be_closed() -> None:
    assert after_thinking("so it is 4", opened=True) is None
    assert after_thinking("so it is</think>4", opened=True) == "4"
