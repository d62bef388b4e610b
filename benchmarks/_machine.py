"""What the machine did meanwhile: a figure without it says little."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Machine:
    """The counters of /proc/stat at one moment, in ticks."""

    total: int
    idle: int
    steal: int

    @classmethod
    def now(cls) -> Machine:
        fields = [
            int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
        ]
        # user nice system idle iowait irq softirq steal; guest times are in user already
        return cls(sum(fields[:8]), fields[3] + fields[4], fields[7])

    def until_now(self) -> dict[str, Any]:
        """Load, busy and steal of the whole machine since this moment."""
        now = Machine.now()
        total = max(1, now.total - self.total)
        return {
            "cores": os.cpu_count(),
            "load": os.getloadavg()[0],
            "busy_percent": round(100 * (1 - (now.idle - self.idle) / total), 1),
            "steal_percent": round(100 * (now.steal - self.steal) / total, 2),
        }
