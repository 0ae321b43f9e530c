"""The caller's side: starts a zygote, gives it executions, replaces it when it dies."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import weakref
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rewards.errors import VerifierError
from rewards.sandbox.bubblewrap import bubblewrap_command
from rewards.sandbox.cgroup import ControlGroup
from rewards.sandbox.frames import REPORT, WALL, FrameError, receive_frame, send_frame
from rewards.sandbox.isolation import KINDS, Isolation, candidates
from rewards.sandbox.limits import FIRST_UID, MIB, Limits

START_TIMEOUT_S = 60.0
GRACE_S = 10.0
"""Beyond an execution's wall clock, until a zygote counts as hung."""


class SandboxError(VerifierError):
    """No execution is possible here, or the sandbox itself failed; the code under test is not to blame."""


@dataclass(frozen=True, slots=True)
class Execution:
    """What became of one execution.

    Attributes:
        answers: What the guest sent, in order.
        timed_out: Whether its wall clock ran out.
        status: The guest's exit code, or minus the signal that ended it.
        garbled: Whether the guest sent what could not be read; then it was ended.
        wall_s: How long it took.
        cpu_s: Processor time of the guest and of children that it waited for.
    """

    answers: tuple[Any, ...]
    timed_out: bool
    status: int
    garbled: bool
    wall_s: float
    cpu_s: float


class Sandbox:
    """Runs one guest, again and again, each time in a fresh cell.

    A guest is a function ``guest(cell)`` of a module that imports nothing but the standard library and
    `rewards.sandbox`. Not safe for threads: have one sandbox for each.

    Args:
        guest: ``"package.module:function"``.
        isolation: One of `KINDS`, or ``"auto"``: the strongest that works here, but never ``"none"``.
        limits: Bounds of all executions; memory and processes bind those of a control group too.

    Raises:
        SandboxError: ``isolation`` is unknown.
    """

    def __init__(self, guest: str, isolation: str = "auto", limits: Limits | None = None) -> None:
        if isolation not in ("auto", *KINDS):
            raise SandboxError(f'isolation: there is no "{isolation}"; choose auto, {", ".join(KINDS)}')
        self._guest = guest
        self._wanted = isolation
        self._limits = limits or Limits()
        self._runner: _Zygote | _Bubblewrap | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def isolation(self) -> Isolation:
        """The kind in force; starts the sandbox if need be."""
        return self.start().isolation

    @property
    def has_cgroup(self) -> bool:
        """Whether a control group bounds all processes of an execution together."""
        return self.start().cgroup is not None

    def start(self) -> "_Zygote | _Bubblewrap":
        """Gets ready, if it isn't.

        Raises:
            SandboxError: No safe isolation works here; the message tells what was tried and what to do.
        """
        if self._runner is not None:
            return self._runner
        kinds = candidates() if self._wanted == "auto" else [kind for kind in KINDS if kind == self._wanted]
        refusals = []
        for kind in kinds:
            try:
                self._runner = (_Bubblewrap if kind == "bubblewrap" else _Zygote)(self._guest, kind, self._limits)
                return self._runner
            except SandboxError as error:
                refusals.append(f"{kind}: {error}")
        tried = "; ".join(refusals) or "none is known for this system"
        raise SandboxError(
            f"no isolation works here, and code is not run without ({tried}). Allow user namespaces, install "
            'bubblewrap, or accept the risk with isolation "none"; rlvr sandbox doctor tells more'
        )

    def run(self, frames: Sequence[Any], limits: Limits | None = None) -> Execution:
        """Has the guest run once.

        Args:
            frames: What it is sent, each as JSON.
            limits: Tighter ones than the sandbox's, for this execution.

        Raises:
            SandboxError: The sandbox failed, and again after a restart.
        """
        limits = limits or self._limits
        try:
            return self.start().run(frames, limits)
        except _Broken:
            self.close()
        try:
            return self.start().run(frames, limits)
        except _Broken as error:
            self.close()
            raise SandboxError(f"the sandbox died twice on the same execution: {error}") from error

    def close(self) -> None:
        """Ends the zygote and all that it started."""
        if self._runner is not None:
            self._runner.close()
            self._runner = None


class _Broken(Exception):
    """The zygote ended or hung."""


