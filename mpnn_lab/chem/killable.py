"""A helper process that answers one request at a time, and is killed when it takes too long."""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock, Timer
from typing import IO, Any
from weakref import WeakSet

from mpnn_lab.chem.embedding_process import read_frame, write_frames

START_SECONDS = 30.0
"""How long the process may take to come up: a busy machine is not a hanging molecule."""


class HelperError(Exception):
    """The process gave no answer; the text says why, as the end of a sentence."""


class KillableProcess:
    """A Python program kept running between requests, started when first asked.

    Requests of several threads wait for one another. However this process ends, its helper ends
    too: its input is closed then. A process forked from this one starts a helper of its own.

    Parameters
    ----------
    program : path of the Python file to run: it says ``ready``, then answers every request, all
        in the frames of `embedding_process`.

    Attributes
    ----------
    starts : how many times the program was started.
    """

    def __init__(self, program: Path) -> None:
        self.program, self.starts = program, 0
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        _all.add(self)

    @property
    def pid(self) -> int | None:
        """The helper's number; None while there is none."""
        process = self._process
        return None if process is None else process.pid

    def ask(self, *frames: bytes, seconds: float) -> tuple[bytes, bytes]:
        """Send a request, and give the two frames of its answer.

        Raises
        ------
        HelperError
            If the helper took more than `seconds`, ended by itself, or could not be started. The
            next request starts it anew.
        """
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()
            found, late = self._within(seconds, lambda pipes: _exchange(pipes, frames))
            if found is not None:
                first, second = found
                return first, second
            code = self.end()
            if _ending.is_set():
                # A daemon thread that went on into RDKit or torch would be torn out of it.
                Event().wait()
            if late:
                raise HelperError(f"it took more than {seconds:g} s and was stopped")
            raise HelperError(f"the process that works it out ended by itself (exit code {code})")

    def end(self) -> int | None:
        """Kill the helper, if there is one; its exit code."""
        process, self._process = self._process, None
        if process is None:
            return None
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                _open(pipe).close()
        return process.wait()

    def _start(self) -> None:
        self.end()
        # The same packages as here, wherever they come from; not the program's own folder (-P).
        path = os.pathsep.join(folder for folder in sys.path if folder)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(self.program)],
                bufsize=0,  # buffers would be shared with forked copies of this process
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
            )
        except OSError as fault:
            raise HelperError(f"no process could be started for it: {fault.strerror}") from fault
        self.starts += 1
        up, _ = self._within(START_SECONDS, lambda pipes: read_frame(pipes[1]))
        if up != b"ready":
            raise HelperError(
                f"the process that works it out did not start (exit code {self.end()})"
            )

    def _within(self, seconds: float, talk: Callable[[Any], Any]) -> tuple[Any, bool]:
        """What `talk` gives, None where the helper ends meanwhile; and whether time ran out."""
        process = self._process
        assert process is not None
        timer = _Deadline(seconds, process)
        try:
            said = talk((_open(process.stdin), _open(process.stdout)))
        except OSError:
            said = None
        except BaseException:  # an interrupt: the next answer would be this request's
            self.end()
            raise
        finally:
            timer.cancel()
        if timer.passed and said is not None:  # in the last moment: an answer, but no helper left
            self.end()
        return said, timer.passed

    def forget(self) -> None:
        """Let go of the helper without ending it: in a forked process it is the parent's."""
        process, self._process = self._process, None
        self._lock = Lock()
        if process is not None:
            process.returncode = 0  # not ours to wait for
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    _open(pipe).close()


class _Deadline(Timer):
    """Kills a process when its time has passed, unless cancelled."""

    def __init__(self, seconds: float, process: subprocess.Popen[bytes]) -> None:
        super().__init__(seconds, self._kill)
        self.daemon, self.passed, self._process = True, False, process
        self.start()

    def _kill(self) -> None:
        self.passed = True
        self._process.kill()


def _exchange(pipes: tuple[Any, Any], frames: tuple[bytes, ...]) -> tuple[bytes, bytes] | None:
    write_frames(pipes[0], *frames)
    first = read_frame(pipes[1])
    second = None if first is None else read_frame(pipes[1])
    return None if first is None or second is None else (first, second)


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


_all: WeakSet[KillableProcess] = WeakSet()
_ending = Event()
"""Whether the interpreter is on its way out: who still waits for an answer is a daemon thread."""


def _end_all() -> None:
    _ending.set()
    for process in list(_all):
        process.end()  # without its lock: whoever waits for an answer gets none any more


def _forget_all() -> None:
    for process in list(_all):
        process.forget()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
