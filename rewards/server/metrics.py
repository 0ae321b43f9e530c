"""What the service tells Prometheus."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from rewards.pool import VerifierPool
from rewards.server.limits import Queue
from rewards.verdict import Verdict

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


class Metrics:
    """Counts of one service, since it started."""

    def __init__(self, queue: Queue, pools: Mapping[str, VerifierPool]) -> None:
        self._registry = CollectorRegistry()
        self._queue = queue
        self._pools = pools
        self._verdicts = Counter(
            "rlvr_verdicts", "Verdicts given.", ["verifier", "outcome"], registry=self._registry
        )
        self._turned_away = Counter(
            "rlvr_turned_away", "Requests that found the queue full.", registry=self._registry
        )
        self._seconds = Histogram(
            "rlvr_request_seconds",
            "From a request to its answer.",
            ["path"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._waiting = Gauge("rlvr_waiting", "Responses scored now or waiting.", registry=self._registry)
        self._processes = Gauge(
            "rlvr_worker_events",
            "Worker processes started, killed for time, and dead.",
            ["verifier", "event"],
            registry=self._registry,
        )

    def count(self, verifier: str, verdicts: Sequence[Verdict]) -> None:
        """Counts what was answered."""
        for verdict in verdicts:
            self._verdicts.labels(verifier, _outcome(verdict)).inc()

    def turned_away(self) -> None:
        """Counts a request that found the queue full."""
        self._turned_away.inc()

    @contextmanager
    def timed(self, path: str) -> Iterator[None]:
        """Measures a request."""
        with self._seconds.labels(path).time():
            yield

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        self._waiting.set(self._queue.waiting)
        for name, pool in self._pools.items():
            stats = pool.stats()
            for event in ("processes", "timeouts", "deaths"):
                self._processes.labels(name, event).set(getattr(stats, event))
        return generate_latest(self._registry)


def _outcome(verdict: Verdict) -> str:
    if not verdict.valid:
        return "invalid"
    if verdict.correct is None:
        return "scored"
    return "correct" if verdict.correct else "wrong"
