"""Where a response ends: stop strings, as tokens where that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Stops:
    """A recipe's stop strings, divided by how they can be watched for.

    vLLM watches for strings outside its engine, so that a request may run a few steps further, depending on the
    clock. For tokens it stops at once, always at the same step.

    Attributes:
        all: Every stop string; the response's text ends before the first of them.
        token_ids: All tokens that hold a stop string of a single ASCII character: those characters never spread
            over tokens.
        strings: The stop strings that need the text.
    """

    all: tuple[str, ...]
    token_ids: tuple[int, ...]
    strings: tuple[str, ...]

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase, stop: Sequence[str]) -> "Stops":
        """Divide ``stop`` for a tokenizer."""
        characters = [text for text in stop if len(text) == 1 and text.isascii()]
        token_ids: tuple[int, ...] = ()
        if characters:
            texts = tokenizer.batch_decode(
                [[token] for token in range(len(tokenizer))],
                skip_special_tokens=True,
                clean_up_tokenization_spaces=False,
            )
            token_ids = tuple(t for t, text in enumerate(texts) if any(c in text for c in characters))
        return cls(tuple(stop), token_ids, tuple(text for text in stop if text not in characters))

    def text_of(self, tokenizer: PreTrainedTokenizerBase, token_ids: list[int]) -> str:
        """The response's text, without special tokens, up to the first stop string."""
        text = _decode(tokenizer, token_ids)
        ends = [place for place in (text.find(stop) for stop in self.all) if place >= 0]
        return text[: min(ends)] if ends else text

    def end_of(self, tokenizer: PreTrainedTokenizerBase, token_ids: list[int]) -> int | None:
        """How many tokens it takes until the first of ``strings`` is complete; None where none comes."""
        if not self._complete(tokenizer, token_ids):
            return None
        low, high = 0, len(token_ids)  # incomplete after ``low`` tokens, complete after ``high``
        while high - low > 1:
            middle = (low + high) // 2
            if self._complete(tokenizer, token_ids[:middle]):
                high = middle
            else:
                low = middle
        return high

    def _complete(self, tokenizer: PreTrainedTokenizerBase, token_ids: list[int]) -> bool:
        text = _decode(tokenizer, token_ids) if self.strings else ""
        return any(stop in text for stop in self.strings)


def _decode(tokenizer: PreTrainedTokenizerBase, token_ids: list[int]) -> str:
    return str(tokenizer.decode(token_ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))
