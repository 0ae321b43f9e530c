"""The most memory that a process and its descendants hold at once."""

import threading
from types import TracebackType
from typing import Self

import psutil

INTERVAL_S = 0.5


class PeakMemory:
    """Samples the proportional set size of a process tree while the block runs; shared pages count once."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peak_gb = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(INTERVAL_S):
            self.peak_gb = max(self.peak_gb, self._now() / 1e9)

    def _now(self) -> int:
        held = 0
        try:
            tree = [root := psutil.Process(self._pid), *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0
        for process in tree:
            try:
                held += process.memory_full_info().pss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return held
