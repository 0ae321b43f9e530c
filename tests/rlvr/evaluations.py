"""Records of evaluations that nobody made."""

from dataclasses import replace
from typing import Any

from rlvr.evaluation.record import Answer, Evaluation

ONE = Evaluation(
    suite="gsm8k",
    suite_sha256="5" * 64,
    model="a/model",
    model_sha256="7" * 64,
    step=12,
    version=11,
    metric="accuracy",
    value=0.5,
    ci95=(0.1, 0.9),
    n=2,
    seconds=3.25,
    metrics={"pass@2": 0.75, "accuracy/none": None},
    answers=(
        Answer(
            "p0", "math", 0, "It is 7.\u2028</script>", True, 1.0, "correct", {"tests": 3, "loose": True}, 5, False
        ),
        Answer("p1", "math", 0, "\ud7ff", None, None, "exception: ValueError", {}, 2, True),
    ),
)


def evaluation(**changes: Any) -> Evaluation:
    """A record with some fields changed."""
    return replace(ONE, **changes)


def answers(*correct: bool | None, domain: str = "math") -> tuple[Answer, ...]:
    """One answer to each of several problems."""
    return tuple(
        Answer(f"p{n}", domain, 0, "7", one, None if one is None else float(one), "", tokens=n)
        for n, one in enumerate(correct)
    )


def answers_to(problem: str, *correct: bool, responses: tuple[str, ...] = ()) -> tuple[Answer, ...]:
    """Several answers to one problem."""
    texts = responses or tuple("7" if one else str(n) for n, one in enumerate(correct))
    return tuple(
        Answer(problem, "math", sample, text, one, float(one), "")
        for sample, (one, text) in enumerate(zip(correct, texts, strict=True))
    )
