"""Accuracy on problems that a run never trains on, answered by one policy version."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from base_training.run_folder import write_json
from rewards.problem import Problem
from rlvr.config import EvaluationSection
from rlvr.evaluation.statistics import bootstrap_mean_interval, wilson_interval
from rlvr.events import Evaluated
from rollouts.config import SamplingSection
from rollouts.fleet import RolloutFleet
from rollouts.problems import sample_seed
from rollouts.sample import Group, GroupRequest

SUITE = "held_out"


@dataclass(frozen=True, slots=True)
class Answer:
    """One response to a held-out problem.

    Attributes:
        problem: Its id.
        response: What the policy said.
        correct: What the verifier said; None where the verdict is invalid.
        score: The verdict's score; None where it is invalid.
        reason: The verdict's reason.
    """

    problem: str
    response: str
    correct: bool | None
    score: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class HeldOutEvaluation:
    """All answers at one step.

    Attributes:
        step: Training steps done before it.
        version: Policy version that answered.
        seconds: Wall clock.
        answers: In the order of problems and samples.
    """

    step: int
    version: int
    seconds: float
    answers: tuple[Answer, ...]

    def measure(self) -> Evaluated:
        """Accuracy over the valid answers with its 95% interval.

        Wilson's where every problem has one answer, a bootstrap over problems where it has several.
        """
        valid = [answer for answer in self.answers if answer.correct is not None]
        outcomes = np.array([bool(answer.correct) for answer in valid], dtype=np.float64)
        problems = [answer.problem for answer in valid]
        if len(set(problems)) == len(problems):
            interval = wilson_interval(int(outcomes.sum()), len(outcomes))
        else:
            interval = bootstrap_mean_interval(outcomes, clusters=problems)
        value = float(outcomes.mean()) if len(outcomes) else None
        return Evaluated(self.step, SUITE, "accuracy", value, interval, len(outcomes))

    def write(self, run: Path) -> None:
        """Keep it as ``evaluations/held_out-000012.json``."""
        measured = asdict(self.measure())
        write_json(run / "evaluations" / f"{SUITE}-{self.step:06d}.json", {**measured, **asdict(self)})


async def evaluate_held_out(
    fleet: RolloutFleet,
    problems: Sequence[Problem],
    encode: Callable[[Problem], np.ndarray],
    section: EvaluationSection,
    training: SamplingSection,
    seed: int,
) -> tuple[int, tuple[Answer, ...]]:
    """Answer every held-out problem with fixed seeds, so that evaluations of one run are paired.

    Returns:
        The policy version that answered, and the answers.

    Raises:
        RuntimeError: More than one version answered.
        TimeoutError: A worker did not answer in time.
    """
    sampling = training.model_copy(
        update={
            "temperature": section.temperature,
            "max_tokens": section.max_tokens or training.max_tokens,
            "samples_per_problem": section.samples_per_problem,
        }
    )
    requests = [
        GroupRequest(
            group_id=number,
            attempt=0,
            problem=problem,
            prompt_ids=encode(problem),
            seeds=tuple(
                sample_seed(seed, number, f"{SUITE}/{problem.id}", sample, 0)
                for sample in range(section.samples_per_problem)
            ),
        )
        for number, problem in enumerate(problems)
    ]
    groups = await fleet.evaluate(requests, sampling)
    return _only_version(groups), tuple(_answers(groups))


def _only_version(groups: Sequence[Group]) -> int:
    versions = {int(v) for group in groups for sample in group.samples for v in np.unique(sample.versions)}
    if len(versions) != 1:
        raise RuntimeError(f"an evaluation was answered by policy versions {sorted(versions)}, expected one")
    return versions.pop()


def _answers(groups: Sequence[Group]) -> list[Answer]:
    return [
        Answer(
            problem=group.problem.id,
            response=sample.text,
            correct=sample.verdict.correct if sample.verdict.valid else None,
            score=sample.verdict.score if sample.verdict.valid else None,
            reason=sample.verdict.reason,
        )
        for group in groups
        for sample in group.samples
    ]


def truncate_evaluations(run: Path, step: int) -> None:
    """Remove the evaluations after ``step``, which a resumed run makes again."""
    for path in (run / "evaluations").glob(f"{SUITE}-*.json"):
        if int(path.stem.rpartition("-")[2]) > step:
            path.unlink()
