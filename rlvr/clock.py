"""Where the time of a run goes, and how many tokens came of it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True, slots=True)
class Times:
    """Sums over a run, over all its sittings.

    Attributes:
        wall_s: Since the run was started, start-up included.
        training_s: In the training loop, evaluations left out.
        evaluation_s: Evaluations.
        learner_busy_s: The learner computing or publishing.
        learner_tokens: Tokens that the learner computed.
        actor_busy_s: Workers with training requests in flight, pauses included, summed over workers.
        actor_tokens: Tokens that they sampled.
    """

    wall_s: float = 0.0
    training_s: float = 0.0
    evaluation_s: float = 0.0
    learner_busy_s: float = 0.0
    learner_tokens: float = 0.0
    actor_busy_s: float = 0.0
    actor_tokens: float = 0.0

    def minus(self, other: "Times") -> "Times":
        return Times(*(getattr(self, field.name) - getattr(other, field.name) for field in fields(self)))

    def plus(self, other: "Times") -> "Times":
        return Times(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    def rates(self, workers: int) -> dict[str, float]:
        """Tokens per busy second of actors (all together) and learner, and the shares of training time that each
        was idle."""
        per_worker = self.actor_busy_s / workers
        return {
            "actor_tokens_per_s": self.actor_tokens / per_worker if per_worker else 0.0,
            "learner_tokens_per_s": self.learner_tokens / self.learner_busy_s if self.learner_busy_s else 0.0,
            "actor_idle_share": _idle(per_worker, self.training_s),
            "learner_idle_share": _idle(self.learner_busy_s, self.training_s),
        }

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def _idle(busy: float, total: float) -> float:
    return min(1.0, max(0.0, 1.0 - busy / total)) if total > 0 else 0.0


class Clock:
    """Measures a run; goes on from the times of its checkpoint."""

    def __init__(self, earlier: Mapping[str, float]) -> None:
        self._earlier = Times(**earlier)
        self._opened = time.monotonic()
        self._began: float | None = None
        self._evaluation_s = 0.0
        self._evaluation_in_training_s = 0.0
        self._learner_busy_s = 0.0
        self._learner_tokens = 0
        self._last = self._earlier

    @property
    def wall_s(self) -> float:
        """Seconds so far, over all sittings."""
        return self._earlier.wall_s + time.monotonic() - self._opened

    def begin_training(self) -> None:
        """The training loop starts."""
        self._began = time.monotonic()

    def learned(self, seconds: float, tokens: int) -> None:
        """The learner was busy."""
        self._learner_busy_s += seconds
        self._learner_tokens += tokens

    @contextmanager
    def evaluating(self) -> Iterator[None]:
        """What is done inside is evaluation."""
        began = time.monotonic()
        try:
            yield
        finally:
            seconds = time.monotonic() - began
            self._evaluation_s += seconds
            if self._began is not None:
                self._evaluation_in_training_s += seconds

    def times(self, actor_busy_s: float, actor_tokens: int) -> Times:
        """All sums so far; the workers count theirs since they were started."""
        now = time.monotonic()
        training = 0.0 if self._began is None else now - self._began - self._evaluation_in_training_s
        here = Times(
            wall_s=now - self._opened,
            training_s=training,
            evaluation_s=self._evaluation_s,
            learner_busy_s=self._learner_busy_s,
            learner_tokens=self._learner_tokens,
            actor_busy_s=actor_busy_s,
            actor_tokens=actor_tokens,
        )
        return self._earlier.plus(here)

    def since_last_step(self, now: Times) -> Times:
        """What the step added that ends with ``now``."""
        passed, self._last = now.minus(self._last), now
        return passed
