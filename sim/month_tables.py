"""What the compiled customer month reads and writes: plain arrays with named columns.

Axes: B banks, R branches, K clerks, I insurers, C product classes, S segments, A ages, D durations.
Channel axis: one row per bank, then one for all own agents.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.population import EntryRules

Floats = NDArray[np.float64]


#: Scalars of the customer month, in the order of the record; units as in ``scenarios.market``.
RULE_NAMES = (
    "inertia",
    "brand_similarity",
    "protection_weight",
    "trust_weight",
    "reputation_weight",
    "complexity_weight",
    "wait_weight",
    "transfer_weight",
    "taste_spread",
    "persuasion",
    "ticket_stretch",
    "correction",
    "rate_sensitivity",
    "gap_sensitivity",
    "trust_sensitivity",
    "burden_sensitivity",
    "charge_sensitivity",
    "contact_relief",
    "discovery_rate",
    "complaint_per_gap",
    "cooling_off_base",
    "cooling_off_per_gap",
    "neighbour_weight",
    "gap_loss",
    "resolved_share",
    "claim_gain",
    "contact_gain",
    "recovery",
    "wealth_adjustment",
    "visit_rate",
    "enquiry_share",
    "approach_rate",
    "drop_out",
    "error_days",
    "single_premium_limit",
    "regular_premium_limit",
    "suitability",
    "cooling_off_days",
    "agent_contact_rate",
    "agent_persuasion",
    "yuan_per_util",
    "income_median",
    "cross_selling",
    "breach_loss",
    "breach_compensation",
)
RULES = np.dtype([(name, np.float64) for name in RULE_NAMES])

#: One product class this month.
CLASS = np.dtype(
    [
        ("regular", np.bool_),
        ("ticket", np.float64),  # share of wealth (single) or income (regular)
        ("minimum", np.float64),  # yuan
        ("complexity", np.float64),  # as sold at the counter
        ("standard_complexity", np.float64),  # of the contract that own agents sell
        ("protection", np.float64),
        ("gain", np.float64),  # financial gain to the buyer, present value per yuan of premium
        ("credited", np.float64),  # 1/year
        ("surrender_charge", np.float64),
        ("surrender_years", np.float64),
        ("lapse_rate", np.float64),  # 1/year
        ("monthly_accident", np.float64),  # chance of the insured accident
        ("agent_push", np.float64),
    ]
)

#: One bank and insurer this month.
PAIR = np.dtype(
    [
        ("fit", np.float64),  # util, from relationship capital
        ("wait", np.float64),  # days to issue without error
        ("error", np.float64),  # share of applications
        ("transfer_cost", np.float64),  # in [0, 1]
        ("untold", np.float64),  # share of the wedge that disclosure and feedback leave
        ("resolution", np.float64),  # share of complaints settled
        ("contact", np.float64),  # monthly chance of a service contact
        ("coverage", np.float64),  # yearly share of holders contacted
        ("prevented", np.float64),  # share of accident and illness claims avoided by advice
    ]
)


class Tables(NamedTuple):
    """Actuarial tables; yuan per yuan of premium."""

    term: NDArray[np.int64]  # (C, 2, A) years
    benefit: Floats  # (C, 2, A) sum insured or yearly annuity
    reserve: Floats  # (C, 2, A, D) before what falls due
    reserve_after_payment: Floats  # (C, 2, A, D) after it
    monthly_death: Floats  # (2, A) of the population
    monthly_illness: Floats  # (2, A) chance of the insured critical illness
    bonus: Floats  # (C, months + 1) index of profit participation


class Counter(NamedTuple):
    """What customers meet this month at counters and with agents."""

    klass: NDArray[Any]  # (C,) of CLASS
    pair: NDArray[Any]  # (B, I) of PAIR
    clerk: NDArray[Any]  # (K,) of agents.clerk.CLERK
    cutoff: Floats  # (K, C) posterior at which the clerk recommends
    bank_of: NDArray[np.int32]  # (R,)
    shelf: NDArray[np.bool_]  # (R, I) insurers on a branch's shelf
    offered: NDArray[np.bool_]  # (B, I, C) classes for which bank and insurer have a deal
    need: Floats  # (C, S) util, need of the segment for the standard contract
    fit: Floats  # (I, C, S) util, that need and the design of what is sold at the counter
    reputation: Floats  # (I,) in [0, 1]
    tilt: Floats  # (B, I, C) relative push of a product
    agent_share: Floats  # (I,) cumulative shares of own-agent forces
    scandal: Floats  # (B,) trust lost to publicity this month
    targeting: Floats  # (B,) slope of the approach chance in the rank of need, in [0, 1]
    breach: Floats  # (B,) share of customers hit by a breach this month
    market_rate: float  # 1/year


class Flow(IntEnum):
    """Columns of the flow table (channel, insurer, class, flow); yuan unless said otherwise."""

    SALES = 0  # policies
    FIRST_PREMIUM = 1
    RENEWAL_PREMIUM = 2
    CLAIMS = 3
    MATURITIES = 4
    SURRENDERS = 5
    EXITS = 6  # policies
    REFUNDS = 7
    COOLED_OFF = 8  # policies
    IN_FORCE = 9  # policies
    RESERVE = 10
    SUM_AT_RISK = 11
    COMPLAINTS = 12  # cases
    MIS_SALES = 13  # policies
    MIS_SELLING_LOSS = 14  # of mis-sales, less that of those cancelled in the cooling-off period
    SURVIVE_13 = 15  # policies
    SURVIVE_25 = 16  # policies
    OWN_INTENT = 17  # policies
    APPLICATIONS = 18  # cases
    ERRORS = 19  # cases
    DROP_OUTS = 20  # cases
    WAIT_DAYS = 21  # days, over applications
    CONTACTS = 22  # cases
    FELT_MISLED = 23  # policies in force with a known gap above half a util
    EXPECTED_LOSS = 24  # claims that the tables expect in protection and accident
    LOSSES = 25  # claims paid in protection and accident, part of CLAIMS
    HOLDER_TRUST = 26  # trust of holders weighted by premium
    PREMIUM_IN_FORCE = 27
    UNDONE_SURPLUS = 28  # expected surplus of purchases that fell through or were cancelled


class Total(IntEnum):
    """Columns of the per-bank totals over customers; yuan unless said otherwise."""

    CUSTOMERS = 0  # persons
    VISITS = 1  # visits
    APPROACHES = 2  # approaches
    WELFARE = 3
    TRUST = 4  # sum over persons
    WEALTH = 5
    SAVING = 6  # income less consumption
    ESTATES = 7
    ENDOWMENTS = 8  # wealth of entrants
    DEATHS = 9  # persons
    BREACH_LOSS = 10  # that customers bear themselves
    OFFERS = 11  # visits at which insurance was asked for or offered
    BREACH_COMPENSATION = 12  # of breach losses, by the bank


class World(NamedTuple):
    """Everything about the market that the customer month reads."""

    rules: NDArray[Any]  # (1,) of RULES
    tables: Tables
    counter: Counter
    entry: EntryRules


class Now(NamedTuple):
    """The address of this month's random draws."""

    month: int
    seed: int
    keys: NDArray[np.uint64]  # (streams,)


class Shelf(NamedTuple):
    """Scratch space of one customer's look at a shelf; utilities in util."""

    value: Floats  # (C, I) experienced
    perceived: Floats  # (C, I) with persuasion, less inertia
    inclusive: Floats  # (C,) inclusive value of a class, -inf where nothing is available
    mean_wedge: Floats  # (C,) expected wedge of what is chosen within the class
    recommended: NDArray[np.bool_]  # (C,)


class Sums(NamedTuple):
    """Sums over customers."""

    flows: Floats  # (channels, I, C, flows)
    totals: Floats  # (B, totals)


N_FLOWS = len(Flow)
N_TOTALS = len(Total)
