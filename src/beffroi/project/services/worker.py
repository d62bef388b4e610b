"""The worker: does what was put in after commits, and what comes back periodically."""

from __future__ import annotations

import os
import sys
import threading

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.project.settings")
    threading.excepthook = end_process
    django.setup()
    from beffroi.base.tasks.worker import Worker
    from beffroi.project.configuration import value

    Worker(threads=int(value("BEFFROI_WORKER_THREADS"))).run()


def end_process(broken: threading.ExceptHookArgs) -> None:
    """A thread that breaks must not leave half a service behind: the supervisor starts it anew."""
    sys.excepthook(broken.exc_type, broken.exc_value or broken.exc_type(), broken.exc_traceback)
    os._exit(1)


if __name__ == "__main__":
    main()
