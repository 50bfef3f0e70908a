"""The five criteria on which banks can screen partners, and what each is good for.

Culture belongs to a pair, the others to the insurer. All lie in [0, 1] with mean one half, where
they leave the other mechanisms as configured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.streams import Stream, key_of, uniforms

Array = NDArray[np.float64]
#: Own criteria of an insurer; culture comes first in a score but lies with the pair.
OWN_CRITERIA = ("technology", "innovation", "service", "experience")


@dataclass(frozen=True)
class Traits:
    """Traits of insurers and pairs.

    Attributes:
        culture: How well bank and insurer go together, shape (B, I).
        technology: Ability to build a link, shape (I,).
        innovation: Ability to design products, shape (I,).
        service: Ability to serve customers, shape (I,).
        experience: Ability to train clerks and handle applications, shape (I,).
    """

    culture: Array
    technology: Array
    innovation: Array
    service: Array
    experience: Array

    def score(self, bank: int) -> Array:
        """Mean of the five criteria in the eyes of a bank, shape (I,)."""
        own = self.technology + self.innovation + self.service + self.experience
        return np.asarray((self.culture[bank] + own) / 5.0)


def factor(trait: Array) -> Array:
    """Multiplier of an ability: one half to three halves, one at the mean trait."""
    return np.asarray(0.5 + trait)


def draw_traits(banks: int, insurers: int, spread: float, seed: int) -> Traits:
    """Draw uniform traits, shrunk towards one half by ``spread`` in [0, 1]."""
    draws = uniforms(key_of(seed, Stream.FIRM_TRAITS, -1), len(OWN_CRITERIA) * insurers)
    own = 0.5 + spread * (draws.reshape(len(OWN_CRITERIA), insurers) - 0.5)
    pairs = uniforms(key_of(seed, Stream.FIRM_TRAITS, -2), banks * insurers)
    culture = 0.5 + spread * (pairs.reshape(banks, insurers) - 0.5)
    return Traits(culture, *own)
