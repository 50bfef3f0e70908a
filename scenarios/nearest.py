"""Nearest valid words, for messages about misspelt ones."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Find the known words most like a given one, best first.

    A dotted key is compared whole; a word without dots is also compared with the last part of
    the dotted keys, so that ``size`` finds ``population.size``.

    Args:
        word: What was typed.
        known: The valid words.
        count: Most words to return.

    Returns:
        Up to ``count`` words, none if nothing is near.
    """
    words = list(dict.fromkeys(known))
    lowered = {item.lower(): item for item in reversed(words)}
    near = [lowered[item] for item in get_close_matches(word.lower(), lowered, count, 0.6)]
    tail = word.lower().rsplit(".", 1)[-1]
    if len(near) < count:
        tails: dict[str, list[str]] = {}
        for item in words:
            tails.setdefault(item.lower().rsplit(".", 1)[-1], []).append(item)
        for match in get_close_matches(tail, tails, count, 0.75):
            near.extend(item for item in tails[match] if item not in near)
    return near[:count]


def did_you_mean(word: str, known: Iterable[str], count: int = 1) -> str:
    """Write ``"; did you mean X?"``, or nothing when no known word is near."""
    near = nearest(word, known, count)
    return f"; did you mean {' or '.join(near)}?" if near else ""
