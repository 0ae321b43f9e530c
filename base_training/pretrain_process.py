"""Pretraining in a process of its own, which has the threads that the recipe gives it and leaves nothing behind.

The sections go to it as JSON on its standard input; progress and the report come as JSON lines on its standard
output.
"""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from base_training.config import DataSection, ModelSection, StageSection
from base_training.errors import InputError, ProcessError

_MARK = b"pretrain: "
_PROGRESS, _REPORT, _ERROR = "progress", "report", "error"


def pretrain_in_process(
    stage: StageSection,
    model: ModelSection,
    data: DataSection,
    out: Path,
    seed: int,
    progress: Callable[[Mapping[str, Any]], None],
    timeout_s: float = 300.0,
) -> Mapping[str, Any]:
    """Run :func:`base_training.pretrain.pretrain` elsewhere.

    Args:
        stage, model, data, out, seed: As there.
        progress: Is told the fields of each :class:`~base_training.pretrain.PretrainProgress`.
        timeout_s: Longest silence, from one report to the next.

    Returns:
        The fields of its :class:`~base_training.pretrain.PretrainReport`.

    Raises:
        InputError: As there.
        TimeoutError: No progress in time; the process was killed.
        ProcessError: It died; the message ends with what it last wrote.
    """
    job = {
        "stage": stage.model_dump(mode="json"),
        "model": model.model_dump(mode="json"),
        "data": data.model_dump(mode="json"),
        "out": str(out),
        "seed": seed,
    }
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=os.environ | {"OMP_NUM_THREADS": str(stage.engine.threads)},
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(job).encode())
            process.stdin.close()
            for kind, content in _messages(process.stdout, timeout_s):
                if kind == _PROGRESS:
                    progress(content)
                elif kind == _REPORT:
                    return content
                else:
                    raise InputError(content)
            code = process.wait(timeout_s)
            raise ProcessError(f"pretraining died with code {code}: {_end_of(complaints)}")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def _messages(lines: IO[bytes], timeout_s: float) -> Iterator[tuple[str, Any]]:
    """What comes line by line, until the end; lines that libraries print are no messages."""
    arrived: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def read() -> None:
        for line in lines:
            arrived.put(line)
        arrived.put(None)

    threading.Thread(target=read, name="pretrain-output", daemon=True).start()
    while True:
        try:
            line = arrived.get(timeout=timeout_s)
        except queue.Empty:
            raise TimeoutError(f"waited {timeout_s:g} s for pretraining to report progress") from None
        if line is None:
            return
        if line.startswith(_MARK):
            yield json.loads(line.removeprefix(_MARK))


def _end_of(file: IO[bytes], characters: int = 2000) -> str:
    file.seek(0)
    return file.read().decode(errors="replace").strip()[-characters:]


def main() -> None:
    """Do the job that standard input describes."""
    job = json.load(sys.stdin)

    def tell(kind: str, content: Any) -> None:
        sys.stdout.buffer.write(_MARK + json.dumps([kind, content]).encode() + b"\n")
        sys.stdout.flush()

    from base_training.pretrain import pretrain

    try:
        report = pretrain(
            StageSection.model_validate(job["stage"]),
            ModelSection.model_validate(job["model"]),
            DataSection.model_validate(job["data"]),
            Path(job["out"]),
            job["seed"],
            lambda report: tell(_PROGRESS, asdict(report)),
        )
    except InputError as error:
        tell(_ERROR, str(error))
    else:
        tell(_REPORT, asdict(report))


if __name__ == "__main__":
    main()
