"""The worker: does what was put in after commits, and what comes back periodically."""

from __future__ import annotations

import django


def main() -> None:
    django.setup()
    from beffroi.base.tasks.worker import Worker
    from beffroi.project.configuration import value

    Worker(threads=int(value("BEFFROI_WORKER_THREADS"))).run()


if __name__ == "__main__":
    main()
