from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from beffroi.base.tasks import registry


@pytest.fixture(autouse=True)
def _own_tasks() -> Iterator[None]:
    """Tasks declared by a test are forgotten after it: others read the registry."""
    tables: list[dict[Any, Any]] = [registry.TASKS, registry.PERIODS, registry._by_function]
    kept = [dict(table) for table in tables]
    yield
    for table, before in zip(tables, kept, strict=True):
        table.clear()
        table.update(before)
