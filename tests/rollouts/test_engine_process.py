"""Engines end with the worker that they were made for, even when it is killed."""

import os
import signal
import subprocess
import sys
import time

import psutil

WORKER = """
import multiprocessing, time
from rollouts import engine_process
engine_process._IMPORTS_AHEAD = ["rollouts.engine_lifetime"]
engine_process.import_ahead()
engine = multiprocessing.get_context("forkserver").Process(target=time.sleep, args=(600,))
engine.start()
print(engine.pid, flush=True)
time.sleep(600)
"""


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_an_engine_ends_when_its_worker_is_killed() -> None:
    worker = subprocess.Popen([sys.executable, "-c", WORKER], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    engine = int(worker.stdout.readline())
    assert not gone(engine)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    end = time.monotonic() + 30
    while not gone(engine) and time.monotonic() < end:
        time.sleep(0.1)
    assert gone(engine)
