"""The corpus of a base stage: documents that a generator makes up, mixed with local text, as rows of tokens."""

import itertools
import random
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from transformers import PreTrainedTokenizerBase

from base_training.config import DataSection
from base_training.data.local_text import LocalText
from base_training.data.source import DocumentSource, Part, make_generator
from base_training.errors import InputError

_ENCODED_AT_ONCE = 64


class Corpus:
    """Endless documents, the same ones for the same recipe and seed.

    Attributes:
        fingerprints: SHA-256 of each source's data, by the source's name.
    """

    def __init__(self, section: DataSection, seed: int) -> None:
        """
        Raises:
            InputError: No source at all, an unknown generator, settings that it does not take, or text that cannot
                be read.
        """
        self._seed = seed
        sources: dict[str, tuple[DocumentSource, float]] = {}
        if section.generator is not None:
            share = 1.0 - section.text_share
            sources[section.generator] = (make_generator(section.generator, section.settings), share)
        if section.text and (section.text_share > 0 or not sources):
            share = section.text_share if sources else 1.0
            sources["text"] = (LocalText(section.text, section.text_characters), share)
        if not sources:
            raise InputError("data: nothing to learn from; give a generator, or text")
        if section.text_share > 0 and "text" not in sources:
            raise InputError("data.text_share: there is no text to take a share of; name files in data.text")
        self._sources = tuple(sources.values())
        self.fingerprints: Mapping[str, str] = {name: source.fingerprint for name, (source, _) in sources.items()}

    def documents(self, part: Part) -> Iterator[str]:
        """Documents in the order they are learned, spread so that each source keeps its share of characters."""
        rng = random.Random(f"{self._seed}/{part}")
        drawn = [0.0] * len(self._sources)
        while True:
            index = min(range(len(drawn)), key=drawn.__getitem__)
            source, share = self._sources[index]
            document = source.document(part, rng)
            drawn[index] += len(document) / share
            yield document


def token_rows(
    documents: Iterable[str], tokenizer: PreTrainedTokenizerBase, rows: int, length: int
) -> Iterator[np.ndarray]:
    """Lay documents one after another, each closed by the end-of-text token, and cut the stream into batches.

    Rows are full; a document may go on in the next row, and a token sees what stands before it in its row.

    Yields:
        Token ids, int64 of shape [rows, length]; what does not fill a batch at the end of ``documents`` is left.
    """
    stream: list[int] = []
    needed = rows * length
    remaining = iter(documents)
    while texts := list(itertools.islice(remaining, _ENCODED_AT_ONCE)):
        for ids in tokenizer(texts, add_special_tokens=False).input_ids:
            stream += [*ids, tokenizer.eos_token_id]
        while len(stream) >= needed:
            yield np.array(stream[:needed], dtype=np.int64).reshape(rows, length)
            del stream[:needed]
