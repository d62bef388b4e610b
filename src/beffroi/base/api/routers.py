from __future__ import annotations

from ninja import Router


def room_router() -> Router:
    """The router that a room's `api.py` fills; it is mounted under `/api/v1/<room>/`."""
    return Router()
