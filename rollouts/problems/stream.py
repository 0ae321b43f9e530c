"""Training problems, one after another, epoch by epoch, until they are solved."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from base_training.errors import InputError
from rewards.problem import Problem


class ProblemsExhausted(Exception):
    """The recipe's epochs are over, or every problem is retired; there are no more problems to train on."""


class ProblemSource(Protocol):
    """Hands out training problems and can be put back to where it was."""

    def next(self) -> Problem:
        """The next problem.

        Raises:
            ProblemsExhausted: There are no more.
        """

    def finished(self, problem_id: str, solved_share: float) -> None:
        """A group of samples of a problem is scored; it is retired where enough of them solved it."""

    def state(self) -> dict[str, Any]:
        """Where it stands, as JSON values."""

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``state()`` was taken."""


class ShuffledProblems:
    """Every problem once an epoch, in an order that seed and epoch decide alone; less those that are retired."""

    def __init__(
        self,
        problems: Sequence[Problem],
        seed: int,
        epochs: int | None = None,
        fingerprint: str = "",
        retire_at: float | None = None,
        place: int = 0,
    ) -> None:
        """
        Args:
            problems: At least one, each with an id of its own.
            seed: The run's own.
            epochs: Passes over the problems; None for as many as are asked for.
            fingerprint: Names the data, so that a state is never used with other data.
            retire_at: The share of a group that has to solve a problem for it to be retired; None retires none.
            place: Within a mix, so that its parts are shuffled apart from each other.
        """
        if not problems:
            raise ValueError("there must be at least one training problem")
        self._problems = problems
        self._seed = seed
        self._epochs = epochs
        self._fingerprint = fingerprint
        self._retire_at = retire_at
        self._place = place
        self._retired: set[str] = set()
        self._start(0)

    def __len__(self) -> int:
        """Problems in one epoch, retired ones included."""
        return len(self._problems)

    @property
    def problems(self) -> Sequence[Problem]:
        """All of them, in no particular order."""
        return self._problems

    @property
    def retired(self) -> int:
        """How many are retired."""
        return len(self._retired)

    def next(self) -> Problem:
        if self.retired == len(self._problems):
            raise ProblemsExhausted(f"all {len(self._problems)} problems are retired")
        while True:
            if self._position == len(self._problems):
                self._start(self._epoch + 1)
            if self._epochs is not None and self._epoch >= self._epochs:
                raise ProblemsExhausted(f"all {len(self._problems)} problems were used {self._epochs} times")
            problem = self._problems[self._order[self._position]]
            self._position += 1
            if problem.id not in self._retired:
                return problem

    def finished(self, problem_id: str, solved_share: float) -> None:
        if self._retire_at is not None and solved_share >= self._retire_at:
            self._retired.add(problem_id)

    def state(self) -> dict[str, Any]:
        return {
            "epoch": self._epoch,
            "position": self._position,
            "fingerprint": self._fingerprint,
            "retired": sorted(self._retired),
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """
        Raises:
            InputError: The state was taken over other problems.
        """
        if state["fingerprint"] != self._fingerprint or not 0 <= state["position"] <= len(self._problems):
            raise InputError(
                "the problems are not those that the checkpoint was made with; bring back the same data, "
                "or start a new run from the checkpoint's model"
            )
        self._start(state["epoch"])
        self._position = state["position"]
        self._retired = set(state["retired"])

    def _start(self, epoch: int) -> None:
        self._epoch = epoch
        self._position = 0
        self._order = np.random.default_rng([self._seed, 1 + self._place, epoch]).permutation(len(self._problems))
