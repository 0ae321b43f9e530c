"""The tokens with which a model ends its response, where a text still shows them."""

_ENDS = ("</s>", "<eos>", "<pad>", "<end_of_turn>", "<eot>")
_LONGEST_END = 64


def without_special_tokens(text: str) -> str:
    """A response without the special tokens with which a model ends it, such as ``<|im_end|>`` or ``</s>``."""
    while True:
        text = text.rstrip()
        ended = next((end for end in _ENDS if text.endswith(end)), None)
        if ended is not None:
            text = text[: -len(ended)]
            continue
        start = text.rfind("<|", max(0, len(text) - _LONGEST_END)) if text.endswith("|>") else -1
        if start < 0 or any(mark.isspace() for mark in text[start:]):
            return text
        text = text[:start]
