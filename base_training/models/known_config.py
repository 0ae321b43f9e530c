"""The config.json of a model that a recipe names, without a network and without its weights."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from base_training.models.fetch import FETCHABLE, fetched_folder
from base_training.models.presets import PRESETS


def known_config(name: str) -> Mapping[str, Any] | None:
    """What is known here of a model's shape.

    Args:
        name: A preset, a fetched model, a local folder, or a hub id: that of a preset, or one that was downloaded
            before.

    Returns:
        Its configuration with ``vocab_size``; None where it is not known here.
    """
    for preset in PRESETS.values():
        if name == preset.name or name in preset.hub_ids:
            return {"vocab_size": preset.vocab_size, **preset.config}
    folder = fetched_folder(name) if name in FETCHABLE else Path(name).expanduser()
    file: Path | str | None = folder / "config.json"
    if not Path(str(file)).is_file():
        from huggingface_hub import try_to_load_from_cache

        cached = try_to_load_from_cache(name, "config.json") if "/" in name else None
        file = cached if isinstance(cached, str) else None
    if file is None:
        return None
    config: dict[str, Any] = json.loads(Path(file).read_bytes())
    return config