class _Zygote:
    def __init__(self, guest: str, isolation: Isolation, limits: Limits) -> None:
        self.isolation = isolation
        self.cgroup = _control_group(limits)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *PYTHON_FLAGS, "-m", "rewards.sandbox.zygote", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # an interrupt from the keyboard is for the caller alone
                env=ENVIRONMENT | {"PYTHONPATH": str(PACKAGES)},
                cwd="/",
            )
        self._control = ours
        self._end = weakref.finalize(self, _end, self._process, ours, self.cgroup)
        try:
            if self.cgroup is not None:
                self.cgroup.add(self._process.pid)
            ours.settimeout(START_TIMEOUT_S)
            setup = {
                "guest": guest,
                "isolation": isolation,
                "cgroup": self.cgroup is not None,
                "file_mb": limits.file_mb,
            }
            ours.send(json.dumps(setup).encode())
            answer = ours.recv(1 << 16)
        except OSError as error:
            self.close()
            raise SandboxError(f"its process did not start within {START_TIMEOUT_S:.0f} s: {error}") from error
        told = json.loads(answer) if answer else {"error": "its process ended at start"}
        if "error" in told:
            self.close()
            raise SandboxError(told["error"])

    @property
    def pid(self) -> int:
        """Of the zygote."""
        return self._process.pid

    def run(self, frames: Sequence[Any], limits: Limits) -> Execution:
        ours, theirs = socket.socketpair()
        with ours:
            try:
                with theirs:
                    message = WALL.pack(limits.wall_s) + json.dumps(asdict(limits)).encode()
                    socket.send_fds(self._control, [message], [theirs.fileno()])
                answers, garbled = _talk(ours, frames, limits)
                self._control.settimeout(limits.wall_s + GRACE_S)
                report = self._control.recv(REPORT.size)
            except OSError as error:
                raise _Broken(str(error)) from error
        if not report:
            raise _Broken("its zygote ended")
        timed_out, status, wall_s, cpu_s = REPORT.unpack(report)
        return Execution(answers, timed_out, status, garbled, wall_s, cpu_s)

    def close(self) -> None:
        self._end()


class _Bubblewrap:
    """A fresh interpreter in bwrap for each execution: slower, but where bwrap may, this works."""

    cgroup = None
    isolation: Isolation = "bubblewrap"

    def __init__(self, guest: str, isolation: Isolation, limits: Limits) -> None:
        self._guest = guest
        probe = self.run([], limits, guest="rewards.sandbox.once:nothing")
        if probe.status != 0:
            raise SandboxError(f"bwrap ended with {probe.status}")

    def run(self, frames: Sequence[Any], limits: Limits, guest: str | None = None) -> Execution:
        import time

        ours, theirs = socket.socketpair()
        began = time.monotonic()
        command = bubblewrap_command(guest or self._guest, theirs.fileno(), limits)
        with ours:
            try:
                with theirs:
                    process = subprocess.Popen(
                        command,
                        pass_fds=[theirs.fileno()],
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        env={},
                        **_other_user(),
                    )
            except OSError as error:
                raise SandboxError(f"bwrap cannot be started: {error}") from error
            try:
                answers, garbled = _talk(ours, frames, limits)
                status, timed_out = process.wait(max(0.05, limits.wall_s - (time.monotonic() - began))), False
            except (subprocess.TimeoutExpired, TimeoutError):
                process.kill()
                status, timed_out, answers, garbled = process.wait(), True, (), False
        return Execution(answers, timed_out, status, garbled, time.monotonic() - began, 0.0)

    def close(self) -> None:
        """Nothing outlives an execution."""


PACKAGES = Path(__file__).resolve().parents[2]
PYTHON_FLAGS = ("-P", "-s", "-S", "-B")
ENVIRONMENT = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "LANG": "C.UTF-8", "HOME": "/tmp", "PATH": os.defpath}
"""Hashes are fixed, so that the same code gives the same answer twice."""


def _talk(connection: socket.socket, frames: Sequence[Any], limits: Limits) -> tuple[tuple[Any, ...], bool]:
    """Sends all frames and reads answers until the guest is gone."""
    connection.settimeout(limits.wall_s + GRACE_S)
    answers: list[Any] = []
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for frame in frames:
            send_frame(connection, frame)
    left = round(limits.output_mb * MIB) * 2
    try:
        while (answer := receive_frame(connection, left)) is not None:
            answers.append(answer)
    except FrameError:
        return tuple(answers), True
    return tuple(answers), False


def _other_user() -> dict[str, Any]:
    """Root has itself replaced, as the kernel bounds no number of processes for it."""
    if os.geteuid() != 0:
        return {}
    uid = FIRST_UID + 2 * (os.getpid() % 2**22)
    return {"user": uid, "group": uid, "extra_groups": []}


def _control_group(limits: Limits) -> ControlGroup | None:
    """One that leaves room for the zygote and the guest beside the code under test."""
    group = ControlGroup.create()
    if group is None:
        return None
    try:
        group.limit(2 * limits.memory_mb + 64, limits.processes + 2)
    except OSError:
        group.remove()
        return None
    return group


def _end(process: subprocess.Popen[bytes], control: socket.socket, group: ControlGroup | None) -> None:
    control.close()
    process.kill()
    process.wait()
    if group is not None:
        group.remove()
