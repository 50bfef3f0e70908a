"""Random numbers addressed by (seed, stream, month, entity), never by call order.

A draw is a pure function of its address, so a run does not depend on threads or workers, two
scenarios with one seed share their luck (common random numbers), and a new mechanism leaves the
draws of the others alone. The hash is the finaliser of SplitMix64 (Steele, Lea & Flood 2014).
"""

from __future__ import annotations

from enum import IntEnum
from math import cos, log, pi, sqrt
from typing import Any

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from sim.compiled import rule

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_STREAM = np.uint64(0xD1B54A32D192ED03)
_MONTH = np.uint64(0x8CB92BA72F3D8DD7)
_30, _27, _31, _12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)


class Stream(IntEnum):
    """One stream per decision. Numbers are part of the address: never reuse or reorder them."""

    ENTRY = 0
    NETWORK = 1
    TASTE = 2
    VISIT = 3
    CLERK = 4
    ENQUIRY = 5
    APPROACH = 6
    SIGNAL = 7
    CLASS = 8
    BRAND = 9
    ERROR = 10
    DROP_OUT = 11
    AGENT = 12
    AGENT_FIRM = 13
    AGENT_CLASS = 14
    COOLING_OFF = 15
    DISCOVERY = 16
    COMPLAINT = 17
    RESOLUTION = 18
    ACCIDENT = 19
    ILLNESS = 20
    EXIT = 21
    CONTACT = 22
    DEATH = 23
    RATES = 24
    CLERK_TRAITS = 25
    FIRM_TRAITS = 26
    RENEWAL = 27
    SHELF_ORDER = 28
    SECURITY = 29
    BREACH = 30
    SUPERVISION = 31
    CONFLICT = 32
    STRATEGY = 33
    OPERATIONS = 34


N_STREAMS = len(Stream)


@rule
def _mix(z: Any) -> Any:
    """Finaliser of SplitMix64: a bijection of 64-bit words with full avalanche."""
    z = (z ^ (z >> _30)) * _FIRST
    z = (z ^ (z >> _27)) * _SECOND
    return z ^ (z >> _31)


@rule
def stream_key(seed: int, stream: int, month: int) -> Any:
    """Key of one stream in one month; ``month`` may be -1 (the initial state)."""
    word = _mix(uint64(seed) * _GOLDEN + _GOLDEN)
    word = _mix(word + uint64(stream + 1) * _STREAM)
    return _mix(word + uint64(month + 2) * _MONTH)


@rule
def uniform(key: Any, entity: int) -> float:
    """Uniform draw in the open interval (0, 1) of one entity."""
    word = _mix(uint64(key) + uint64(entity + 1) * _GOLDEN)
    # 52 bits: with 53 the largest word would round up to one.
    return (float(word >> _12) + 0.5) * 2.220446049250313e-16


@rule
def normal(key: Any, entity: int) -> float:
    """Standard normal draw (Box & Muller 1958) from two addresses of the entity."""
    radius = sqrt(-2.0 * log(uniform(key, 2 * entity)))
    return radius * cos(2.0 * pi * uniform(key, 2 * entity + 1))


@rule
def gumbel(key: Any, entity: int) -> float:
    """Standard Gumbel draw: the taste shock of a logit."""
    return -log(-log(uniform(key, entity)))


@rule
def month_keys(seed: int, month: int) -> NDArray[Any]:
    """Keys of all streams in a month, shape (streams,), uint64."""
    keys = np.empty(N_STREAMS, np.uint64)
    for stream in range(N_STREAMS):
        keys[stream] = stream_key(seed, stream, month)
    return keys


@rule
def uniforms(key: Any, size: int) -> NDArray[Any]:
    """Uniform draws of the entities 0 .. size-1, shape (size,)."""
    draws = np.empty(size)
    for entity in range(size):
        draws[entity] = uniform(key, entity)
    return draws


def key_of(seed: int, stream: Stream, month: int) -> np.uint64:
    """``stream_key`` for uncompiled callers.

    Numba hands out plain integers, which it then takes back for signed ones.
    """
    return np.uint64(stream_key(seed, stream, month))
