"""What every telemetry store must do. A store's own test class inherits this one and gives `store`."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from beffroi.sustainable.territory.objects.telemetry import Readings, TelemetryStore, Written

PARIS = ZoneInfo("Europe/Paris")
HOUR = 3_600_000
FOREVER = 2**52


def ms(*moment: int) -> int:
    return round(datetime(*moment, tzinfo=UTC).timestamp() * 1000)  # type: ignore[arg-type, misc]


class StoreConformance:
    def test_readings_come_back_by_time_and_only_those_of_the_series(
        self, store: TelemetryStore
    ) -> None:
        noon = ms(2026, 11, 24, 12)
        store.upsert(Readings.of([(1, noon + HOUR, 2.5), (1, noon, 1.5), (2, noon, 9.0)]), noon)
        found = store.read(1, 0, FOREVER)
        assert found.times.tolist() == [noon, noon + HOUR]
        assert found.values.tolist() == [1.5, 2.5]
        assert len(store.read(1, noon, noon + HOUR)) == 1
        assert len(store.read(3, 0, FOREVER)) == 0

    def test_months_are_one_series(self, store: TelemetryStore) -> None:
        rows = [(1, ms(2026, month, 1), float(month)) for month in range(1, 13)]
        assert store.upsert(Readings.of(rows), 0) == Written(12, 0)
        assert store.read(1, ms(2026, 3, 1), ms(2026, 6, 1)).values.tolist() == [3.0, 4.0, 5.0]
        assert store.span(1) == (ms(2026, 1, 1), ms(2026, 12, 1))

    def test_the_same_rows_twice_change_nothing(self, store: TelemetryStore) -> None:
        rows = Readings.of([(1, HOUR * place, place / 3) for place in range(50)])
        assert store.upsert(rows, 1000) == Written(50, 0)
        assert store.upsert(rows, 2000) == Written(0, 0)
        assert store.corrections(1, 0, FOREVER) == []

    def test_a_corrected_value_leaves_the_former_one_readable(self, store: TelemetryStore) -> None:
        noon = ms(2026, 11, 24, 12)
        store.upsert(Readings.of([(1, noon, 1.0)]), noon)
        assert store.upsert(Readings.of([(1, noon, 4.0)]), noon + 5) == Written(0, 1)
        assert store.read(1, 0, FOREVER).values.tolist() == [4.0]
        (correction,) = store.corrections(1, 0, FOREVER)
        assert (correction.former, correction.received, correction.replaced) == (
            1.0,
            noon,
            noon + 5,
        )

    def test_of_two_rows_of_one_key_the_later_wins(self, store: TelemetryStore) -> None:
        store.upsert(Readings.of([(1, HOUR, 1.0), (1, HOUR, 2.0)]), 0)
        assert store.read(1, 0, FOREVER).values.tolist() == [2.0]

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
    def test_what_is_not_finite_is_refused_whole(self, store: TelemetryStore, value: float) -> None:
        with pytest.raises(ValueError, match="finite"):
            store.upsert(Readings.of([(1, HOUR, 1.0), (1, 2 * HOUR, value)]), 0)
        assert len(store.read(1, 0, FOREVER)) == 0

    def test_the_last_value_of_each_series(self, store: TelemetryStore) -> None:
        store.upsert(
            Readings.of(
                [(1, ms(2026, 1, 1), 1.0), (2, ms(2026, 5, 1), 2.0), (1, ms(2026, 3, 1), 3.0)]
            ),
            0,
        )
        assert store.latest([1, 2, 3]) == {1: (ms(2026, 3, 1), 3.0), 2: (ms(2026, 5, 1), 2.0)}
        assert store.span(3) is None

    def test_values_come_back_to_the_last_bit(self, store: TelemetryStore) -> None:
        values = [0.1, 1 / 3, -2.5e-300, 1.7976931348623157e308, 0.0]
        store.upsert(
            Readings.of([(1, HOUR * place, value) for place, value in enumerate(values)]), 0
        )
        assert store.read(1, 0, FOREVER).values.tolist() == values

    @pytest.mark.parametrize(
        ("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 11, 24), 24)]
    )
    def test_a_local_day_has_its_own_number_of_hours(
        self, store: TelemetryStore, day: tuple[int, int, int], hours: int
    ) -> None:
        start = round(datetime(*day, tzinfo=PARIS).timestamp() * 1000)
        times = np.arange(start - 3 * HOUR, start + 30 * HOUR, HOUR // 4)
        store.upsert(Readings(np.ones(len(times), np.int64), times, (times % 7).astype(float)), 0)
        days = store.aggregate(1, start, start + 1, "day", PARIS)
        assert (days.starts.tolist(), days.count.tolist()) == ([start], [hours * 4])
        by_hour = store.aggregate(1, start, start + 1, 3600, PARIS)
        assert by_hour.count.tolist() == [4] * hours

    def test_aggregates_are_those_of_the_readings(self, store: TelemetryStore) -> None:
        start = ms(2026, 11, 24, 12)
        store.upsert(
            Readings.of([(1, start, 1.0), (1, start + 1000, 4.0), (1, start + 2 * HOUR, 7.0)]), 0
        )
        found = store.aggregate(1, start, start + 3 * HOUR, 3600, PARIS)
        assert found.starts.tolist() == [start, start + 2 * HOUR]
        assert found.minimum.tolist() == [1.0, 7.0]
        assert found.mean.tolist() == [2.5, 7.0]
        assert found.maximum.tolist() == [4.0, 7.0]
        assert len(store.aggregate(2, start, start + HOUR, "month", PARIS).starts) == 0

    def test_whole_old_chunks_are_dropped_and_nothing_younger(self, store: TelemetryStore) -> None:
        store.upsert(
            Readings.of([(1, ms(2025, month, 15), float(month)) for month in range(1, 6)]), 0
        )
        assert len(store.forget_before(ms(2025, 3, 20))) == 2
        assert store.read(1, 0, FOREVER).values.tolist() == [3.0, 4.0, 5.0]
        store.upsert(Readings.of([(1, ms(2025, 1, 15), 8.0)]), 0)
        assert store.read(1, 0, FOREVER).values.tolist() == [8.0, 3.0, 4.0, 5.0]
