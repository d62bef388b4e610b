"""Events that the installation itself listens to; found when the applications start."""

from beffroi.project.town import events

__all__ = ["events"]
