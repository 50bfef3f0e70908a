"""Settings of the six levers, one dataclass per configuration group."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.quantity import quantity, section

PRODUCT_CLASSES = ("savings", "protection", "pension", "investment", "accident")
SAVINGS, PROTECTION, PENSION, INVESTMENT, ACCIDENT = range(5)
SEGMENTS = ("young", "family", "affluent", "elder")
SINGLE, REGULAR = 0, 1


@dataclass(frozen=True)
class ProductClass:
    """One class of policy; premiums follow from it by the equivalence principle."""

    term: int = quantity(5, "years", "assumption", 1, 60)
    interest: float = quantity(0.025, "1/year", "assumption", 0, 0.15, note="technical rate")
    loading: float = quantity(0.05, "share of premium", "assumption", 0, 0.9)
    expense: float = quantity(
        0.015, "share of first premium", "assumption", 0, 1, note="insurer's own cost of issue"
    )
    maintenance: float = quantity(
        0.0, "share of later premiums", "assumption", 0, 1, note="yearly cost of upkeep"
    )
    complexity: float = quantity(0.3, "1", "assumption", 0, 1)
    protection: float = quantity(0.0, "1", "assumption", 0, 1, note="insurance content")
    participation: float = quantity(
        0.0, "share of return above the technical rate", "assumption", 0, 1
    )
    ticket: float = quantity(
        0.25, "share of liquid wealth (single) or yearly income (regular)", "assumption", 0, 5
    )
    minimum_premium: float = quantity(1000.0, "yuan", "assumption", 0, 1e7)
    surrender_charge: float = quantity(
        0.06, "share of reserve in year 1", "assumption", 0, 1, note="falls linearly to zero"
    )
    surrender_years: int = quantity(5, "years", "assumption", 1, 60)
    lapse_rate: float = quantity(0.04, "1/year", "assumption", 0, 5, note="baseline")
    need: tuple[float, float, float, float] = quantity(
        (0.0, 0.0, 0.0, 0.0), "util per segment", "assumption", -20, 20
    )
    agent_push: float = quantity(
        1.0, "1", "assumption", 0, 10, note="weight of the class in an own agent's persuasion"
    )
    agent_commission: float = quantity(0.03, "share of first premium", "assumption", 0, 2)
    agent_expense: float = quantity(
        0.01, "share of first premium", "assumption", 0, 2, note="insurer's own cost, agent channel"
    )
    critical_illness: float = quantity(
        0.0, "times mortality", "assumption", 0, 20, note="incidence beside death"
    )
    accident_rate: float = quantity(0.0, "1/year", "assumption", 0, 1)
    vesting_age: int = quantity(60, "years", "assumption", 40, 80)


def _product_class(**values: object) -> type[ProductClass]:
    """Make a factory of a product class with the given defaults."""
    return lambda: ProductClass(**values)  # type: ignore[arg-type,return-value]


@dataclass(frozen=True)
class Product:
    """Lever 1: what is on the shelf and how it was designed."""

    design: str = quantity("me_too", "word", "assumption", choices=("me_too",))
    savings: ProductClass = section(
        _product_class(participation=0.7, ticket=0.15, agent_push=0.3, need=(-0.4, 0.2, 0.8, 1.0))
    )
    protection: ProductClass = section(
        _product_class(
            term=20,
            loading=0.12,
            expense=0.53,
            maintenance=0.02,
            complexity=0.5,
            protection=1.0,
            ticket=0.05,
            minimum_premium=300.0,
            surrender_charge=0.5,
            lapse_rate=0.10,
            need=(1.1, 1.8, 1.1, -1.0),
            agent_push=2.0,
            agent_expense=0.12,
            agent_commission=0.35,
            critical_illness=1.5,
        )
    )
    pension: ProductClass = section(
        _product_class(
            term=10,
            loading=0.12,
            expense=0.56,
            maintenance=0.015,
            complexity=0.6,
            protection=0.3,
            ticket=0.08,
            surrender_charge=0.4,
            surrender_years=8,
            lapse_rate=0.08,
            need=(0.2, 1.4, 1.4, -2.0),
            agent_push=2.0,
            agent_expense=0.12,
            agent_commission=0.28,
        )
    )
    investment: ProductClass = section(
        _product_class(
            term=10,
            complexity=0.8,
            participation=0.9,
            ticket=0.15,
            agent_push=0.3,
            lapse_rate=0.08,
            need=(0.0, 0.2, 1.0, -0.6),
        )
    )
    accident: ProductClass = section(
        _product_class(
            term=1,
            interest=0.0,
            loading=0.35,
            expense=0.20,
            complexity=0.1,
            protection=0.6,
            ticket=0.004,
            minimum_premium=50.0,
            lapse_rate=0.0,
            surrender_charge=1.0,
            need=(2.2, 2.4, 2.0, 1.5),
            agent_push=0.3,
            agent_expense=0.05,
            agent_commission=0.25,
            accident_rate=0.004,
        )
    )


@dataclass(frozen=True)
class Partnership:
    """Lever 2: how many partners, for how long, and what ties them."""

    form: str = quantity(
        "part_time_agency", "word", "E193", choices=("part_time_agency", "exclusive_alliance")
    )
    term: int = quantity(12, "months", "assumption", 1, 600, note="length of an agreement")
    partners: int = quantity(12, "insurers per bank", "E193", 1, 100)
    access_fee: bool = quantity(
        False, "yes/no", "assumption", note="upfront fee beside the running fee"
    )
    outlet_partners: int = quantity(
        6, "insurers per outlet", "assumption", 1, 100, note="that fit on one branch's shelf"
    )
    relationship_fit: float = quantity(
        0.15, "util per log unit of capital", "assumption", 0, 10, note="better products and advice"
    )
    relationship_depreciation: float = quantity(0.02, "1/month", "assumption", 0, 1)
    relationship_cost: float = quantity(
        1.0, "yuan per unit of capital and customer", "assumption", 0.001, 1e6
    )
    relationship_speed: float = quantity(
        0.05, "1/month", "assumption", 0, 1, note="share of the wanted gap closed"
    )


@dataclass(frozen=True)
class Bargaining:
    """How the agency fee is set."""

    protocol: str = quantity("nash", "word", "assumption", choices=("nash",))
    bank_power: float = quantity(0.5, "1", "assumption", 0, 1, note="theta, share of the surplus")


@dataclass(frozen=True)
class Incentives:
    """Lever 3: clerks' pay, appraisal, training and account managers."""

    scheme: str = quantity("commission", "word", "assumption", choices=("commission",))
    pass_through: float = quantity(
        0.15, "share of fee income", "assumption", 0, 1, note="paid to the clerk who sells"
    )
    side_to_clerks: float = quantity(
        0.5, "share of payments off the books", "assumption", 0, 1, note="the rest to the branch"
    )
    sales_capacity: float = quantity(4.0, "sales per month at unit effort", "assumption", 0, 1000)
    effort_cost: float = quantity(380.0, "yuan/month", "assumption", 1e-3, 1e7)
    effort_substitution: float = quantity(
        0.4, "1", "assumption", 0, 0.99, note="selling crowds out advice: k of the multitask model"
    )
    base_drive: float = quantity(
        80.0, "yuan/month", "assumption", 0, 1e6, note="selling that a salary alone commands"
    )
    skill_spread: float = quantity(0.25, "log standard deviation", "assumption", 0, 2)
    ethics_mean: float = quantity(
        220.0, "yuan/month", "assumption", 0, 1e6, note="intrinsic pay of honest advice"
    )
    ethics_spread: float = quantity(0.4, "log standard deviation", "assumption", 0, 2)
    guilt: float = quantity(
        0.5,
        "yuan per mis-sale / ethics",
        "assumption",
        0,
        100,
        note="ethics as a cost per mis-sale",
    )
    approach_rate: float = quantity(
        0.5, "1", "assumption", 0, 10, note="approaches per visit and unit effort"
    )
    training_hours: float = quantity(2.0, "hours per clerk and month", "assumption", 0, 100)
    training_cost: float = quantity(
        50.0, "yuan/hour per 1000 customers of a clerk", "assumption", 0, 1e5
    )
    training_gain: float = quantity(0.15, "log skill per log unit of stock", "assumption", 0, 5)
    training_depreciation: float = quantity(0.03, "1/month", "assumption", 0.001, 1)
    account_managers: float = quantity(
        0.2, "per branch", "assumption", 0, 20, note="employed by the insurers together"
    )
    account_manager_cost: float = quantity(
        1.0, "yuan/month per manager in a branch and customer", "assumption", 0, 1e6
    )


