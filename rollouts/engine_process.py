"""Where vLLM's engine process comes from: a server that imports vLLM while the worker does the same."""

import multiprocessing
import os
from collections.abc import Iterable
from multiprocessing import forkserver

import psutil

_IMPORTS_AHEAD = ["rollouts.engine_lifetime", "vllm.v1.engine.core", "vllm.model_executor.models.transformers"]


def import_ahead() -> None:
    """Start the server; call it before vLLM is imported here.

    vLLM starts its engine as a new interpreter, which imports everything a second time: 16 s of a start of 40 s.
    """
    multiprocessing.set_forkserver_preload(_IMPORTS_AHEAD)
    forkserver.ensure_running()


def fork_engines_from_server() -> None:
    """Have vLLM fork its engine process from the server rather than start an interpreter."""
    from vllm.v1.engine import utils

    vars(utils)["get_mp_context"] = lambda: multiprocessing.get_context("forkserver")


def pin_with_children(cores: Iterable[int]) -> None:
    """Keep every thread of this process and of all that it started on these cores."""
    this = psutil.Process()
    for process in [this, *this.children(recursive=True)]:
        for thread in process.threads():
            os.sched_setaffinity(thread.id, cores)
