"""A supervisor over toy services: one plain, one deaf to TERM, one whose child forks again.

Arguments: the folder of its files. Run by test_supervisor.py in a process of its own.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from beffroi.project.guard import Guard
from beffroi.project.readiness import answers_ok
from beffroi.project.supervisor import Service, Supervisor

PLAIN = """
import os, socket, sys, time
path = sys.argv[1]
if os.path.exists(path): os.unlink(path)
door = socket.socket(socket.AF_UNIX); door.bind(path); door.listen()
print("WARNING plain listens", flush=True)
while True:
    caller, _ = door.accept()
    caller.recv(1000)
    caller.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
    caller.close()
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(3600)"
FORKING = "import os, time; os.fork() and os.fork(); time.sleep(3600)"


async def always() -> bool:
    return True


def main(folder: Path) -> int:
    door = folder / "plain.sock"
    services = [
        Service("plain", (sys.executable, "-c", PLAIN, str(door)), answers_ok(door, "/")),
        Service("deaf", (sys.executable, "-c", DEAF), always),
        Service("forking", (sys.executable, "-c", FORKING), always),
    ]
    guard = Guard()
    supervisor = Supervisor(services, guard, folder / "logs", grace=1.0)
    status = asyncio.run(supervisor.run(lambda: print("ready", flush=True)))  # noqa: T201
    guard.leave()
    return status


sys.exit(main(Path(sys.argv[1])))
