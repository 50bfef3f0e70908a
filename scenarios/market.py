"""Settings of the market around the levers: firms, rates, own agents, customers."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.quantity import quantity, section


@dataclass(frozen=True)
class Market:
    """Firms, interest rates and the insurers' own-agent channel."""

    start: str = quantity("2009-01", "year-month", "assumption", note="calendar date of month 0")
    banks: int = quantity(8, "banks", "assumption", 1, 200)
    branches: int = quantity(200, "branches", "assumption", 1, 1_000_000, note="all banks together")
    clerks_per_branch: int = quantity(5, "clerks", "assumption", 0, 100)
    insurers: int = quantity(12, "insurers", "assumption", 1, 100)
    size_dispersion: float = quantity(
        0.5, "1", "assumption", 0, 3, note="Zipf exponent of bank and insurer sizes"
    )
    risk_free_rate: float = quantity(0.035, "1/year", "assumption", 0, 0.2, note="long-run mean")
    rate_reversion: float = quantity(0.03, "1/month", "assumption", 0, 1)
    rate_volatility: float = quantity(0.0008, "1/year per month", "assumption", 0, 0.05)
    deposit_spread: float = quantity(
        0.010,
        "1/year",
        "assumption",
        0,
        0.2,
        note="managed gap of the deposit rate below risk-free",
    )
    equity_premium: float = quantity(0.03, "1/year", "assumption", -0.2, 0.3)
    equity_volatility: float = quantity(0.20, "1/year", "assumption", 0, 1)
    equity_share: float = quantity(0.05, "share of insurer assets", "assumption", 0, 1)
    discount_rate: float = quantity(0.08, "1/year", "assumption", 0.001, 1, note="of the firms")
    deposit_margin: float = quantity(
        0.015, "1/year", "assumption", 0, 0.2, note="earned by a bank on a deposit"
    )
    deposit_displacement: float = quantity(
        0.10, "share of single premium", "assumption", 0, 1, note="drawn from the bank's deposits"
    )
    counter_cost: float = quantity(
        0.002, "share of first premium", "assumption", 0, 0.2, note="clerk time and systems"
    )
    capital_per_reserve: float = quantity(0.04, "share of reserves", "assumption", 0, 1)
    capital_per_risk: float = quantity(0.003, "share of sum at risk", "assumption", 0, 1)
    reinsurance: float = quantity(
        0.9, "share of claims deviation", "assumption", 0, 1, note="protection and accident"
    )
    initial_capital: float = quantity(2000.0, "yuan per customer", "assumption", 0, 1e9)
    dividend_ratio: float = quantity(
        3.0, "times required capital", "assumption", 1, 100, note="capital above it is paid out"
    )
    agent_contact_rate: float = quantity(
        0.084, "1/month", "assumption", 0, 1, note="own-agent approaches per customer"
    )
    agent_persuasion: float = quantity(
        1.3, "util", "assumption", 0, 20, note="push of an own agent before susceptibility"
    )
    fixed_cost: float = quantity(
        10.0, "yuan per customer and year", "assumption", 0, 1e5, note="of the insurers together"
    )


@dataclass(frozen=True)
class Choice:
    """Weights of the experienced and the perceived utility of a policy (McFadden 1974)."""

    inertia: float = quantity(
        4.8, "util", "assumption", 0, 50, note="hassle and inattention of buying at the counter"
    )
    brand_similarity: float = quantity(
        0.3, "1", "assumption", 0.05, 1, note="dissimilarity of a nest; 1 is multinomial logit"
    )
    protection_weight: float = quantity(0.5, "util", "assumption", 0, 50)
    trust_weight: float = quantity(1.5, "util", "assumption", 0, 50)
    reputation_weight: float = quantity(0.8, "util", "assumption", 0, 50)
    complexity_weight: float = quantity(1.5, "util", "assumption", 0, 50)
    wait_weight: float = quantity(0.04, "util/day", "assumption", 0, 10)
    transfer_weight: float = quantity(0.6, "util", "assumption", 0, 50)
    taste_spread: float = quantity(
        0.5, "util", "assumption", 0, 10, note="lasting personal need per class, standard deviation"
    )
    persuasion: float = quantity(
        1.79,
        "util per unit effort",
        "assumption",
        0,
        50,
        note="of an approach, before susceptibility",
    )
    ticket_stretch: float = quantity(
        0.15, "share per util of persuasion", "assumption", 0, 5, note="larger tickets under push"
    )
    yuan_per_util: float = quantity(
        3000.0, "yuan/util", "assumption", 1, 1e6, note="inverse marginal utility of income"
    )
    signal_precision: float = quantity(
        1.35,
        "standard deviations",
        "assumption",
        0,
        10,
        note="suitability signal, untrained",
    )
    signal_per_advice: float = quantity(
        0.8, "standard deviations per unit advice", "assumption", 0, 10
    )
    correction: float = quantity(
        0.9, "1 per unit advice", "assumption", 0, 20, note="rate at which advice removes the wedge"
    )


