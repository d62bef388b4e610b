"""What every store of readings promises. The conformance tests are the other half of this page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ..engine.buckets import Aggregates, Step, aggregate, edges


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings of one series or of many: three arrays of one length.

    `numbers` are those of the datastreams, `times` milliseconds UTC, `values` finite.
    """

    numbers: NDArray[np.int64]
    times: NDArray[np.int64]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.times)

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, float]]) -> Readings:
        numbers, times, values = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(
            np.array(numbers, np.int64), np.array(times, np.int64), np.array(values, np.float64)
        )


@dataclass(frozen=True, slots=True)
class Written:
    """What an upsert changed: a replay of the same rows gives (0, 0)."""

    inserted: int
    corrected: int


@dataclass(frozen=True, slots=True)
class Correction:
    """A value that was replaced: when it had been received and when the new one came."""

    time: int
    former: float
    received: int
    replaced: int


class StoreUnavailable(OSError):
    """The store cannot keep readings at present: disk full, file locked, server away.

    An error of the disk, not of the readings: whoever holds them waits and tries again.
    """


class TelemetryStore(ABC):
    """Readings by (datastream number, time), each kept once.

    An upsert returns when its rows are on disk, or raises and may be repeated: rows already there
    change nothing, a row with another value replaces the former one, which stays readable.
    """

    @abstractmethod
    def upsert(self, rows: Readings, received_ms: int | NDArray[np.int64]) -> Written:
        """Keep the rows, received at one moment or each at its own (ms UTC); of two rows of the
        same key the later in the batch wins.

        Raises ValueError, keeping nothing, when a value is not finite, and StoreUnavailable, having
        kept none of them or whole months of them, when the call must be repeated later.
        """

    @abstractmethod
    def read(self, number: int, start_ms: int, end_ms: int) -> Readings:
        """The readings of one series in [start_ms, end_ms), by ascending time."""

    @abstractmethod
    def latest(self, numbers: Sequence[int]) -> dict[int, tuple[int, float]]:
        """The last (time, value) of each series that has one."""

    @abstractmethod
    def span(self, number: int) -> tuple[int, int] | None:
        """Times of the first and of the last reading of a series; None when it has none."""

    @abstractmethod
    def corrections(self, number: int, start_ms: int, end_ms: int) -> list[Correction]:
        """The values replaced in [start_ms, end_ms), by time then by replacement."""

    @abstractmethod
    def forget_before(self, limit_ms: int) -> list[str]:
        """Drop the whole chunks that end before the limit; returns their names. Never deletes single rows."""

    def aggregate(
        self, number: int, start_ms: int, end_ms: int, step: Step, zone: ZoneInfo
    ) -> Aggregates:
        """Minimum, mean, maximum and count by step of the zone's local days, over the whole steps
        that cover [start_ms, end_ms)."""
        bounds = edges(start_ms, end_ms, step, zone)
        readings = self.read(number, int(bounds[0]), int(bounds[-1]))
        return aggregate(readings.times, readings.values, bounds)
