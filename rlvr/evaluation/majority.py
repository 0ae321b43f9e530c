"""majority@k: the answer that most of k responses give (self-consistency; Wang et al. 2022, arXiv 2203.11171)."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rewards.config import VerifierSection
from rewards.math.extract import AUTO, extract_answer
from rewards.thinking import THINK_TAGS, after_thinking
from rlvr.evaluation.record import Answer
from rlvr.evaluation.suite import Suite

_RIGHT = object()
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")


def majority(suite: Suite, answers: Sequence[Answer]) -> float | None:
    """Whether the most frequent answer to a problem is right; 1/m of it where m answers are equally frequent.

    All right responses give the same answer, however it is written; wrong ones that are written differently count
    as different. A response without an answer has no vote.

    Args:
        suite: Says what reads the answers.
        answers: All responses to one problem.

    Returns:
        None where answers are not scored by ``math``, the one verifier that tells which answer a response gives.
    """
    sections = list(suite.verifiers.values())
    if len(sections) != 1 or sections[0].name != "math" or sections[0].convention != "native":
        return None
    votes: Counter[Any] = Counter()
    for answer in answers:
        said = _RIGHT if answer.correct else _answer_of(sections[0], answer.response)
        if said is not None:
            votes[said] += 1
    if not votes:
        return 0.0
    most = max(votes.values())
    winners = [said for said, count in votes.items() if count == most]
    return (_RIGHT in winners) / len(winners)


def _answer_of(section: VerifierSection, response: str) -> str | None:
    settings: Mapping[str, Any] = section.settings
    extraction = settings.get("extraction", "auto")
    names = [extraction] if isinstance(extraction, str) else list(extraction)
    ranks = AUTO if extraction == "auto" else [[name] for name in names]
    text = after_thinking(response, settings.get("thinking", THINK_TAGS), settings.get("starts_thinking", False))
    answer = None if text is None else extract_answer(text, ranks)
    if answer is None:
        return None
    return _THOUSANDS.sub("", "".join(answer.split())).strip("$.").casefold() or None