@dataclass(frozen=True)
class PolicyLife:
    """Hazards of a policy after issue."""

    rate_sensitivity: float = quantity(
        22.0, "1 per 1/year", "assumption", 0, 500, note="log-hazard per market minus credited rate"
    )
    gap_sensitivity: float = quantity(0.25, "1/util", "assumption", 0, 10)
    trust_sensitivity: float = quantity(1.0, "1", "assumption", 0, 10)
    burden_sensitivity: float = quantity(
        6.0,
        "1 per premium/income",
        "assumption",
        0,
        100,
        note="regular premium above a tenth of income",
    )
    charge_sensitivity: float = quantity(
        5.0, "1", "assumption", 0, 100, note="log-hazard removed per unit surrender charge"
    )
    contact_relief: float = quantity(
        0.7, "1", "assumption", 0, 5, note="log-hazard removed by regular service contact"
    )
    discovery_rate: float = quantity(
        0.05, "1/month", "assumption", 0, 1, note="a holder finds the expectation gap"
    )
    complaint_per_gap: float = quantity(
        0.08, "1/util", "assumption", 0, 5, note="chance to complain on discovery"
    )
    cooling_off_base: float = quantity(0.01, "1", "assumption", 0, 1)
    cooling_off_per_gap: float = quantity(0.03, "1/util", "assumption", 0, 5)


@dataclass(frozen=True)
class Trust:
    """How trust in bank-sold insurance moves (own experience, neighbours, scandals)."""

    neighbour_weight: float = quantity(
        0.05, "1/month", "assumption", 0, 1, note="pull of the neighbours' mean (DeGroot 1974)"
    )
    gap_loss: float = quantity(0.10, "1/util", "assumption", 0, 5, note="at discovery of a gap")
    resolved_share: float = quantity(
        0.6, "1", "assumption", 0, 1, note="of that loss undone when a complaint is resolved"
    )
    claim_gain: float = quantity(0.05, "1", "assumption", 0, 1, note="a claim or maturity paid")
    contact_gain: float = quantity(0.004, "1", "assumption", 0, 1, note="a service contact")
    scandal_loss: float = quantity(
        0.0002, "1", "assumption", 0, 1, note="by the customers of all banks, per proven case"
    )
    failure_loss: float = quantity(0.10, "1", "assumption", 0, 1, note="an insurer fails")
    recovery: float = quantity(0.01, "1/month", "assumption", 0, 1, note="back to own disposition")
    reputation_memory: float = quantity(0.95, "1/month", "assumption", 0, 1)


@dataclass(frozen=True)
class Population:
    """Customers: who they are and how they behave."""

    size: int = quantity(20_000, "customers", "assumption", 1, 100_000_000)
    neighbours: int = quantity(4, "customers", "assumption", 0, 50, note="ring degree, even")
    rewiring: float = quantity(0.10, "1", "assumption", 0, 1, note="Watts-Strogatz probability")
    entry_age: int = quantity(22, "years", "assumption", 18, 60)
    oldest_start_age: int = quantity(100, "years", "assumption", 30, 100)
    income_median: float = quantity(50_000.0, "yuan/year per household", "assumption", 1, 1e9)
    income_spread: float = quantity(0.6, "log standard deviation", "assumption", 0, 3)
    wealth_ratio: float = quantity(
        1.6,
        "liquid wealth / yearly income",
        "assumption",
        0,
        100,
        note="towards which saving tends",
    )
    wealth_spread: float = quantity(0.7, "log standard deviation", "assumption", 0, 3)
    wealth_adjustment: float = quantity(0.02, "1/month", "assumption", 0, 1)
    risk_aversion_spread: float = quantity(0.25, "1", "assumption", 0, 1)
    literacy_mean: float = quantity(0.45, "1", "assumption", 0, 1)
    literacy_spread: float = quantity(0.20, "1", "assumption", 0, 1)
    initial_trust: float = quantity(0.5, "1", "assumption", 0, 1)
    visit_rate: float = quantity(0.25, "1/month", "assumption", 0, 1, note="branch visits")
    enquiry_share: float = quantity(
        0.30, "share of visits", "E241", 0, 1, note="customers who ask for insurance themselves"
    )
    choice: Choice = section(Choice)
    policy_life: PolicyLife = section(PolicyLife)
    trust: Trust = section(Trust)


@dataclass(frozen=True)
class Horizon:
    """Length of a run and the window of the long-run outcomes."""

    months: int = quantity(264, "months", "assumption", 1, 6000, note="burn-in included")
    burn_in: int = quantity(24, "months", "assumption", 0, 6000)
    window: int = quantity(60, "months", "assumption", 1, 6000, note="last months, averaged")
