"""Shaping by length: the verifiers ``length`` and ``overlong``."""

from collections.abc import Sequence

from rewards.general.measure import Measure, positive
from rewards.general.reading import NoAnswerError, Reader
from rewards.registry import verifier
from rewards.thinking import THINK_TAGS
from rewards.verdict import Verdict


@verifier("length", isolated=False)
class LengthVerifier:
    """Scores 1 where the answer is about as long as it should be, less the further it is from that, at least 0.

    With a length n the score is 1 where ``|n - target| <= tolerance`` and falls to 0 in a straight line over the
    next ``target`` units. It looks at no label and says nothing of correctness.

    Args:
        target: The length asked for, in units.
        tolerance: How far off is as good, in units.
        unit: ``characters``, ``words``, or ``tokens`` (of the whole response, as the request tells them).
        thinking: Opening and closing tag of thinking blocks, which are not counted; None counts them.
        starts_thinking: Whether the prompt's template has already opened such a block.
        max_chars: Longer responses score 0 unread.
    """

    def __init__(
        self,
        target: float,
        tolerance: float = 0,
        *,
        unit: str = "characters",
        thinking: Sequence[str] | None = THINK_TAGS,
        starts_thinking: bool = False,
        max_chars: int = 400_000,
    ) -> None:
        self._target = positive("target", target)
        self._tolerance = positive("tolerance", tolerance, zero=True)
        self._measure = Measure(unit)
        self._reader = Reader(thinking, starts_thinking, max_chars)

    def verify(self, response: str, *, tokens: int | None = None) -> Verdict:
        try:
            length = self._measure.of(self._reader.read(response), tokens)
        except NoAnswerError as error:
            return Verdict(0.0, reason=error.reason)
        except ValueError as error:
            return Verdict.invalid(str(error))
        off = max(0.0, abs(length - self._target) - self._tolerance)
        return Verdict(max(0.0, 1 - off / self._target), reason="scored", metrics={"length": float(length)})


@verifier("overlong", isolated=False)
class OverlongVerifier:
    """The soft over-long penalty of DAPO (arXiv 2503.14476, equation 13): from 0 down to -1.

    A response of n units scores 0 where ``n <= max_length - buffer``, -1 where ``n > max_length``, and
    ``(max_length - buffer - n) / buffer`` in between. Thinking counts: it is the whole response that must end.

    Args:
        max_length: The longest response, in units.
        buffer: Over how many units before that the penalty grows.
        unit: ``characters``, ``words``, or ``tokens`` (of the whole response, as the request tells them).
    """

    def __init__(
        self,
        max_length: float,
        buffer: float,
        *,
        unit: str = "characters",
    ) -> None:
        self._max_length = positive("max_length", max_length)
        self._buffer = positive("buffer", buffer)
        if self._buffer > self._max_length:
            raise ValueError(f"buffer: expected at most max_length ({max_length}), got {buffer}")
        self._measure = Measure(unit)

    def verify(self, response: str, *, tokens: int | None = None) -> Verdict:
        try:
            length = self._measure.of(response, tokens)
        except ValueError as error:
            return Verdict.invalid(str(error))
        free = self._max_length - self._buffer
        penalty = min(1.0, max(0.0, (length - free) / self._buffer))
        reason = "overlong" if penalty else "scored"
        return Verdict(0.0 - penalty, reason=reason, metrics={"length": float(length)})
