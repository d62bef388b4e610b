"""What makes sure that nothing outlives the supervisor, not even after kill -9.

Two nets. Each service asks the kernel to be killed with its parent; that flag is not inherited,
so its own children would survive. Hence the guard: a process in a session of its own that knows
every process group, sees the end of the supervisor as the end of a pipe, and kills the groups.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)  # loaded before any fork


def lead_group_and_die_with(parent: int) -> None:
    """To be called in a child between fork and exec."""
    os.setpgid(0, 0)
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # the parent died before the flag was set


def kill_group(group: int, number: int = signal.SIGKILL) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


class Guard:
    """Starts the guard process and tells it which groups live.

    `kept` are descriptors that the guard keeps open as long as it has not finished: the lock of
    the data folder is released only when every process of the town is dead.
    """

    def __init__(self, kept: tuple[int, ...] = ()) -> None:
        self._kept = kept
        self._groups: set[int] = set()
        self._start()

    def add(self, group: int) -> None:
        self._groups.add(group)
        self._tell(b"+%d\n" % group)

    def remove(self, group: int) -> None:
        self._groups.discard(group)
        self._tell(b"-%d\n" % group)

    def leave(self) -> None:
        """The orderly end: the guard finds nothing left to kill."""
        os.close(self._pipe)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)

    def _start(self) -> None:
        reading, self._pipe = os.pipe2(os.O_CLOEXEC)
        self._pid = os.fork()
        if self._pid == 0:
            _guard(reading, self._kept)
        os.close(reading)

    def _tell(self, line: bytes) -> None:
        try:
            os.write(self._pipe, line)
        except BrokenPipeError:
            # Somebody killed the guard: another one takes over with all it has to know.
            os.close(self._pipe)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._pid, 0)
            self._start()
            os.write(self._pipe, b"".join(b"+%d\n" % group for group in self._groups))


def _guard(pipe: int, kept: tuple[int, ...]) -> None:
    """The guard process. Never returns."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    spared = {0, 1, 2, pipe, *kept}
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        if descriptor not in spared:
            with contextlib.suppress(OSError):
                os.close(descriptor)
    groups: set[int] = set()
    unread = b""
    while block := os.read(pipe, 65536):
        *lines, unread = (unread + block).split(b"\n")
        for line in lines:
            (groups.add if line[:1] == b"+" else groups.discard)(int(line[1:]))
    for group in groups:
        kill_group(group)
    os._exit(0)
