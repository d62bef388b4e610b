from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.base.live.limits import Addresses, AddressLimits, line_of, networks


def limits(
    connections: int = 2, rate: float = 10.0, burst: int = 5, unlimited: str = "127.0.0.0/8"
) -> AddressLimits:
    return AddressLimits(connections, rate, burst, Addresses(networks(unlimited)))


def test_connections_are_counted_per_address() -> None:
    counted = limits()
    assert counted.enter("192.0.2.1")
    assert counted.enter("192.0.2.1")
    assert not counted.enter("192.0.2.1")
    assert counted.enter("192.0.2.2")
    counted.leave("192.0.2.1")
    assert counted.enter("192.0.2.1")


def test_a_line_of_ipv6_counts_once_and_mapped_ipv4_is_ipv4() -> None:
    assert line_of("2001:db8::1") == line_of("2001:db8::ffff:1")
    assert line_of("2001:db8::1") != line_of("2001:db8:0:1::1")
    assert line_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert line_of("fe80::1%eth0") == line_of("fe80::2")
    assert "::ffff:127.0.0.1" in Addresses(networks("127.0.0.1"))


def test_a_burst_passes_then_the_rate() -> None:
    paced = limits()
    waits = [paced.wait_before_request("192.0.2.1", 100.0) for _ in range(6)]
    assert waits[:5] == [0.0] * 5
    assert waits[5] == pytest.approx(0.1)
    assert paced.wait_before_request("192.0.2.1", 100.0 + waits[5]) == 0.0
    assert paced.wait_before_request("192.0.2.2", 100.0) == 0.0


def test_the_unlimited_are_not_counted() -> None:
    free = limits(connections=1, burst=1)
    assert all(free.enter("127.0.0.1") for _ in range(100))
    assert not any(free.wait_before_request("127.0.0.1", 1.0) for _ in range(100))
    free.leave("127.0.0.1")


def test_what_is_idle_is_forgotten() -> None:
    paced = limits()
    paced.wait_before_request("192.0.2.1", 100.0)
    paced.forget_idle(200.0)
    assert not paced._used_until


def test_addresses_that_are_none() -> None:
    with pytest.raises(ValueError, match=r"not-an-address"):
        networks("127.0.0.1, not-an-address")
    assert "nonsense" not in Addresses(networks("0.0.0.0/0"))
    assert networks(" ,") == ()


@given(st.lists(st.floats(0, 2), min_size=1, max_size=200))
def test_never_more_than_burst_plus_rate(steps: list[float]) -> None:
    paced = limits(rate=10, burst=5)
    now, passed = 100.0, 0
    for step in steps:
        now += step
        passed += paced.wait_before_request("192.0.2.1", now) == 0.0
    assert passed <= 5 + 10 * (now - 100.0) + 1
