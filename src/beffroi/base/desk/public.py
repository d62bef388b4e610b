"""What a room needs to put its work on the agents' desk."""

from beffroi.base.desk.work import WorkItem, WorkSource, register_work

__all__ = ["WorkItem", "WorkSource", "register_work"]
