"""How long a sequence a model takes."""

import json
from pathlib import Path
from typing import Any


def longest_sequence(weights: str) -> int | None:
    """Tokens that a model takes, as its configuration says; None where it does not."""
    file: Any = Path(weights) / "config.json"
    if not Path(weights).is_dir():
        from huggingface_hub import try_to_load_from_cache

        file = try_to_load_from_cache(weights, "config.json")
    if not isinstance(file, str | Path) or not Path(file).is_file():
        return None
    most = json.loads(Path(file).read_bytes()).get("max_position_embeddings")
    return most if isinstance(most, int) else None
