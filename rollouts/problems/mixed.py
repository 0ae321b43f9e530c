"""Training problems of several domains, in proportion to their weights at any time."""

from collections.abc import Mapping, Sequence
from typing import Any

from base_training.errors import InputError
from rewards.problem import Problem
from rollouts.problems.stream import ProblemsExhausted, ShuffledProblems


class MixedProblems:
    """Takes turns between streams, so that the share of each among the problems handed out is that of its weight.

    The turns are those of Sainte-Laguë's method of apportionment: the next problem comes from the stream with the
    least (handed out + 1/2) / weight. A stream whose problems are over leaves the others to share.
    """

    def __init__(self, streams: Sequence[ShuffledProblems], weights: Sequence[float]) -> None:
        """
        Args:
            streams: At least one; no id occurs in two of them.
            weights: One of each stream, above 0.
        """
        if not streams or len(streams) != len(weights):
            raise ValueError(f"{len(streams)} streams with {len(weights)} weights")
        self._streams = streams
        self._weights = weights
        self._handed_out = [0] * len(streams)
        self._stream_of = {problem.id: stream for stream in streams for problem in stream.problems}

    def __len__(self) -> int:
        """Problems in one epoch of every stream, retired ones included."""
        return sum(map(len, self._streams))

    @property
    def problems(self) -> Sequence[Problem]:
        """All of them, stream by stream."""
        return [problem for stream in self._streams for problem in stream.problems]

    @property
    def retired(self) -> int:
        """How many are retired."""
        return sum(stream.retired for stream in self._streams)

    def next(self) -> Problem:
        turns = sorted(range(len(self._streams)), key=lambda i: (self._handed_out[i] + 0.5) / self._weights[i])
        for place in turns:
            try:
                problem = self._streams[place].next()
            except ProblemsExhausted:
                continue
            self._handed_out[place] += 1
            return problem
        raise ProblemsExhausted(f"the {len(self)} problems of all {len(self._streams)} domains are used up")

    def finished(self, problem_id: str, solved_share: float) -> None:
        self._stream_of[problem_id].finished(problem_id, solved_share)

    def state(self) -> dict[str, Any]:
        return {"handed_out": list(self._handed_out), "streams": [stream.state() for stream in self._streams]}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """
        Raises:
            InputError: The state was taken over other problems.
        """
        if len(state.get("streams", ())) != len(self._streams):
            raise InputError(
                f"the checkpoint was made with another mix than this one of {len(self._streams)} sources; bring "
                "back the same recipe, or start a new run from the checkpoint's model"
            )
        for stream, own in zip(self._streams, state["streams"], strict=True):
            stream.load_state(own)
        self._handed_out = list(state["handed_out"])
