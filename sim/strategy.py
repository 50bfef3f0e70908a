"""The yearly revision of strategies: banks' sales pressure and insurers' service effort."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.adaptation.base import NEUTRAL
from sim.state import Array, Market
from sim.streams import Stream, key_of, uniforms


def intensity(market: Market, strategy: NDArray[np.int64]) -> Array:
    """Multiplier of a strategy: below, at or above what the scenario sets, shape (firms,)."""
    return np.asarray(1.0 + market.scenario.adaptation.step * (strategy - NEUTRAL))


def revise_strategies(market: Market) -> None:
    """Let banks and insurers learn from the past year's value."""
    if market.month < 12:
        return
    key = key_of(market.seed, Stream.STRATEGY, market.month)
    banks, insurers = len(market.banks), len(market.insurers)
    draws = uniforms(key, 2 * (banks + insurers))
    customers = np.maximum(1.0, [bank.customers for bank in market.banks])
    bank_payoff = np.sum(market.record["bank_value"][-12:], axis=0) / customers
    # Per own-agent force, or size would look like skill.
    force = np.maximum([insurer.agent_force for insurer in market.insurers], 1e-12)
    insurer_payoff = np.sum(market.record["insurer_value"][-12:], axis=0) / force
    market.bank_strategy = market.bank_rule.revise(
        market.bank_strategy, bank_payoff, draws[: 2 * banks].reshape(2, banks)
    )
    market.insurer_strategy = market.insurer_rule.revise(
        market.insurer_strategy, insurer_payoff, draws[2 * banks :].reshape(2, insurers)
    )
