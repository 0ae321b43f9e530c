"""The writing side of weight transfer through shared memory: one safetensors file on a memory file system.

The learner writes it; every rollout worker of the machine maps it (``shared_memory_engine``). Nothing is pickled,
and a reader never sees half a file: it is written under another name and renamed.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import torch

from base_training.run_folder import writing

SHARED_MEMORY = Path("/dev/shm")

# The sizes are known only after the last tensor, the header stands before the first: so its room is reserved.
_HEADER_BYTES = 4 << 20
_DTYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


def write_weights(path: Path, tensors: Iterable[tuple[str, torch.Tensor]]) -> None:
    """Write tensors as a safetensors file, each copied once, from its own memory into the file's pages.

    Args:
        path: Where the file appears once it is complete; its folder exists. A file of that name is replaced.
        tensors: Full (not sharded) tensors by Hugging Face name, on any device. They are taken one after another,
            so a generator that gathers shards needs room for one tensor only.

    Raises:
        InputError: The memory file system has no room for the weights.
        ValueError: A tensor of a type that safetensors does not know, or too many tensors for the header.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with writing(path), unfinished.open("wb", buffering=0) as file:
            _write(file, tensors)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(file: BinaryIO, tensors: Iterable[tuple[str, torch.Tensor]]) -> None:
    header: dict[str, dict[str, object]] = {}
    begin = 0
    file.seek(8 + _HEADER_BYTES)
    for name, tensor in tensors:
        if tensor.dtype not in _DTYPES:
            raise ValueError(f"safetensors knows no type for {name}: {tensor.dtype}")
        data = tensor.detach().to("cpu").contiguous()
        end = begin + data.numel() * data.element_size()
        header[name] = {
            "dtype": _DTYPES[data.dtype],
            "shape": list(data.shape),
            "data_offsets": [begin, end],
        }
        _write_all(file, data.flatten().view(torch.uint8).numpy().data)
        begin = end
    text = json.dumps(header).encode()
    if len(text) > _HEADER_BYTES:
        raise ValueError(
            f"{len(header)} tensors need a header of {len(text)} bytes; there is room for {_HEADER_BYTES}"
        )
    file.seek(0)
    _write_all(file, memoryview(_HEADER_BYTES.to_bytes(8, "little") + text.ljust(_HEADER_BYTES)))


def _write_all(file: BinaryIO, data: memoryview) -> None:
    """``write`` takes at most 2 GiB at once."""
    while data:
        data = data[file.write(data) :]
