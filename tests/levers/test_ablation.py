"""Switching a mechanism off moves the outcome it should, and leaves unrelated luck alone."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import pandas as pd
import pytest

from scenarios.check import build, to_dict
from scenarios.schema import Scenario
from sim.model import BancassuranceModel
from sim.recorder import Results

SMALL = {
    "population.size": 2500,
    "market.branches": 24,
    "market.banks": 4,
    "market.insurers": 6,
    "horizon.months": 84,
    "horizon.window": 48,
}
ALLIANCE = {
    "partnership.form": "exclusive_alliance",
    "partnership.partners": 1,
    "partnership.term": 120,
    "partnership.access_fee": True,
}
PROACTIVE = {"service.level": "proactive", "incentives.account_managers": 1.0}
LINKED = {"platform.link": "integrated", "platform.adoption": 0.5}
CAPPED = {"supervision.fee_cap": 0.015}
POSTED = {
    "bargaining.protocol": "posted",
    "bargaining.posted_single": 0.02,
    "bargaining.posted_regular": 0.03,
}
#: Off-book payments under an authority that proves many of them.
SEEN = {
    **CAPPED,
    "supervision.regime": "integrated",
    "supervision.bank_sight": 0.3,
    "supervision.insurer_sight": 0.3,
}


@cache
def _run(settings: tuple[tuple[str, object], ...]) -> Results:
    values = to_dict(Scenario())
    for key, value in {**SMALL, **dict(settings)}.items():
        node = values
        *path, last = key.split(".")
        for name in path:
            node = node[name]
        assert last in node, key
        node[last] = value
    return BancassuranceModel(build(Scenario, values), rng=3).run()


def run(settings: dict[str, object]) -> Results:
    return _run(tuple(settings.items()))


class Ablation(NamedTuple):
    """With ``on`` beside ``off`` the outcome must be higher (+1), lower (-1) or other (0)."""

    name: str
    common: dict[str, object]
    off: dict[str, object]
    on: dict[str, object]
    outcome: str
    sign: int


CASES = [
    Ablation(
        "simple products lift conversion",
        {},
        {},
        {"product.design": "otc_simple"},
        "conversion",
        1,
    ),
    Ablation(
        "variants fit segments",
        {"product.variant_months": 1},
        {"product.variant_quality": 0.0, "product.design": "segmented"},
        {"product.design": "segmented"},
        "penetration",
        1,
    ),
    Ablation(
        "joint teams lose less information",
        {"product.design": "segmented", "product.variant_months": 1},
        {},
        {"product.team": "joint"},
        "penetration",
        1,
    ),
    Ablation(
        "the wealth range sells to holders",
        {"product.design": "full_suite"},
        {"product.cross_selling": 0.0},
        {},
        "penetration",
        1,
    ),
    Ablation(
        "time to explain pushes simple products",
        {},
        {"product.explaining": 0.0},
        {},
        "investment_share",
        -1,
    ),
    Ablation(
        "relationship capital needs a horizon",
        {"partnership.relationship_cost": 0.2, "partnership.conflict": 0.0},
        {**ALLIANCE, "partnership.term": 12},
        ALLIANCE,
        "relationship_capital",
        1,
    ),
    Ablation(
        "bad matches break up",
        ALLIANCE,
        {"partnership.conflict": 0.0},
        {"partnership.conflict": 5.0},
        "partner_turnover",
        1,
    ),
    # At given fees below the middle of the margin, so that the bank alone has little to gain.
    Ablation(
        "a stake makes banks invest",
        {
            **ALLIANCE,
            **POSTED,
            "partnership.form": "joint_venture",
            "partnership.relationship_cost": 0.3,
        },
        {"partnership.equity": 0.0},
        {"partnership.equity": 0.9},
        "relationship_capital",
        1,
    ),
    Ablation(
        "owning more of its insurer pays the bank",
        {**ALLIANCE, "partnership.form": "financial_group"},
        {"partnership.equity": 0.3},
        {"partnership.equity": 0.9},
        "bank_value",
        1,
    ),
    Ablation(
        "a partner that can be replaced leaves the bank more",
        ALLIANCE,
        {"partnership.form": "joint_venture", "partnership.equity": 0.0},
        {},
        "bank_value",
        1,
    ),
    Ablation(
        "an access fee takes part of the running fee's place",
        ALLIANCE,
        {"partnership.access_fee": False},
        {},
        "fee_single",
        -1,
    ),
    Ablation(
        "an access fee is a legal way around a cap",
        {**ALLIANCE, **CAPPED},
        {"partnership.access_fee": False},
        {},
        "fee_off_book",
        -1,
    ),
    Ablation(
        "screening finds matches that last",
        {**ALLIANCE, "partnership.conflict": 5.0},
        {},
        {"partnership.selection": "screening"},
        "partner_turnover",
        -1,
    ),
    Ablation(
        "insurers that choose find matches that last",
        {**ALLIANCE, "partnership.conflict": 5.0, "market.banks": 8},
        {},
        {"partnership.insurers_choose": True},
        "partner_turnover",
        -1,
    ),
    Ablation(
        "a panel leaves the bank less to turn to",
        {"partnership.conflict": 0.0, "partnership.relationship_fit": 0.0},
        {},
        {"partnership.form": "panel", "partnership.partners": 2, "partnership.term": 36},
        "fee_single",
        -1,
    ),
    Ablation(
        "bidding for scarce places takes the insurers' rent",
        {"partnership.outlet_partners": 2},
        {},
        {"bargaining.protocol": "auction"},
        "fee_single",
        1,
    ),
    Ablation(
        "bidding for a panel takes the insurers' rent",
        {"partnership.form": "panel", "partnership.partners": 2, "partnership.term": 36},
        {},
        {"bargaining.protocol": "auction"},
        "fee_single",
        1,
    ),
    Ablation(
        "a posted fee is what is paid",
        POSTED,
        {},
        {"bargaining.posted_single": 0.03},
        "fee_single",
        1,
    ),
    Ablation(
        "a posted fee is what an alliance pays",
        {**ALLIANCE, **POSTED},
        {},
        {"bargaining.posted_single": 0.03},
        "fee_single",
        1,
    ),
    Ablation(
        "power raises fees",
        {},
        {"bargaining.bank_power": 0.2},
        {"bargaining.bank_power": 0.8},
        "fee_single",
        1,
    ),
    Ablation(
        "patience is power in alternating offers",
        {"bargaining.protocol": "alternating", "bargaining.insurer_discount": 0.9},
        {"bargaining.bank_discount": 0.5},
        {"bargaining.bank_discount": 0.99},
        "fee_single",
        1,
    ),
    Ablation(
        "a cap is paid around",
        {},
        {},
        CAPPED,
        "fee_off_book",
        1,
    ),
    Ablation(
        "money off the books makes clerks sell",
        CAPPED,
        {"incentives.side_to_clerks": 0.0},
        {"incentives.side_to_clerks": 0.9},
        "selling_effort",
        1,
    ),
    Ablation(
        "audited recording ends it",
        CAPPED,
        {},
        {"supervision.true_recording": True},
        "fee_off_book",
        -1,
    ),
    Ablation(
        "pay for sales crowds out advice",
        {},
        {},
        {"incentives.scheme": "sales_kpi"},
        "advice_effort",
        -1,
    ),
    Ablation(
        "sales appraisal mis-sells",
        {},
        {},
        {"incentives.scheme": "sales_kpi"},
        "misselling_rate",
        1,
    ),
    Ablation(
        "pay for quality brings advice back",
        {"incentives.scheme": "balanced"},
        {"incentives.quality_bonus": 0.0},
        {},
        "advice_effort",
        1,
    ),
    Ablation(
        "clawback makes clerks care",
        {},
        {},
        {"incentives.scheme": "deferred"},
        "advice_effort",
        1,
    ),
    Ablation(
        "without pay little is sold",
        {},
        {"incentives.scheme": "salary"},
        {},
        "selling_effort",
        1,
    ),
    Ablation(
        "training builds skill",
        {},
        {"incentives.training_hours": 0.0},
        {},
        "selling_effort",
        1,
    ),
    Ablation(
        "trainers train",
        {"incentives.account_managers": 1.0},
        {},
        {"incentives.manager_role": "trainer"},
        "selling_effort",
        1,
    ),
    Ablation(
        "assistants sell in the branch",
        {"incentives.account_managers": 1.0, "incentives.manager_role": "assistant"},
        {"supervision.stationing_ban": True},
        {},
        "bank_premium",
        1,
    ),
    Ablation(
        "a link speeds issue up",
        {},
        {},
        LINKED,
        "days_to_issue",
        -1,
    ),
    Ablation(
        "fund transfer carries investment policies",
        LINKED,
        {"population.choice.transfer_weight": 3.0, "platform.link": "paper"},
        {"population.choice.transfer_weight": 3.0},
        "investment_share",
        1,
    ),
    # In the first year: later, those whose need is large hold their policies already.
    Ablation(
        "a shared database finds need",
        {**LINKED, "horizon.months": 12, "horizon.window": 12, "horizon.burn_in": 0},
        {"platform.targeting": 0.0},
        {"platform.targeting": 1.0},
        "conversion",
        1,
    ),
    Ablation(
        "inspection prevents breaches",
        {**LINKED, "platform.breach_rate": 20.0, "platform.vulnerability_growth": 0.5},
        {"platform.inspection_interval": 6000},
        {"platform.inspection_interval": 1},
        "breaches",
        -1,
    ),
    Ablation(
        "outages need neglect too",
        {**LINKED, "platform.outage_rate": 20.0, "platform.vulnerability_growth": 0.5},
        {"platform.inspection_interval": 6000},
        {"platform.inspection_interval": 1},
        "outages",
        -1,
    ),
    Ablation(
        "prevention lowers claims",
        {**PROACTIVE, "service.prevention": 1.0, "service.uptake": 1.0, "service.contacts": 1.0},
        {"service.uptake": 0.0},
        {},
        "claims_ratio",
        -1,
    ),
    Ablation(
        "contact keeps policies",
        {**PROACTIVE, "service.contacts": 0.2},
        {"population.policy_life.contact_relief": 0.0},
        {"population.policy_life.contact_relief": 3.0},
        "persistency_25",
        1,
    ),
    Ablation(
        "feedback closes the gap",
        {**PROACTIVE, "service.contacts": 0.2},
        {"service.feedback": 0.0},
        {"service.feedback": 1.0},
        "felt_misled",
        -1,
    ),
    Ablation(
        "redress settles complaints",
        {"population.policy_life.complaint_per_gap": 1.0},
        {"service.level": "none"},
        {"service.resolution": 1.0},
        "complaint_rate",
        -1,
    ),
    Ablation(
        "one authority proves sooner",
        CAPPED,
        {"supervision.regime": "separate"},
        {"supervision.regime": "integrated"},
        "proven_cases",
        1,
    ),
    Ablation(
        "risk control cuts operational losses",
        {},
        {},
        {"supervision.risk_control": 1.0},
        "operational_loss",
        -1,
    ),
    Ablation(
        "risk control deters mis-selling",
        {},
        {},
        {"supervision.risk_control": 1.0},
        "misselling_rate",
        -1,
    ),
    Ablation(
        "disclosure tells what is sold",
        {},
        {},
        {"supervision.disclosure": 0.9},
        "misselling_loss",
        -1,
    ),
    Ablation(
        "a longer cooling-off period is used",
        {},
        {"supervision.cooling_off_days": 0.0},
        {"supervision.cooling_off_days": 60.0},
        "cooling_off_rate",
        1,
    ),
    Ablation(
        "an outlet cap thins the shelf",
        {},
        {},
        {"supervision.partner_cap": 1},
        "penetration",
        -1,
    ),
    Ablation(
        "a share cap takes partners off the shelf",
        {"partnership.partners": 2},
        {},
        {"supervision.insurer_share_cap": 0.3},
        "penetration",
        -1,
    ),
    Ablation(
        "learning moves strategies",
        {},
        {},
        {"adaptation.rule": "ewa"},
        "bank_premium",
        0,
    ),
    Ablation(
        "imitation moves strategies",
        {"adaptation.imitation": 1.0},
        {},
        {"adaptation.rule": "imitate"},
        "bank_premium",
        0,
    ),
    Ablation(
        "neighbours talk",
        {},
        {"population.trust.neighbour_weight": 0.0},
        {"population.trust.neighbour_weight": 0.5},
        "trust",
        0,
    ),
    Ablation(
        "scandals cost trust",
        SEEN,
        {"supervision.publicity": 0.0},
        {"supervision.publicity": 0.05},
        "trust",
        -1,
    ),
    Ablation(
        "reputation sorts insurers",
        {},
        {"population.choice.reputation_weight": 0.0},
        {"population.choice.reputation_weight": 20.0},
        "hhi",
        1,
    ),
    Ablation(
        "waiting drives applicants away",
        {},
        {"platform.drop_out": 0.0},
        {"platform.drop_out": 0.1},
        "conversion",
        -1,
    ),
    Ablation(
        "errors take time",
        {},
        {"platform.error_days": 0.0},
        {"platform.error_days": 30.0},
        "days_to_issue",
        1,
    ),
    Ablation(
        "limits keep premiums suitable",
        {"supervision.single_premium_limit": 0.2},
        {},
        {"supervision.suitability": True},
        "misselling_rate",
        -1,
    ),
    Ablation(
        "a joint meeting remembers traces",
        CAPPED,
        {},
        {"supervision.regime": "joint_meeting", "supervision.meeting_interval": 12},
        "proven_cases",
        1,
    ),
    Ablation(
        "better rates elsewhere draw holders away",
        {},
        {"population.policy_life.rate_sensitivity": 0.0},
        {"population.policy_life.rate_sensitivity": 300.0},
        "surrender_rate",
        1,
    ),
    Ablation(
        "charges keep holders in",
        {},
        {"population.policy_life.charge_sensitivity": 0.0},
        {"population.policy_life.charge_sensitivity": 40.0},
        "surrender_rate",
        -1,
    ),
    Ablation(
        "proof seen deters",
        SEEN,
        {"supervision.belief_strength": 10000.0},
        {"supervision.belief_strength": 4.0},
        "fee_off_book",
        -1,
    ),
    Ablation(
        "consultants reach holders",
        {
            **PROACTIVE,
            "incentives.account_managers": 0.3,
            "population.policy_life.contact_relief": 3.0,
        },
        {"incentives.manager_contacts": 0.0},
        {"incentives.manager_contacts": 20.0},
        "persistency_25",
        1,
    ),
    Ablation(
        "displaced deposits are paid for",
        {},
        {"market.deposit_displacement": 0.0},
        {"market.deposit_displacement": 0.3},
        "fee_single",
        1,
    ),
    Ablation(
        "breaches cost trust",
        {**LINKED, "platform.breach_rate": 5.0, "platform.vulnerability_growth": 0.5},
        {"platform.breach_trust": 0.0},
        {"platform.breach_trust": 0.05},
        "trust",
        -1,
    ),
    Ablation(
        "banks pay for breaches",
        {**LINKED, "platform.breach_rate": 20.0, "platform.vulnerability_growth": 0.5},
        {"platform.breach_compensation": 0.0},
        {"platform.breach_compensation": 1.0},
        "bank_value",
        -1,
    ),
    Ablation(
        "sanctions pay for advice",
        {},
        {"supervision.sanction": 0.0},
        {"supervision.sanction": 3000.0},
        "advice_effort",
        1,
    ),
    Ablation(
        "short-lived variants cost more",
        {"product.design": "segmented", "product.variant_months": 1, "product.variant_cost": 5.0},
        {"product.variant_life": 50.0},
        {"product.variant_life": 2.0},
        "insurer_value",
        -1,
    ),
]


def _luck(results: Results) -> tuple[pd.Series, pd.DataFrame]:
    """Draws that no lever touches: rates, and who visits and who dies when."""
    return results.market["risk_free_rate"], results.banks[["visits", "deaths"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_mechanism(case: Ablation) -> None:
    off, on = run({**case.common, **case.off}), run({**case.common, **case.on})
    change = on.outcomes[case.outcome] - off.outcomes[case.outcome]
    if case.sign:
        assert change * case.sign > 0.0, (off.outcomes[case.outcome], on.outcomes[case.outcome])
    else:
        assert change != 0.0
    for one, other in zip(_luck(off), _luck(on), strict=True):
        assert one.equals(other)
    for results in (off, on):
        assert results.outcomes["ledger_residual"] < 1e-9


def test_neutral_levels_change_nothing() -> None:
    """A lever's parameters are silent while its level does not use them."""
    silent = {
        "product.variant_quality": 5.0,
        "incentives.sales_bonus": 90.0,
        "incentives.deferred_share": 0.9,
        "platform.targeting": 0.9,
        "service.prevention": 0.9,
        "supervision.meeting_interval": 3,
        "bargaining.posted_single": 0.5,
        "adaptation.step": 0.9,
    }
    base, changed = run({}).outcomes, run(silent).outcomes
    for name, value in base.items():
        assert changed[name] == pytest.approx(value, nan_ok=True, abs=0.0), name
