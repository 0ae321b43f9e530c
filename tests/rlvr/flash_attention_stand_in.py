"""Lets OpenRLHF be imported where flash-attn cannot be built: it imports these functions, none is called."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

_FUNCTIONS = {
    "flash_attn": (),
    "flash_attn.bert_padding": ("index_first_axis", "pad_input", "rearrange", "unpad_input"),
    "flash_attn.utils": (),
    "flash_attn.utils.distributed": ("all_gather",),
}


def install() -> None:
    """Register the stand-ins, unless flash-attn is there."""
    if "flash_attn" in sys.modules:
        return
    for name, functions in _FUNCTIONS.items():
        module = ModuleType(name)
        module.__spec__ = ModuleSpec(name, loader=None, is_package=True)
        for function in functions:
            setattr(module, function, _refuse)
        sys.modules[name] = module


def _refuse(*_: object, **__: object) -> None:
    raise RuntimeError("flash-attn is a stand-in here")
