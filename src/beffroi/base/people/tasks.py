from __future__ import annotations

from beffroi.base.tasks.public import every

from .forgetting import forget_persons, forget_sign_ins


@every("people.forget", seconds=24 * 3600)
def forget() -> None:
    """Delete persons without any matter left, ended sessions and old sign-ins."""
    forget_sign_ins()
    forget_persons()
