from __future__ import annotations

from collections.abc import Iterator

import pytest

from beffroi.base.tasks import registry


@pytest.fixture(autouse=True)
def _own_tasks() -> Iterator[None]:
    """Tasks declared by a test are forgotten after it: others read the registry."""
    kept = [dict(table) for table in (registry.TASKS, registry.PERIODS, registry._by_function)]
    yield
    for table, before in zip(
        (registry.TASKS, registry.PERIODS, registry._by_function), kept, strict=True
    ):
        table.clear()
        table.update(before)  # type: ignore[arg-type]
