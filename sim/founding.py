"""Setting the market up: banks with branches, insurers, clerks, account managers, supervisors."""

from __future__ import annotations

import mesa
import numpy as np
from numpy.typing import NDArray

from agents.account_manager import AccountManager
from agents.bank import Bank
from agents.clerk import Clerks, hire
from agents.insurer import Insurer
from agents.supervisor import Supervisor
from scenarios.levers import PRODUCT_CLASSES
from scenarios.schema import Scenario
from sim.streams import Stream, key_of, normal, uniforms


def zipf_shares(count: int, dispersion: float) -> NDArray[np.float64]:
    """Sizes proportional to rank^-dispersion, summing to one, shape (count,)."""
    sizes = np.arange(1, count + 1, dtype=np.float64) ** -dispersion
    return np.asarray(sizes / sizes.sum())


def deal_out(total: int, shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Split a whole number by shares, largest remainder first; shape of ``shares``."""
    exact = total * shares / shares.sum() if shares.sum() > 0.0 else np.zeros_like(shares)
    parts = np.floor(exact).astype(np.int64)
    missing = (total if shares.sum() > 0.0 else 0) - int(parts.sum())
    parts[np.argsort(parts - exact, kind="stable")[:missing]] += 1
    return parts


def bank_of_branches(banks: int, branches: int, dispersion: float) -> NDArray[np.int32]:
    """Bank of every branch, shape (branches,); at least one branch a bank, evenly interleaved."""
    counts = 1 + deal_out(branches - banks, zipf_shares(banks, dispersion))
    places = [((k + 0.5) / counts[b], b) for b in range(banks) for k in range(counts[b])]
    return np.array([b for _, b in sorted(places)], np.int32)


def found_banks(
    model: mesa.Model, bank_of: NDArray[np.int32], branch_of: NDArray[np.int32]
) -> list[Bank]:
    """Create the banks with their branches."""
    banks = int(bank_of.max()) + 1
    customers = np.bincount(bank_of[branch_of], minlength=banks)
    return [Bank(model, b, np.flatnonzero(bank_of == b), int(customers[b])) for b in range(banks)]


def found_insurers(model: mesa.Model, scenario: Scenario) -> list[Insurer]:
    """Create the insurers with own-agent forces and capital by size."""
    market = scenario.market
    capital = market.initial_capital * scenario.population.size
    return [
        Insurer(model, i, float(share), capital * float(share), scenario.population.initial_trust)
        for i, share in enumerate(zipf_shares(market.insurers, market.size_dispersion))
    ]


def found_clerks(scenario: Scenario, bank_of: NDArray[np.int32], seed: int) -> Clerks:
    """Hire the clerks with lognormal talent and ethics, trained to the steady state."""
    settings = scenario.incentives
    bank = np.repeat(bank_of.astype(np.int64), scenario.market.clerks_per_branch)
    key = key_of(seed, Stream.CLERK_TRAITS, -1)
    draws = np.array([(normal(key, 2 * k), normal(key, 2 * k + 1)) for k in range(len(bank))])
    draws = draws.reshape(len(bank), 2)
    talent = np.exp(settings.skill_spread * draws[:, 0])
    ethics = settings.ethics_mean * np.exp(settings.ethics_spread * draws[:, 1])
    stock = settings.training_hours / settings.training_depreciation
    return hire(bank, talent, ethics, stock, len(PRODUCT_CLASSES))


def found_account_managers(model: mesa.Model, scenario: Scenario) -> list[AccountManager]:
    """Hire the account managers; they are sent to banks once there are agreements."""
    count = round(scenario.incentives.account_managers * scenario.market.branches)
    return [AccountManager(model) for _ in range(count)]


def found_supervisors(model: mesa.Model) -> list[Supervisor]:
    """Set up the three authorities."""
    return [Supervisor(model, field) for field in ("banks", "securities", "insurance")]


def shelf_orders(branches: int, insurers: int, seed: int) -> NDArray[np.int64]:
    """Order in which each branch puts insurers on its shelf, shape (branches, insurers)."""
    draws = uniforms(key_of(seed, Stream.SHELF_ORDER, -1), branches * insurers)
    return np.argsort(draws.reshape(branches, insurers), axis=1, kind="stable")
