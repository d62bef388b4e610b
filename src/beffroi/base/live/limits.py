"""What one address may take: connections at once and requests per second.

A whole IPv6 /64 counts as one address, since that is what one subscriber line receives.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Comma-separated addresses and networks; ValueError names what is neither."""
    return tuple(
        ipaddress.ip_network(item.strip(), strict=False) for item in text.split(",") if item.strip()
    )


class Addresses:
    """A set of networks, remembering its answers because the same few addresses come back."""

    def __init__(self, members: Iterable[Network]) -> None:
        self._networks = tuple(members)
        self._answers: dict[str, bool] = {}

    def __contains__(self, address: str) -> bool:
        answer = self._answers.get(address)
        if answer is None:
            answer = self._look(address)
            if len(self._answers) > 10_000:
                self._answers.clear()
            self._answers[address] = answer
        return answer

    def _look(self, address: str) -> bool:
        parsed = parse_address(address)
        return parsed is not None and any(parsed in network for network in self._networks)


def parse_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address without its zone, IPv4 written as IPv6 turned back; None when it is none."""
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


def line_of(address: str) -> str:
    """The address, or its /64 for IPv6: the unit that limits count."""
    if ":" not in address:
        return address
    parsed = parse_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return str(parsed or address)


class AddressLimits:
    """Counts connections and paces requests; one number per address and kind.

    Pacing is the generic cell rate algorithm: for each address the instant until which its
    allowance is used up. It behaves as a bucket of `burst` tokens refilled at `rate` per second.
    """

    def __init__(self, connections: int, rate: float, burst: int, unlimited: Addresses) -> None:
        self._connections = connections
        self._cost = 1 / rate
        self._depth = burst / rate
        self._unlimited = unlimited
        self._open: dict[str, int] = {}
        self._used_until: dict[str, float] = {}

    def enter(self, address: str) -> bool:
        """Count one more connection, or say no."""
        if address in self._unlimited:
            return True
        line = line_of(address)
        count = self._open.get(line, 0)
        if count >= self._connections:
            return False
        self._open[line] = count + 1
        return True

    def leave(self, address: str) -> None:
        if address in self._unlimited:
            return
        line = line_of(address)
        count = self._open.get(line, 0) - 1
        if count > 0:
            self._open[line] = count
        else:
            self._open.pop(line, None)

    def wait_before_request(self, address: str, now: float) -> float:
        """0 when the request may pass, else the seconds to wait. `now` is a monotonic clock."""
        if address in self._unlimited:
            return 0.0
        line = line_of(address)
        used_until = max(self._used_until.get(line, now), now) + self._cost
        excess = used_until - now - self._depth
        if excess > 1e-9:
            return excess
        self._used_until[line] = used_until
        return 0.0

    def forget_idle(self, now: float) -> None:
        """Drop the addresses whose allowance is whole again."""
        self._used_until = {line: until for line, until in self._used_until.items() if until > now}
