"""What the /design page shows: each component on texts of a real town's length."""

from __future__ import annotations

from typing import Any


def context() -> dict[str, Any]:
    return {}
