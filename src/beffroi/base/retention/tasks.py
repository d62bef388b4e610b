from __future__ import annotations

from beffroi.base.tasks.public import every

from .actions import sweep


@every("retention.sweep", seconds=24 * 3600)
def sweep_all() -> None:
    """Remove what has been kept long enough."""
    sweep()
