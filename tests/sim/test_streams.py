"""Random numbers are a pure function of their address, and good ones.

The draws are fixed, so every statistical test either always passes or always fails. The limits on
p-values leave room for the number of tests made.
"""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from scipy import stats

from sim.streams import (
    N_STREAMS,
    Stream,
    gumbel,
    key_of,
    month_keys,
    normal,
    stream_key,
    uniform,
    uniforms,
)

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15
FIRST, SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
DRAWS = 100_000
#: Addresses that stand for all: a plain one, the initial state, far off, and a large seed.
ADDRESSES = [
    (1, Stream.VISIT, 0),
    (1, Stream.ENTRY, -2),
    (7, Stream.OPERATIONS, 6000),
    (2**40, Stream.SIGNAL, 11),
]


def mix(word: int) -> int:
    """The finaliser of SplitMix64 in whole numbers of any size."""
    word = ((word ^ (word >> 30)) * FIRST) & MASK
    word = ((word ^ (word >> 27)) * SECOND) & MASK
    return word ^ (word >> 31)


def unmix(word: int) -> int:
    """Its inverse."""

    def unshift(value: int, by: int) -> int:
        result = value
        for _ in range(64 // by):
            result = value ^ (result >> by)
        return result

    word = (unshift(word, 31) * pow(SECOND, -1, 2**64)) & MASK
    word = (unshift(word, 27) * pow(FIRST, -1, 2**64)) & MASK
    return unshift(word, 30)


def draws(seed: int, stream: int, month: int, size: int = DRAWS) -> np.ndarray:
    return uniforms(key_of(seed, stream, month), size)


def correlation_limit(size: int) -> float:
    """Five standard errors of the correlation of independent draws."""
    return 5.0 / np.sqrt(size)


@pytest.mark.parametrize(("seed", "stream", "month"), ADDRESSES)
def test_draws_are_those_of_the_published_hash(seed, stream, month):
    word = mix((seed * GOLDEN + GOLDEN) & MASK)
    word = mix((word + (stream + 1) * 0xD1B54A32D192ED03) & MASK)
    key = mix((word + (month + 2) * 0x8CB92BA72F3D8DD7) & MASK)
    assert stream_key(seed, stream, month) == key
    for entity in (0, 1, 12345, 2**33):
        drawn = mix((key + (entity + 1) * GOLDEN) & MASK)
        assert uniform(np.uint64(key), entity) == pytest.approx(drawn / 2**64, rel=0, abs=2**-51)


def test_a_draw_depends_on_nothing_but_its_address():
    key = key_of(3, Stream.CLASS, 5)
    forward = [uniform(key, n) for n in range(500)]
    assert [uniform(key, n) for n in reversed(range(500))] == forward[::-1]
    np.testing.assert_array_equal(uniforms(key, 500), forward)
    assert month_keys(3, 5).tolist() == [stream_key(3, k, 5) for k in range(N_STREAMS)]


def test_stream_numbers_are_never_reused_or_reordered():
    assert [stream.value for stream in Stream] == list(range(N_STREAMS))
    first = "ENTRY NETWORK TASTE VISIT CLERK ENQUIRY APPROACH SIGNAL CLASS BRAND ERROR DROP_OUT"
    assert [stream.name for stream in Stream][:12] == first.split()


def test_the_interval_is_open_at_both_ends():
    """The words that come closest, found by inverting the hash, stay inside."""
    for word in (0, 1, MASK - 1, MASK, 2**63, 2**63 - 1):
        key = np.uint64((unmix(word) - GOLDEN) & MASK)
        assert mix((int(key) + GOLDEN) & MASK) == word
        assert 0.0 < uniform(key, 0) < 1.0, f"word {word:#x}"
        assert np.isfinite(gumbel(key, 0)), f"word {word:#x}"


@pytest.mark.parametrize(("seed", "stream", "month"), ADDRESSES)
def test_uniform(seed, stream, month):
    drawn = draws(seed, stream, month)
    counts = np.bincount((drawn * 200).astype(int), minlength=200)
    assert stats.chisquare(counts).pvalue > 1e-3
    assert stats.kstest(drawn, "uniform").pvalue > 1e-3
    pairs = (drawn[0::2] * 20).astype(int) * 20 + (drawn[1::2] * 20).astype(int)
    assert stats.chisquare(np.bincount(pairs, minlength=400)).pvalue > 1e-3


@pytest.mark.parametrize(("draw", "law"), [(normal, "norm"), (gumbel, "gumbel_r")])
@pytest.mark.parametrize(("seed", "stream", "month"), ADDRESSES)
def test_normal_and_gumbel(draw, law, seed, stream, month):
    key = key_of(seed, stream, month)
    drawn = np.array([draw(key, n) for n in range(DRAWS)])
    assert stats.kstest(drawn, law).pvalue > 1e-3
    for lag in (1, 2, 8):
        assert abs(np.corrcoef(drawn[lag:], drawn[:-lag])[0, 1]) < correlation_limit(DRAWS)


@pytest.mark.parametrize("lag", [1, 2, 3, 4, 5, 7, 8, 16, 64, 1000])
def test_entities_are_uncorrelated(lag):
    for address in ADDRESSES:
        drawn = draws(*address)
        assert abs(np.corrcoef(drawn[lag:], drawn[:-lag])[0, 1]) < correlation_limit(DRAWS)


@pytest.mark.parametrize("neighbours", ["streams", "months", "seeds"])
def test_neighbouring_addresses_are_uncorrelated(neighbours):
    """Every pair of a block of 30 streams, months or seeds that follow one another."""
    size, block = 20_000, range(30)
    sequences = {
        "streams": [draws(1, k, 0, size) for k in block],
        "months": [draws(1, Stream.EXIT, k - 2, size) for k in block],
        "seeds": [draws(k, Stream.EXIT, 0, size) for k in block],
    }[neighbours]
    table = np.corrcoef(sequences) - np.eye(len(block))
    assert np.abs(table).max() < correlation_limit(size)
    for one, other in pairwise(sequences):  # nor shifted against each other
        assert not np.isin(one, other).any()


def test_the_month_of_one_person_is_random_too():
    """One entity over many months: what a customer experiences."""
    keys = [key_of(1, int(Stream.EXIT), month) for month in range(5000)]
    for entity in (0, 1, 19_999):
        drawn = np.array([uniform(key, entity) for key in keys])
        assert stats.kstest(drawn, "uniform").pvalue > 1e-3
        assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < correlation_limit(len(keys))


@pytest.mark.parametrize(
    ("part", "bits"), [("seed", 63), ("stream", 6), ("month", 13), ("entity", 40)]
)
def test_one_bit_of_an_address_flips_half_the_bits_of_the_draw(part, bits):
    """Full avalanche: every bit of the address moves every bit of the draw half of the time."""
    rng = np.random.default_rng(1)
    samples = 400
    names = ("seed", "stream", "month", "entity")
    limits = {"seed": 2**63, "stream": 64, "month": 2**13, "entity": 2**40}
    addresses = [[int(rng.integers(limits[name])) for name in names] for _ in range(samples)]

    def top_bits(address: list[int]) -> list[int]:
        seed, stream, month, entity = address
        word = int(uniform(np.uint64(stream_key(seed, stream, month)), entity) * 2**48)
        return [word >> k & 1 for k in range(48)]

    before = np.array([top_bits(address) for address in addresses])
    place = names.index(part)
    for bit in range(bits):
        flipped = [
            [value ^ (1 << bit) if k == place else value for k, value in enumerate(address)]
            for address in addresses
        ]
        share = (before != np.array([top_bits(address) for address in flipped])).mean(axis=0)
        assert share.mean() == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(samples * 48))
        assert np.abs(share - 0.5).max() < 6 * 0.5 / np.sqrt(samples)


def test_no_two_addresses_collide():
    keys = [
        stream_key(seed, stream, month)
        for seed, stream, month in product(range(20), range(N_STREAMS), range(-2, 300))
    ]
    assert len(set(keys)) == len(keys)
    drawn = np.concatenate([draws(seed, k, 0, 50_000) for seed in (1, 2) for k in range(20)])
    assert len(np.unique(drawn)) == len(drawn)
