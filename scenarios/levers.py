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
    lapse_rate: float = quantity(0.025, "1/year", "assumption", 0, 5, note="baseline")
    first_persistency: float = quantity(
        0.965, "share", "assumption", 0, 1, note="of premiums paid on, believed before experience"
    )
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

    design: str = quantity(
        "me_too",
        "word",
        "assumption",
        choices=("me_too", "otc_simple", "segmented", "full_suite"),
        note="how insurers develop what is sold at the counter",
        family="design",
    )
    team: str = quantity(
        "insurer", "word", "assumption", choices=("insurer", "joint"), note="who develops"
    )
    simplification: float = quantity(
        0.5, "share of complexity removed", "assumption", 0, 1, note="otc_simple"
    )
    simple_need_loss: float = quantity(
        0.15, "util", "assumption", 0, 10, note="otc_simple suits the affluent less"
    )
    variant_quality: float = quantity(
        0.6, "util", "assumption", 0, 10, note="fit gained by a variant made for a segment"
    )
    information_loss: float = quantity(
        0.5, "share of that fit", "assumption", 0, 1, note="developers who do not know customers"
    )
    joint_loss: float = quantity(
        0.5, "share of that loss", "assumption", 0, 1, note="left to a joint team at the start"
    )
    variant_months: int = quantity(
        6, "months per variant", "assumption", 1, 600, note="lead time, one variant at a time"
    )
    variant_cost: float = quantity(
        0.05,
        "yuan per customer and variant",
        "assumption",
        0,
        1e6,
        note="of development, per insurer",
    )
    variant_life: float = quantity(
        10.0, "years", "assumption", 0.1, 100, note="over which its cost counts in the values"
    )
    cross_selling: float = quantity(
        0.5,
        "util per bank policy held",
        "assumption",
        0,
        10,
        note="full_suite, in the wealth range",
    )
    explaining: float = quantity(
        1.0,
        "time per unit complexity",
        "assumption",
        0,
        100,
        note="a clerk's, beside one unit a sale",
    )
    savings: ProductClass = section(
        _product_class(
            participation=0.7,
            expense=0.029,
            ticket=0.15,
            agent_push=0.3,
            need=(-0.4, 0.2, 0.7, 0.9),
        )
    )
    protection: ProductClass = section(
        _product_class(
            term=20,
            loading=0.12,
            expense=0.74,
            maintenance=0.02,
            complexity=0.5,
            protection=1.0,
            ticket=0.06,
            minimum_premium=300.0,
            surrender_charge=0.5,
            lapse_rate=0.10,
            need=(2.1, 2.9, 3.2, -0.3),
            agent_push=1.8,
            agent_expense=0.22,
            agent_commission=0.35,
            critical_illness=1.5,
        )
    )
    pension: ProductClass = section(
        _product_class(
            term=10,
            loading=0.12,
            expense=0.88,
            maintenance=0.015,
            complexity=0.6,
            protection=0.3,
            ticket=0.10,
            surrender_charge=0.4,
            surrender_years=8,
            lapse_rate=0.065,
            need=(2.2, 3.5, 4.5, -1.3),
            agent_push=1.8,
            agent_expense=0.32,
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
            lapse_rate=0.027,
            need=(-0.2, 0.0, 0.6, -0.8),
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
            need=(0.1, 0.3, 0.0, -0.5),
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
        "part_time_agency",
        "word",
        "E193",
        choices=(
            "part_time_agency",
            "panel",
            "exclusive_alliance",
            "joint_venture",
            "financial_group",
        ),
        family="partnership",
    )
    selection: str = quantity(
        "fee", "word", "assumption", choices=("fee", "screening"), note="how banks pick partners"
    )
    insurers_choose: bool = quantity(
        False, "yes/no", "assumption", note="insurers stay away from banks that do not fit them"
    )
    equity: float = quantity(
        0.0, "share", "assumption", 0, 1, note="of the partner's profit that the bank owns"
    )
    trait_spread: float = quantity(
        1.0, "1", "assumption", 0, 1, note="0 makes all insurers alike on the five criteria"
    )
    conflict: float = quantity(
        0.6, "1/year", "assumption", 0, 100, note="break-up hazard at the worst culture match"
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

    protocol: str = quantity(
        "nash",
        "word",
        "assumption",
        choices=("nash", "alternating", "auction", "posted"),
        family="bargaining",
    )
    bank_power: float = quantity(0.5, "1", "assumption", 0, 1, note="theta, share of the surplus")
    bank_discount: float = quantity(
        0.95, "per round", "assumption", 0.01, 0.9999, note="alternating offers, bank proposes"
    )
    insurer_discount: float = quantity(0.95, "per round", "assumption", 0.01, 0.9999)
    posted_single: float = quantity(0.025, "share of single premium", "E094", 0, 1)
    posted_regular: float = quantity(0.05, "share of first regular premium", "E105", 0, 1)


@dataclass(frozen=True)
class Incentives:
    """Lever 3: clerks' pay, appraisal, training and account managers."""

    scheme: str = quantity(
        "commission",
        "word",
        "assumption",
        choices=("salary", "commission", "sales_kpi", "balanced", "deferred"),
        family="incentives",
    )
    pass_through: float = quantity(
        0.15, "share of fee income", "assumption", 0, 0.95, note="paid to the clerk who sells"
    )
    sales_bonus: float = quantity(
        2.0, "yuan per 1000 yuan of premium", "assumption", 0, 1000, note="appraisal of sales"
    )
    quality_bonus: float = quantity(
        250.0, "yuan/month per unit advice", "assumption", 0, 1e6, note="appraisal of quality"
    )
    deferred_share: float = quantity(
        0.5,
        "share of commission",
        "assumption",
        0,
        1,
        note="paid after 25 months if still in force",
    )
    advice_retention: float = quantity(
        0.25, "1 per unit advice", "assumption", 0, 10, note="cut in early exits a clerk expects"
    )
    side_to_clerks: float = quantity(
        0.3, "share of payments off the books", "assumption", 0, 1, note="the rest to the branch"
    )
    sales_capacity: float = quantity(4.0, "sales per month at unit effort", "assumption", 0, 1000)
    effort_cost: float = quantity(300.0, "yuan/month", "assumption", 1e-3, 1e7)
    effort_substitution: float = quantity(
        0.4, "1", "assumption", 0, 0.99, note="selling crowds out advice: k of the multitask model"
    )
    base_drive: float = quantity(
        80.0, "yuan/month", "assumption", 0, 1e6, note="selling that a salary alone commands"
    )
    skill_spread: float = quantity(0.25, "log standard deviation", "assumption", 0, 2)
    ethics_mean: float = quantity(
        190.0, "yuan/month", "assumption", 0, 1e6, note="intrinsic pay of honest advice"
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
    training_gain: float = quantity(0.08, "log skill per log unit of stock", "assumption", 0, 5)
    training_depreciation: float = quantity(0.03, "1/month", "assumption", 0.001, 1)
    account_managers: float = quantity(
        0.2, "per branch", "assumption", 0, 20, note="employed by the insurers together"
    )
    manager_role: str = quantity(
        "consultant", "word", "assumption", choices=("trainer", "assistant", "consultant")
    )
    stationed: bool = quantity(
        True, "yes/no", "E278", note="account managers sit in the branch, ended by notice no. 90"
    )
    visiting_share: float = quantity(
        0.4, "1", "assumption", 0, 1, note="effect of managers who only visit"
    )
    manager_hours: float = quantity(
        20.0, "hours per clerk, month and manager in a branch", "assumption", 0, 1e4, note="trainer"
    )
    manager_selling: float = quantity(
        1.5, "selling effort per manager in a branch", "assumption", 0, 100, note="assistant"
    )
    manager_contacts: float = quantity(
        2.0, "times the contacts of other roles", "assumption", 0, 100, note="consultant"
    )
    account_manager_cost: float = quantity(
        1.0, "yuan/month per manager in a branch and customer", "assumption", 0, 1e6
    )


@dataclass(frozen=True)
class Platform:
    """Lever 4: the information link between bank and insurer."""

    link: str = quantity("paper", "word", "E268", choices=("paper", "networked", "integrated"))
    network_depth: float = quantity(
        0.6, "1", "assumption", 0, 1, note="integration of processes in a network"
    )
    adoption: float = quantity(
        0.08, "1/month", "assumption", 0, 1, note="share of the missing link built a month"
    )
    link_cost: float = quantity(
        0.05, "yuan/month per customer and full link", "assumption", 0, 1e6, note="each side"
    )
    targeting: float = quantity(
        0.6, "1", "assumption", 0, 1, note="aim of approaches at predicted need, shared database"
    )
    inspection_interval: int = quantity(
        120, "months", "assumption", 1, 6000, note="between security checks"
    )
    inspection_cost: float = quantity(0.1, "yuan per customer", "assumption", 0, 1e6)
    vulnerability_growth: float = quantity(0.03, "1/month since inspection", "assumption", 0, 5)
    breach_rate: float = quantity(0.2, "1/year fully vulnerable", "assumption", 0, 100)
    breach_share: float = quantity(0.05, "share of customers hit", "assumption", 0, 1)
    breach_loss: float = quantity(200.0, "yuan per customer hit", "assumption", 0, 1e6)
    breach_compensation: float = quantity(
        0.5, "share of that loss", "assumption", 0, 1, note="paid back by the bank"
    )
    breach_trust: float = quantity(0.03, "1", "assumption", 0, 1, note="lost by all of a bank")
    outage_rate: float = quantity(1.0, "1/year fully vulnerable", "assumption", 0, 100)
    days_paper: float = quantity(7.0, "days", "assumption", 0, 365, note="issue time on paper")
    days_integrated: float = quantity(0.2, "days", "assumption", 0, 365)
    error_paper: float = quantity(0.35, "share of applications", "E268", 0, 1)
    error_integrated: float = quantity(0.05, "share of applications", "E267", 0, 1)
    drop_out: float = quantity(0.02, "1/day", "assumption", 0, 1, note="of waiting applicants")
    error_days: float = quantity(7.0, "days", "assumption", 0, 365, note="delay of one error")


@dataclass(frozen=True)
class Service:
    """Lever 5: what happens after the sale."""

    level: str = quantity(
        "reactive", "word", "assumption", choices=("none", "reactive", "proactive")
    )
    contacts: float = quantity(
        0.02, "share of a branch's customers per month and manager", "assumption", 0, 1
    )
    resolution: float = quantity(
        0.4, "share of complaints", "assumption", 0, 1, note="settled before the regulator hears"
    )
    prevention: float = quantity(
        0.25, "share of claims", "assumption", 0, 1, note="avoided by holders who take up advice"
    )
    uptake: float = quantity(0.4, "share of holders reached", "assumption", 0, 1)
    feedback: float = quantity(
        0.3,
        "share of the wedge",
        "assumption",
        0,
        1,
        note="removed by telling insurers, per coverage",
    )
    follow_up_cost: float = quantity(2.0, "yuan per contact", "assumption", 0, 1e5)


@dataclass(frozen=True)
class Supervision:
    """Lever 6: rules of conduct and who enforces them."""

    regime: str = quantity(
        "separate",
        "word",
        "E283",
        choices=("separate", "joint_meeting", "integrated"),
        family="supervision",
    )
    fee_cap: float = quantity(1.0, "share of single premium", "assumption", 0, 1, note="1 is none")
    fee_cap_regular: float = quantity(
        1.0, "share of first regular premium", "assumption", 0, 1, note="1 is none"
    )
    partner_cap: int = quantity(100, "insurers per outlet", "E278", 1, 100)
    insurer_share_cap: float = quantity(
        1.0, "share of a bank's first premium", "E274", 0.01, 1, note="per insurer; 1 is none"
    )
    stationing_ban: bool = quantity(False, "yes/no", "E278", note="no insurer staff in outlets")
    cooling_off_days: float = quantity(10.0, "days", "E251", 0, 365)
    disclosure: float = quantity(0.0, "share of the wedge told before purchase", "assumption", 0, 1)
    suitability: bool = quantity(False, "yes/no", "E279", note="premium limits in force")
    single_premium_limit: float = quantity(4.0, "times yearly income", "E279", 0, 100)
    regular_premium_limit: float = quantity(0.20, "share of yearly income", "E280", 0, 1)
    true_recording: bool = quantity(
        False, "yes/no", "E140", note="commission paid must be the commission filed, and is audited"
    )
    risk_control: float = quantity(
        0.0, "1", "assumption", 0, 1, note="bank's own control of clerks and operations"
    )
    risk_control_cost: float = quantity(0.08, "yuan/month per customer", "assumption", 0, 1e6)
    operational_loss: float = quantity(
        0.3, "yuan/month per customer", "assumption", 0, 1e6, note="without control"
    )
    bank_sight: float = quantity(
        0.06, "1/quarter", "assumption", 0, 1, note="bank authority sees a trace"
    )
    insurer_sight: float = quantity(
        0.10, "1/quarter", "assumption", 0, 1, note="insurance authority sees a trace"
    )
    recording_sight: float = quantity(
        0.5, "1/quarter", "assumption", 0, 1, note="either sight of money under true recording"
    )
    meeting_interval: int = quantity(6, "months", "E284", 1, 600, note="joint meeting")
    mis_sale_trigger: float = quantity(
        0.2, "share of sales", "assumption", 0.001, 1, note="mis-selling sure to leave a trace"
    )
    fine_multiple: float = quantity(
        3.0, "times the amount", "assumption", 0, 1000, note="for off-book payments, each side"
    )
    fixed_fine: float = quantity(
        0.5, "yuan per customer of the bank", "E290", 0, 1e6, note="per proven case, each side"
    )
    publicity: float = quantity(
        0.01, "1", "assumption", 0, 1, note="trust lost by a bank's customers per proven case"
    )
    reputation_fine: float = quantity(
        0.05, "1", "assumption", 0, 1, note="reputation an insurer loses per proven case"
    )
    belief_strength: float = quantity(
        20.0, "quarters", "assumption", 0.1, 1e4, note="weight of the prior belief in detection"
    )
    detection: float = quantity(
        0.05, "1 per mis-sale", "assumption", 0, 1, note="chance that a clerk is sanctioned"
    )
    sanction: float = quantity(1500.0, "yuan per proven mis-sale", "assumption", 0, 1e8)


@dataclass(frozen=True)
class Adaptation:
    """Whether firms revise their own levers once a year."""

    rule: str = quantity(
        "fixed", "word", "assumption", choices=("fixed", "imitate", "ewa"), family="adaptation"
    )
    step: float = quantity(
        0.25, "share", "assumption", 0, 1, note="by which neighbouring strategies differ"
    )
    imitation: float = quantity(
        0.3, "1/year", "assumption", 0, 1, note="chance to copy a better competitor"
    )
    ewa_decay: float = quantity(0.9, "1/year", "assumption", 0, 1, note="phi of Camerer & Ho")
    ewa_growth: float = quantity(0.5, "1", "assumption", 0, 1, note="kappa: attractions cumulate")
    ewa_foregone: float = quantity(
        0.5, "1", "assumption", 0, 1, note="delta: weight of payoffs not chosen"
    )
    ewa_sensitivity: float = quantity(
        2.0, "1 per relative payoff", "assumption", 0, 1000, note="lambda of the logit response"
    )
