"""Causal models as plain Hugging Face folders: made, loaded, saved, checked.

Only the functions that handle weights import torch; checking a folder reads its JSON.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from base_training.errors import InputError
from base_training.models.presets import PRESETS
from base_training.run_folder import require_space, writing

if TYPE_CHECKING:
    import torch
    from transformers import GenerationConfig, PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

CPU_HEAD_SIZES = (32, 64, 80, 96, 112, 128, 160, 192, 224, 256, 512)
"""What the attention of vLLM's CPU backend takes."""


def build_model(preset: str, vocab_size: int, seed: int, dtype: str = "float32") -> PreTrainedModel:
    """A model with random weights: the same ones for the same arguments, whatever was drawn before.

    Args:
        preset: A name in :data:`PRESETS`.
        vocab_size: Tokens of its tokenizer.
        seed: Of the initialisation; the global random state is left alone.
        dtype: ``float32`` or ``bfloat16``.

    Raises:
        InputError: There is no such preset.
    """
    import torch
    from transformers import AutoModelForCausalLM, Olmo3Config

    if preset not in PRESETS:
        raise InputError(f"There is no preset {preset!r}. Choose one of {', '.join(PRESETS)}.")
    config = Olmo3Config(
        vocab_size=vocab_size,
        pad_token_id=None,
        eos_token_id=None,
        **copy.deepcopy(dict(PRESETS[preset].config)),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return AutoModelForCausalLM.from_config(config, dtype=getattr(torch, dtype))


def load_model(path_or_hub_id: str, dtype: str = "float32") -> PreTrainedModel:
    """Load a causal model from a local folder or the hub, in evaluation mode and without a progress bar.

    Raises:
        InputError: It cannot be loaded; the message says why.
    """
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    try:
        model = AutoModelForCausalLM.from_pretrained(path_or_hub_id, dtype=getattr(torch, dtype))
    except (OSError, ValueError) as error:
        raise InputError(f"Cannot load the model {path_or_hub_id}: {error}") from error
    model.config.architectures = [type(model).__name__]
    return model


def load_tokenizer(path: str) -> PreTrainedTokenizerBase:
    """Load a model's tokenizer. One without a padding token pads with its end-of-text token.

    Raises:
        InputError: It cannot be loaded, or has no end-of-text token.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(path)
    except (OSError, ValueError) as error:
        raise InputError(f"Cannot load the tokenizer of {path}: {error}") from error
    if tokenizer.eos_token_id is None:
        raise InputError(
            f"The tokenizer of {path} has no end-of-text token: set eos_token in tokenizer_config.json."
        )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def save_model(
    folder: Path,
    config: PreTrainedConfig,
    state_dict: Mapping[str, torch.Tensor],
    tokenizer: PreTrainedTokenizerBase,
    generation_config: GenerationConfig | None = None,
) -> None:
    """Write a Hugging Face folder that transformers and vLLM load as it is.

    The folder is made when missing. To write all or nothing, call this inside
    :func:`base_training.run_folder.atomic_folder`.

    Args:
        folder: Where to.
        config: The model's; end-of-text and padding ids that it lacks come from the tokenizer.
        state_dict: Full weights by name; a tied output embedding is left out.
        tokenizer: Saved beside the weights.
        generation_config: The model's own; made from ``config`` when None.

    Raises:
        InputError: The disk is full or the folder cannot be written.
    """
    from huggingface_hub import save_torch_state_dict
    from safetensors import SafetensorError
    from transformers import GenerationConfig

    weights = {
        name: tensor.detach()
        for name, tensor in state_dict.items()
        if not (config.tie_word_embeddings and name == "lm_head.weight")
    }
    saved = copy.deepcopy(config)
    saved.dtype = next(iter(weights.values())).dtype
    saved.eos_token_id = tokenizer.eos_token_id if saved.eos_token_id is None else saved.eos_token_id
    saved.pad_token_id = tokenizer.pad_token_id if saved.pad_token_id is None else saved.pad_token_id
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        require_space(folder, sum(tensor.nbytes for tensor in weights.values()) + 2**24)
        try:
            save_torch_state_dict(weights, folder)
        except SafetensorError as error:
            raise InputError(
                f"Cannot write the weights to {folder}: {error}. Free some space, or choose another disk."
            ) from error
        for file in folder.glob("*.safetensors"):
            file.chmod(0o666 & folder.stat().st_mode)  # safetensors makes them private
        saved.save_pretrained(folder)
        (generation_config or GenerationConfig.from_model_config(saved)).save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def check_model(path: str | Path) -> None:
    """Refuse, without loading it, a folder that cannot be trained and sampled from on this machine.

    Raises:
        InputError: The folder is missing, has no configuration or weights, is not a causal language model, or has
            heads of a size that vLLM's CPU backend refuses while there is no GPU.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise InputError(f"There is no model folder {folder}. Check the path.")
    file = folder / "config.json"
    if not file.is_file():
        raise InputError(f"{folder} has no config.json: it is not a Hugging Face model folder.")
    try:
        config = json.loads(file.read_bytes())
    except ValueError as error:
        raise InputError(f"{file} is not valid JSON: {error}") from error
    check_config(config, str(folder))
    if not [*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")]:
        raise InputError(f"{folder} has no weights: no *.safetensors and no pytorch_model*.bin.")


def check_config(config: Mapping[str, Any], model: str, gpu: bool | None = None) -> None:
    """The part of :func:`check_model` that needs ``config.json`` alone.

    Args:
        config: The content of ``config.json``.
        model: Names it in messages.
        gpu: Whether the machine has one; looked up, where it matters, when None.
    """
    architectures = config.get("architectures") or []
    if not any("CausalLM" in name or "LMHead" in name for name in architectures):
        found = ", ".join(architectures) or "no architecture"
        raise InputError(f"{model} is not a causal language model: its config.json names {found}.")
    size = config.get("head_dim")
    if size is None and config.get("hidden_size") and config.get("num_attention_heads"):
        size = config["hidden_size"] // config["num_attention_heads"]
    if size is not None and size not in CPU_HEAD_SIZES and not (_has_gpu() if gpu is None else gpu):
        allowed = ", ".join(map(str, CPU_HEAD_SIZES))
        raise InputError(
            f"{model} has attention heads of size {size}, which vLLM cannot run on the CPU (it takes {allowed}). "
            "Choose another model, or a machine with a GPU."
        )


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()
