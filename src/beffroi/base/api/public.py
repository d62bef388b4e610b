"""What each room's `api.py` is made of: its router, its documented errors, its authentication."""

from .authentication import api_key, session_or_key
from .problems import Conflict, Problem, Unprocessable, errors
from .routers import room_router

__all__ = [
    "Conflict",
    "Problem",
    "Unprocessable",
    "api_key",
    "errors",
    "room_router",
    "session_or_key",
]
