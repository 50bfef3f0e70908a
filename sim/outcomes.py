"""Long-run outcomes: what a run comes to, over the last months of its horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.levers import ACCIDENT, INVESTMENT, PROTECTION
from scenarios.schema import Scenario
from sim.month_tables import Floats, Flow, Total
from sim.products import REGULAR


@dataclass(frozen=True)
class Outcome:
    """Name, unit and meaning of one long-run outcome; headline ones lead reports."""

    name: str
    unit: str
    label: str
    headline: bool
    note: str


_LIST = (
    Outcome(
        "bank_premium", "yuan/customer/year", "Bank-channel premium", True, "first and renewal"
    ),
    Outcome(
        "bank_share", "share", "Bank share of life premium", True, "of bank and own-agent channel"
    ),
    Outcome("single_share", "share", "Single premium share", False, "of bank first-year premium"),
    Outcome("fee_single", "share", "Running fee, single premium", True, "on the books, of premium"),
    Outcome("fee_regular", "share", "Running fee, regular premium", False, "of first-year premium"),
    Outcome("fee_access", "share", "Access fee", False, "spread over the term, of first premium"),
    Outcome("fee_off_book", "share", "Off-book payments", False, "of first premium"),
    Outcome("profit_share", "share", "Profit share", False, "of the bank in partners, of premium"),
    Outcome("fee_total", "share", "Total fee", True, "running, access and off the books"),
    Outcome(
        "fee_dispersion", "share", "Fee dispersion", False, "standard deviation over agreements"
    ),
    Outcome("partner_turnover", "1/year", "Partner turnover", False, "ended per agreement"),
    Outcome("relationship_capital", "1", "Relationship capital", False, "per agreement"),
    Outcome(
        "bank_value", "yuan/customer/year", "Bank value", True, "fees less all costs of selling"
    ),
    Outcome("insurer_value", "yuan/customer/year", "Insurer value", True, "new business, net"),
    Outcome("customer_welfare", "yuan/customer/year", "Customer welfare", True, "experienced"),
    Outcome("misselling_rate", "share", "Mis-selling rate", True, "unsuitable, of bank sales"),
    Outcome("misselling_loss", "yuan/customer/year", "Mis-selling loss", False, "bank channel"),
    Outcome("felt_misled", "share", "Felt misled", False, "of holders of a bank-sold policy"),
    Outcome("own_intent_share", "share", "Bought by own intent", False, "of bank sales"),
    Outcome("complaint_rate", "1/1000 policies/year", "Complaints", False, "unresolved, bank"),
    Outcome("persistency_13", "share", "13-month persistency", True, "bank, without accident"),
    Outcome("persistency_25", "share", "25-month persistency", False, "bank, without accident"),
    Outcome("surrender_rate", "1/year", "Surrender rate", False, "paid over reserves, bank"),
    Outcome("cooling_off_rate", "share", "Cooling-off cancellations", False, "of bank sales"),
    Outcome("days_to_issue", "days", "Days to issue", False, "mean of bank applications"),
    Outcome("claims_ratio", "share", "Claims ratio", False, "protection and accident, bank"),
    Outcome("trust", "1", "Trust in bank-sold insurance", True, "mean over customers"),
    Outcome("solvency_ratio", "1", "Solvency ratio", False, "capital over requirement, all"),
    Outcome("hhi", "1", "Concentration (HHI)", False, "insurers, bank first premium"),
    Outcome(
        "recorded_share", "share", "Agency income recorded", False, "on the books, of all paid"
    ),
    Outcome("proven_cases", "cases/year", "Violations proven", False, "bank-insurer pairs"),
    Outcome("violations", "pairs", "Pairs in violation", False, "mean over quarters"),
    Outcome("detection_delay", "months", "Detection delay", False, "from first violation to proof"),
    Outcome("fines", "yuan/customer/year", "Fines", False, "banks and insurers together"),
    Outcome("breaches", "cases/year", "Breaches", False, "per bank"),
    Outcome("outages", "cases/year", "Outages", False, "months with the link down, per bank"),
    Outcome("breach_loss", "yuan/customer/year", "Breach losses", False, "of customers"),
    Outcome("operational_loss", "yuan/customer/year", "Operational losses", False, "of banks"),
    Outcome("advice_effort", "1", "Advice effort", False, "mean over clerks"),
    Outcome("selling_effort", "1", "Selling effort", False, "mean over clerks"),
    Outcome("penetration", "share", "Penetration", False, "bank policies in force per customer"),
    Outcome("conversion", "share", "Conversion", False, "bank sales per approach or enquiry"),
    Outcome("investment_share", "share", "Investment-type share", False, "of bank first premium"),
    Outcome("failures", "insurers", "Insurer failures", False, "over the whole run"),
    Outcome("ledger_residual", "1", "Ledger residual", False, "largest, of monthly turnover"),
)

#: All outcomes by name, in the order of reports.
OUTCOMES = {outcome.name: outcome for outcome in _LIST}


def _over(part: float, whole: float) -> float:
    """Part over whole; NaN where more was refunded than sold, or nothing was."""
    return float(part / whole) if whole > 0.0 else float("nan")


def _share(part: float, whole: float, most: float = 1.0) -> float:
    """A share that cannot be negative or above ``most``; NaN where refunds make it so.

    Refunds belong to what was sold the month before, part of it before the window. In a market of
    few sales they can outweigh those of the window in one part of the business and not in another.
    """
    value = _over(part, whole)
    return value if -1e-9 <= value <= most + 1e-9 else float("nan")


def _lagged(record: Floats, flow: Flow, window: int, lag: int) -> float:
    """Sum of a bank-channel flow over the window shifted back by ``lag`` months, no accident."""
    months = len(record)
    first, last = max(0, months - window - lag), max(0, months - lag)
    return float(np.delete(record[first:last, 0, :, flow], ACCIDENT, axis=1).sum())


def _persistency(record: Floats, flow: Flow, window: int, lag: int) -> float:
    """Policies still in force after ``lag`` months, of those sold; NaN before any could be."""
    window = min(window, max(0, len(record) - lag))
    return _over(_lagged(record, flow, window, 0), _lagged(record, Flow.SALES, window, lag))


def _cooled_off(record: Floats, window: int) -> float:
    """Policies cancelled in the cooling-off period, of those sold: all in the month before."""
    sold = record[-window - 1 : -1, 0, :, Flow.SALES].sum()
    return _over(record[-window:, 0, :, Flow.COOLED_OFF].sum(), sold)


def _conduct(record: dict[str, Floats], tail: dict[str, Floats], yearly: float) -> dict[str, float]:
    """Outcomes of supervision, security and effort; quarterly counts over the whole run."""
    years = len(record["rates"]) / 12.0
    # A bank that pays for a stake in its partner has no negative agency income.
    paid = tail["fees"].sum() + np.maximum(0.0, tail["access"]).sum()
    proven = float(record["proven"].sum())
    return {
        "recorded_share": _share(paid, paid + tail["side"].sum()),
        "proven_cases": _over(proven, years),
        "violations": float(record["violations"].mean()) if len(record["violations"]) else 0.0,
        "detection_delay": _over(float(record["delay"].sum()), proven),
        "fines": tail["fines"].sum() * yearly,
        "breaches": float(12.0 * tail["breaches"].mean()),
        "outages": float(12.0 * tail["outages"].mean()),
        "breach_loss": tail["totals"][..., Total.BREACH_LOSS].sum() * yearly,
        "operational_loss": tail["operational_loss"].sum() * yearly,
        "selling_effort": float(tail["effort"][:, 0].mean()),
        "advice_effort": float(tail["effort"][:, 1].mean()),
    }


def long_run_outcomes(record: dict[str, Floats], scenario: Scenario) -> dict[str, float]:
    """Compute all outcomes from the record of a run.

    Args:
        record: Arrays with the month as first axis, as ``sim.recorder.record_month`` notes them.
        scenario: Settings; the outcome window is ``horizon.window`` months at the end.

    Returns:
        Values by name; NaN where the run has nothing to measure (no sales, too short, or more
        refunded than sold).
    """
    window = min(scenario.horizon.window, len(record["rates"]))
    tail = {name: values[-window:] for name, values in record.items()}
    classes = record["class_flows"]
    bank = tail["class_flows"][:, 0].sum(axis=0)
    agents = tail["class_flows"][:, 1].sum(axis=0)
    total = bank.sum(axis=0)
    customer_months = float(tail["totals"][..., Total.CUSTOMERS].sum())
    premium = total[Flow.FIRST_PREMIUM] + total[Flow.RENEWAL_PREMIUM] - total[Flow.REFUNDS]
    other = agents.sum(axis=0)
    agent_premium = other[Flow.FIRST_PREMIUM] + other[Flow.RENEWAL_PREMIUM] - other[Flow.REFUNDS]
    sold, weighted = tail["sold_mode"], tail["fee_weighted"]
    first = float(sold.sum())
    single_sold = np.maximum(0.0, sold[..., 0])
    highest = tail["fee"].max(axis=(0, 1, 2))
    fee_single, fee_regular = (
        _share(weighted[..., mode].sum(), sold[..., mode].sum(), highest[mode]) for mode in range(2)
    )
    spread = (single_sold * (tail["fee"][..., 0] - fee_single) ** 2).sum()
    active = float(tail["active"].sum())
    turnover = record["turnover"]
    ended = turnover[-1, 1] - (turnover[-window - 1, 1] if len(turnover) > window else 0.0)
    by_insurer = np.maximum(0.0, sold.sum(axis=(0, 1, 3)))
    risk_classes = [PROTECTION, ACCIDENT]
    risk_premium = bank[risk_classes][:, [Flow.FIRST_PREMIUM, Flow.RENEWAL_PREMIUM]].sum()
    yearly = 12.0 / customer_months if customer_months else float("nan")
    values = {
        "bank_premium": premium * yearly,
        "bank_share": _share(premium, premium + agent_premium),
        "single_share": _over(
            bank[~REGULAR, Flow.FIRST_PREMIUM].sum(), bank[:, Flow.FIRST_PREMIUM].sum()
        ),
        "fee_single": fee_single,
        "fee_regular": fee_regular,
        "fee_access": _over(tail["access"].sum(), first),
        "fee_off_book": _share(tail["side"].sum(), first, tail["side_rate"].max()),
        "profit_share": _over(tail["profit_share"].sum(), first),
        "fee_total": _over((tail["fees"] + tail["access"] + tail["side"]).sum(), first),
        "fee_dispersion": float(np.sqrt(_over(spread, single_sold.sum()))),
        "partner_turnover": _over(12.0 * ended, active),
        "relationship_capital": _over(tail["capital"].sum(), active),
        "bank_value": tail["bank_value"].sum() * yearly,
        "insurer_value": tail["insurer_value"].sum() * yearly,
        "customer_welfare": yearly
        * (
            tail["totals"][..., Total.WELFARE].sum()
            - tail["totals"][..., Total.BREACH_LOSS].sum()
            - total[Flow.UNDONE_SURPLUS]
            - other[Flow.UNDONE_SURPLUS]
        ),
        "misselling_rate": _over(total[Flow.MIS_SALES], total[Flow.SALES]),
        "misselling_loss": total[Flow.MIS_SELLING_LOSS] * yearly,
        "felt_misled": _over(total[Flow.FELT_MISLED], total[Flow.IN_FORCE]),
        "own_intent_share": _over(total[Flow.OWN_INTENT], total[Flow.SALES]),
        "complaint_rate": _over(12_000.0 * total[Flow.COMPLAINTS], total[Flow.IN_FORCE]),
        "persistency_13": _persistency(classes, Flow.SURVIVE_13, window, 13),
        "persistency_25": _persistency(classes, Flow.SURVIVE_25, window, 25),
        "surrender_rate": _over(12.0 * total[Flow.SURRENDERS], total[Flow.RESERVE]),
        "cooling_off_rate": _cooled_off(classes, window),
        "days_to_issue": _over(total[Flow.WAIT_DAYS], total[Flow.APPLICATIONS]),
        "claims_ratio": _over(bank[risk_classes, Flow.CLAIMS].sum(), risk_premium),
        "trust": _over(tail["totals"][..., Total.TRUST].sum(), customer_months),
        "solvency_ratio": _over((tail["assets"] - tail["reserves"]).sum(), tail["required"].sum()),
        "hhi": _over((by_insurer**2).sum(), by_insurer.sum() ** 2),
        **_conduct(record, tail, yearly),
        "penetration": _over(total[Flow.IN_FORCE], customer_months),
        "conversion": _over(total[Flow.SALES], tail["totals"][..., Total.OFFERS].sum()),
        "investment_share": _over(
            bank[INVESTMENT, Flow.FIRST_PREMIUM], bank[:, Flow.FIRST_PREMIUM].sum()
        ),
        "failures": float(record["failures"].sum()),
        "ledger_residual": float(record["ledger_residual"].max()),
    }
    return {name: float(values[name]) for name in OUTCOMES}
