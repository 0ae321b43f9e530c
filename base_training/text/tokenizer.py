"""Tokenizers made from a run's own corpus, for models too small to afford a large vocabulary."""

import string
from collections import Counter
from collections.abc import Iterable
from typing import Literal

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

END_OF_TEXT = "<|endoftext|>"
PADDING = "<|pad|>"
UNKNOWN = "<|unk|>"
SPECIAL_TOKENS = (END_OF_TEXT, PADDING, UNKNOWN)

PRINTABLE = "\n\t" + "".join(sorted(string.digits + string.ascii_letters + string.punctuation + " "))
"""Characters that every character tokenizer knows, whatever its corpus holds."""


def train_tokenizer(
    kind: Literal["character", "byte_bpe"], texts: Iterable[str], size: int
) -> PreTrainedTokenizerFast:
    """Make a tokenizer whose decoding gives back the very text that was encoded.

    Args:
        kind: ``character`` has one token for each character: the printable ASCII ones always, then those of the
            corpus, most frequent first; a character that it lacks becomes ``<|unk|>``. ``byte_bpe`` merges
            frequent pairs of bytes and lacks nothing.
        texts: The corpus.
        size: The largest vocabulary, special tokens included.

    Raises:
        ValueError: ``size`` cannot hold the special tokens and the characters or bytes that are always there.
    """
    train = _character_tokenizer if kind == "character" else _byte_bpe_tokenizer
    return PreTrainedTokenizerFast(
        tokenizer_object=train(texts, size),
        bos_token=END_OF_TEXT,
        eos_token=END_OF_TEXT,
        pad_token=PADDING,
        unk_token=UNKNOWN,
        clean_up_tokenization_spaces=False,
    )


def _character_tokenizer(texts: Iterable[str], size: int) -> Tokenizer:
    room = size - len(SPECIAL_TOKENS) - len(PRINTABLE)
    _require_room(room, size, "character")
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    others = sorted((c for c in counts if c not in PRINTABLE), key=lambda c: (-counts[c], c))
    vocabulary = {token: i for i, token in enumerate((*SPECIAL_TOKENS, *PRINTABLE, *others[:room]))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")
    tokenizer.decoder = decoders.Fuse()
    tokenizer.add_special_tokens(_special_tokens())
    return tokenizer


def _byte_bpe_tokenizer(texts: Iterable[str], size: int) -> Tokenizer:
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    _require_room(size - len(SPECIAL_TOKENS) - len(alphabet), size, "byte_bpe")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=_special_tokens(), initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _special_tokens() -> list[AddedToken]:
    return [AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS]


def _require_room(room: int, size: int, kind: str) -> None:
    if room < 0:
        raise ValueError(f"a {kind} vocabulary needs at least {size - room} tokens, not {size}")
