"""Training problems, one after another, epoch by epoch."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from base_training.errors import InputError
from rewards.problem import Problem


class ProblemsExhausted(Exception):
    """The recipe's epochs are over; there are no more problems to train on."""


class ProblemSource(Protocol):
    """Hands out training problems and can be put back to where it was."""

    def next(self) -> Problem:
        """The next problem.

        Raises:
            ProblemsExhausted: There are no more.
        """

    def state(self) -> dict[str, Any]:
        """Where it stands, as JSON values."""

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``state()`` was taken."""


class ShuffledProblems:
    """Every problem once an epoch, in an order that seed and epoch decide alone."""

    def __init__(
        self, problems: Sequence[Problem], seed: int, epochs: int | None = None, fingerprint: str = ""
    ) -> None:
        """
        Args:
            problems: At least one.
            seed: The run's own.
            epochs: Passes over the problems; None for as many as are asked for.
            fingerprint: Names the data, so that a state is never used with other data.
        """
        if not problems:
            raise ValueError("there must be at least one training problem")
        self._problems = problems
        self._seed = seed
        self._epochs = epochs
        self._fingerprint = fingerprint
        self._start(0)

    def __len__(self) -> int:
        """Problems in one epoch."""
        return len(self._problems)

    @property
    def problems(self) -> Sequence[Problem]:
        """All of them, in no particular order."""
        return self._problems

    def next(self) -> Problem:
        if self._position == len(self._problems):
            self._start(self._epoch + 1)
        if self._epochs is not None and self._epoch >= self._epochs:
            raise ProblemsExhausted(f"all {len(self._problems)} problems were used {self._epochs} times")
        problem = self._problems[self._order[self._position]]
        self._position += 1
        return problem

    def state(self) -> dict[str, Any]:
        return {"epoch": self._epoch, "position": self._position, "fingerprint": self._fingerprint}

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

    def _start(self, epoch: int) -> None:
        self._epoch = epoch
        self._position = 0
        self._order = np.random.default_rng([self._seed, 1, epoch]).permutation(len(self._problems))
