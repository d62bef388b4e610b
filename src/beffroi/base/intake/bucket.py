"""A token bucket: so many messages at once, then so many per second. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """`rate` per second for long, `burst` at once. Times in seconds of any steady clock."""

    rate: float
    burst: float
    filled_at: float
    level: float = -1.0

    def __post_init__(self) -> None:
        if self.level < 0:
            self.level = self.burst

    def allows(self, now: float) -> bool:
        """One more message may pass."""
        if now > self.filled_at:
            self.level = min(self.burst, self.level + (now - self.filled_at) * self.rate)
            self.filled_at = now
        return self.level >= 1

    def take(self, now: float) -> None:
        """Count one message that passed."""
        self.allows(now)
        self.level -= 1

    def wait_for(self, count: float) -> float:
        """Seconds until `count` messages may pass (at most one burst)."""
        return max(0.0, (min(count, self.burst) - self.level) / self.rate)
