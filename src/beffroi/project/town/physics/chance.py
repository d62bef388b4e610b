"""Chance that depends on the seed, the name of the stream and the instant, and on nothing else.

A counter-based generator (SplitMix64's finalizer over the slot number) instead of a sequence:
any instant can be asked for, in any order, and gives the same value again.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Seconds = NDArray[np.float64]
"""Unix time in seconds, UTC."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def stream(seed: int, name: str) -> np.uint64:
    """The starting point of one named stream of chance."""
    digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "big"))


def uniform(seed: int, name: str, slots: NDArray[np.int64]) -> Floats:
    """One number in [0, 1) per slot; shape of `slots`."""
    with np.errstate(over="ignore"):
        bits = np.asarray(slots).astype(np.uint64) * _GOLDEN + stream(seed, name)
        bits = (bits ^ (bits >> np.uint64(30))) * _MIX_1
        bits = (bits ^ (bits >> np.uint64(27))) * _MIX_2
        bits = bits ^ (bits >> np.uint64(31))
    return (bits >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def normal(seed: int, name: str, slots: NDArray[np.int64]) -> Floats:
    """One standard normal number per slot (Box and Muller)."""
    first = 1.0 - uniform(seed, f"{name}/radius", slots)
    second = uniform(seed, f"{name}/angle", slots)
    return np.asarray(np.sqrt(-2.0 * np.log(first)) * np.cos(2.0 * np.pi * second))


def smooth(seed: int, name: str, seconds: Seconds, period: float) -> Floats:
    """Continuous noise of unit variance whose values lose their memory after `period` seconds."""
    position = np.asarray(seconds, dtype=np.float64) / period
    slots = np.floor(position).astype(np.int64)
    fraction = position - slots
    weight = fraction * fraction * (3.0 - 2.0 * fraction)
    left, right = normal(seed, name, slots), normal(seed, name, slots + 1)
    return np.asarray(
        (left * (1.0 - weight) + right * weight) / np.sqrt(weight**2 + (1.0 - weight) ** 2)
    )
