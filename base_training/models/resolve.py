"""From what a recipe calls a model to a folder or hub id that can be loaded."""

import hashlib
import json
import os
import re
from pathlib import Path

from base_training.errors import InputError
from base_training.models.build import build_model, check_config, check_model, save_model
from base_training.models.cache import cache_dir, only_one
from base_training.models.fetch import FETCHABLE, fetched_folder
from base_training.models.presets import PRESETS
from base_training.run_folder import atomic_folder

__all__ = ["cache_dir", "resolve_model"]

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def resolve_model(name: str, seed: int) -> str:
    """Find or make the model that a recipe names.

    Args:
        name: A preset (random weights and a character tokenizer, kept in the cache), a fetched model, a local
            Hugging Face folder, or a hub id as ``organisation/name``. A folder that exists goes before a hub id.
        seed: Of a preset's random weights.

    Returns:
        The absolute path of a checked folder, or the hub id.

    Raises:
        InputError: There is no such model, it was not fetched, or it fails :func:`check_model`.
    """
    if name in PRESETS:
        return str(_random_model(name, seed))
    if name in FETCHABLE:
        folder = fetched_folder(name)
        if not folder.is_dir():
            raise InputError(f"The model {name} is not here yet. Run `rlvr models fetch {name}`.")
        return str(folder)
    folder = Path(name).expanduser()
    if folder.is_dir():
        check_model(folder)
        return str(folder.resolve())
    if _HUB_ID.fullmatch(name) and not name.startswith("."):
        _check_hub(name)
        return name
    known = ", ".join((*PRESETS, *FETCHABLE))
    raise InputError(
        f"There is no model {name!r}: no folder of that path, and no name that is known here ({known}). "
        "Check the path, or name a hub id as organisation/name."
    )


def _random_model(preset: str, seed: int) -> Path:
    config = json.dumps(dict(PRESETS[preset].config), sort_keys=True)
    version = hashlib.sha256(config.encode()).hexdigest()[:8]
    folder = cache_dir() / "models" / "random" / preset / f"seed-{seed}-{version}"
    with only_one(folder):
        if not folder.is_dir():
            _require_memory(preset)
            from base_training.text.tokenizer import train_tokenizer

            tokenizer = train_tokenizer("character", (), PRESETS["olmo3-nano"].vocab_size)
            model = build_model(preset, len(tokenizer), seed)
            with atomic_folder(folder) as temporary:
                save_model(temporary, model.config, model.state_dict(), tokenizer)
    return folder


def _require_memory(preset: str) -> None:
    needed = 4 * PRESETS[preset].parameters()
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > there:
        raise InputError(
            f"Random weights for {preset} take {needed / 1e9:.0f} GB of memory, and this machine has "
            f"{there / 1e9:.0f} GB. Choose a smaller preset, or a folder with weights."
        )


def _check_hub(name: str) -> None:
    import httpx
    from huggingface_hub import constants, get_session, hf_hub_download, try_to_load_from_cache
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    file = try_to_load_from_cache(name, "config.json")
    if not isinstance(file, str):
        try:
            # One request first: the download itself would retry an unreachable hub for half a minute.
            get_session().head(constants.ENDPOINT, timeout=10)
            file = hf_hub_download(name, "config.json")
        except (httpx.TransportError, OfflineModeIsEnabled):
            raise InputError(
                f"The model {name} is neither a local folder nor in the hub's cache, and the hub cannot be "
                "reached. Check the name and the network."
            ) from None
        except HfHubHTTPError as error:
            raise InputError(f"The hub does not give the model {name}: {error}") from error
    check_config(json.loads(Path(file).read_bytes()), name)