@dataclass(frozen=True)
class Platform:
    """Lever 4: the information link between bank and insurer."""

    link: str = quantity("paper", "word", "E268", choices=("paper",))
    integration: float = quantity(0.0, "1", "assumption", 0, 1, note="0 paper, 1 fully integrated")
    days_paper: float = quantity(7.0, "days", "assumption", 0, 365, note="issue time on paper")
    days_integrated: float = quantity(0.2, "days", "assumption", 0, 365)
    error_paper: float = quantity(0.35, "share of applications", "E268", 0, 1)
    error_integrated: float = quantity(0.05, "share of applications", "E267", 0, 1)
    drop_out: float = quantity(0.02, "1/day", "assumption", 0, 1, note="of waiting applicants")
    error_days: float = quantity(7.0, "days", "assumption", 0, 365, note="delay of one error")


@dataclass(frozen=True)
class Service:
    """Lever 5: what happens after the sale."""

    level: str = quantity("reactive", "word", "assumption", choices=("reactive",))
    contacts: float = quantity(
        0.02, "share of a branch's customers per month and manager", "assumption", 0, 1
    )
    resolution: float = quantity(
        0.4, "share of complaints", "assumption", 0, 1, note="settled before the regulator hears"
    )


@dataclass(frozen=True)
class Supervision:
    """Lever 6: rules of conduct and who enforces them."""

    regime: str = quantity("separate", "word", "E283", choices=("separate",))
    fee_cap: float = quantity(1.0, "share of single premium", "assumption", 0, 1, note="1 is none")
    partner_cap: int = quantity(100, "insurers per outlet", "E278", 1, 100)
    cooling_off_days: float = quantity(10.0, "days", "E251", 0, 365)
    disclosure: float = quantity(0.0, "share of the wedge told before purchase", "assumption", 0, 1)
    suitability: bool = quantity(False, "yes/no", "E279", note="premium limits in force")
    single_premium_limit: float = quantity(4.0, "times yearly income", "E279", 0, 100)
    regular_premium_limit: float = quantity(0.20, "share of yearly income", "E280", 0, 1)
    detection: float = quantity(
        0.05, "1 per mis-sale", "assumption", 0, 1, note="chance that a mis-sale is sanctioned"
    )
    sanction: float = quantity(1500.0, "yuan per proven mis-sale", "assumption", 0, 1e8)


@dataclass(frozen=True)
class Adaptation:
    """Whether firms revise their own levers."""

    rule: str = quantity("fixed", "word", "assumption", choices=("fixed",))
