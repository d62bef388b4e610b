"""The store of one machine: the promises of all stores, and those of its files."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from beffroi.sustainable.territory.objects.engine.buckets import month_of
from beffroi.sustainable.territory.objects.telemetry import (
    EmbeddedStore,
    Readings,
    StoreUnavailable,
)

from .store_conformance import FOREVER, HOUR, StoreConformance, ms


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path / "telemetry")
    yield opened
    opened.close()


class TestEmbeddedStore(StoreConformance):
    pass


def test_a_commit_is_on_the_disk_and_the_file_is_a_month(store: EmbeddedStore) -> None:
    store.upsert(Readings.of([(1, ms(2026, 11, 24), 1.0)]), 0)
    (path,) = store.folder.glob("*.sqlite3")
    assert path.name == "2026-11.sqlite3"
    with sqlite3.connect(path) as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store._open((2026 - 1970) * 12 + 10).execute("PRAGMA synchronous").fetchone() == (2,)


def test_threads_write_the_same_month_without_loss(store: EmbeddedStore) -> None:
    def write(number: int) -> None:
        for place in range(20):
            store.upsert(Readings.of([(number, ms(2026, 11, 1) + place * HOUR, float(place))]), 0)
        store.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(store.read(number, 0, FOREVER)) for number in range(4)] == [20] * 4


def test_a_full_disk_keeps_nothing_of_the_batch_and_says_so(store: EmbeddedStore) -> None:
    store.upsert(Readings.of([(1, ms(2026, 11, 1), 1.0)]), 0)
    pages = store._open(month_of(np.array([ms(2026, 11, 1)]))[0])
    pages.execute("PRAGMA max_page_count = 8")
    many = Readings.of([(2, ms(2026, 11, 1) + place, 1.0) for place in range(5_000)])
    with pytest.raises(StoreUnavailable, match="full"):
        store.upsert(many, 0)
    assert len(store.read(2, 0, FOREVER)) == 0
    pages.execute("PRAGMA max_page_count = 1000000")
    assert store.upsert(many, 0).inserted == 5_000


def _write_for_ever(folder: str, acknowledged: str) -> None:
    store = EmbeddedStore(folder)
    with open(acknowledged, "ab", buffering=0) as file:
        for batch in range(1_000_000):
            first = ms(2026, 11, 1) + batch * 100_000
            store.upsert(
                Readings.of([(1, first + place * 1000, float(batch)) for place in range(100)]), 0
            )
            file.write(b".")


@pytest.mark.faults
def test_kill_9_loses_no_acknowledged_batch_and_keeps_no_half(tmp_path: Path) -> None:
    folder, acknowledged = tmp_path / "telemetry", tmp_path / "acknowledged"
    acknowledged.touch()
    context = multiprocessing.get_context("spawn")
    for _ in range(3):
        before = acknowledged.stat().st_size
        writer = context.Process(target=_write_for_ever, args=(str(folder), str(acknowledged)))
        writer.start()
        deadline = time.monotonic() + 60
        while acknowledged.stat().st_size < before + 20 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert writer.pid
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
    store = EmbeddedStore(folder)
    readings = store.read(1, 0, FOREVER)
    assert len(readings) % 100 == 0
    assert len(readings) >= 20 * 100
    store.close()
