"""Claims about platform, service, supervision and all levers together: 4 to 7."""

from __future__ import annotations

from scenarios.claims import Claim, Condition, Effect
from scenarios.claims_cooperation import (
    ALLIANCE,
    CONSULTANTS,
    JOINT_TEAM,
    LONG_TERM,
    SCREENED,
)

INTEGRATED = ("platform.link=integrated",)
CHECKED = ("platform.inspection_interval=12",)
PROACTIVE = ("service.level=proactive",)
MANY_MANAGERS = ("incentives.account_managers=0.5",)
CAPPED = ("supervision.fee_cap=0.02", "supervision.fee_cap_regular=0.05")
RECORDED = ("supervision.true_recording=true",)
RULES = (
    "supervision.disclosure=0.5",
    "supervision.suitability=true",
    "supervision.cooling_off_days=15",
)
CONTROL = ("supervision.risk_control=0.8",)
#: What each lever brings to the bundle; the scenario ``all_countermeasures`` is their sum.
LEVERS = (
    ("product.design=full_suite", *JOINT_TEAM, *LONG_TERM, "product.savings.lapse_rate=0.015"),
    (*ALLIANCE, *SCREENED),
    ("incentives.scheme=balanced", "incentives.training_hours=6", *CONSULTANTS),
    (*INTEGRATED, *CHECKED),
    PROACTIVE,
    ("supervision.regime=integrated", *RECORDED, *RULES, *CONTROL),
)
BUNDLE = tuple(setting for lever in LEVERS for setting in lever)
VALUES = (Effect("bank_value", 1), Effect("insurer_value", 1), Effect("customer_welfare", 1))

PLATFORM = (
    Claim(
        "4a",
        "platform",
        "Networking cuts issue time and errors, and with them drop-out",
        "Days and errors fall with the depth of the link; each day not waited keeps applicants.",
        (),
        ("platform.link=networked",),
        (Effect("days_to_issue", -1), Effect("conversion", 1)),
        (Condition("waiting drives nobody away", ("platform.drop_out=0",)),),
    ),
    Claim(
        "4b",
        "platform",
        "A shared customer base improves targeting and one-stop buying",
        "The chance of an approach rises with the rank of a visitor's predicted need, at the same "
        "mean: as many are approached, but those who miss more.",
        (*INTEGRATED, "platform.targeting=0"),
        ("platform.targeting=0.6",),
        (Effect("conversion", 1), Effect("penetration", 1), Effect("customer_welfare", 1)),
        (Condition("needs hardly differ", ("population.choice.taste_spread=0.1",)),),
    ),
    Claim(
        "4c",
        "platform",
        "Easy fund transfer raises the uptake of investment-type policies",
        "Integration takes away the trouble of moving money into such a policy.",
        ("platform.targeting=0",),
        INTEGRATED,
        (Effect("investment_share", 1),),
        (Condition("moving money is no trouble", ("population.choice.transfer_weight=0",)),),
    ),
    Claim(
        "4d",
        "platform",
        "Regular security checks cut outages and breaches, and pay for themselves",
        "Vulnerability grows between checks; customers and bank share the loss of a breach, the "
        "bank bears the cost of checks.",
        (*INTEGRATED, "platform.inspection_interval=600"),
        CHECKED,
        (Effect("breaches", -1), Effect("outages", -1), Effect("bank_value", 1)),
        (Condition("breaches are frequent", ("platform.breach_rate=1",)),),
    ),
)

SERVICE = (
    Claim(
        "5a",
        "service",
        "Service after the sale raises trust and persistency",
        "Contact lowers the hazard of leaving and mends trust, as far as managers reach holders.",
        ("service.level=none", *MANY_MANAGERS),
        PROACTIVE,
        (Effect("trust", 1), Effect("persistency_25", 1), Effect("joint_value", 1)),
        (Condition("managers are few", ("incentives.account_managers=0.05",)),),
    ),
    Claim(
        "5b",
        "service",
        "Advice on prevention lowers the cost of claims",
        "Holders who are reached and take it up avoid part of accidents and illness.",
        MANY_MANAGERS,
        PROACTIVE,
        (Effect("claims_ratio", -1),),
        (Condition("few take it up", ("service.uptake=0.05",)),),
    ),
    Claim(
        "5c",
        "service",
        "Follow-up and feedback lower complaints and surrenders",
        "Contacts keep holders; insurers who hear from them promise less at the next sale.",
        MANY_MANAGERS,
        PROACTIVE,
        (Effect("complaint_rate", -1), Effect("surrender_rate", -1)),
        (Condition("nothing is fed back", ("service.feedback=0",)),),
    ),
)

SUPERVISION = (
    Claim(
        "6a",
        "supervision",
        "A joint meeting finds cross-sector violations sooner than separate supervisors",
        "Files kept until the meeting join traces that were never seen in the same quarter; the "
        "mean delay of proven cases may still rise, as old cases are now among them.",
        CAPPED,
        ("supervision.regime=joint_meeting",),
        (
            Effect("proof_rate", 1),
            Effect("proven_cases", 1),
            Effect("detection_delay", -1),
            Effect("fee_off_book", -1),
        ),
        (Condition("they meet once in two years", ("supervision.meeting_interval=24",)),),
    ),
    Claim(
        "6a-one",
        "supervision",
        "One integrated authority finds cross-sector violations sooner than separate ones",
        "A trace on either side is enough; what deters leaves fewer cases to prove.",
        CAPPED,
        ("supervision.regime=integrated",),
        (
            Effect("proof_rate", 1),
            Effect("proven_cases", 1),
            Effect("detection_delay", -1),
            Effect("fee_off_book", -1),
        ),
    ),
    Claim(
        "6b",
        "supervision",
        "Rules of conduct protect customers and, in time, the firms' reputation",
        "Disclosure and limits take from what persuasion can do; fewer holders feel misled later.",
        (),
        RULES,
        (
            Effect("misselling_loss", -1),
            Effect("customer_welfare", 1),
            Effect("trust", 1),
            Effect("joint_value", 1),
        ),
        (Condition("nothing is disclosed", treatment=("supervision.disclosure=0",)),),
    ),
    Claim(
        "6c",
        "supervision",
        "Counting agency income in full shrinks payments off the books",
        "Audited money is seen by both sides more often; beliefs follow what is proven.",
        CAPPED,
        RECORDED,
        (Effect("fee_off_book", -1), Effect("recorded_share", 1)),
        (Condition("fines are small", ("supervision.fine_multiple=0.3",)),),
    ),
    Claim(
        "6d",
        "supervision",
        "The bank's own risk control cuts operational losses, and pays",
        "Control costs a fixed sum a customer and cuts losses and mis-selling.",
        (),
        CONTROL,
        (Effect("operational_loss", -1), Effect("bank_value", 1)),
        (Condition("it costs four times as much", ("supervision.risk_control_cost=0.32",)),),
    ),
    Claim(
        "6e",
        "supervision",
        "A fee cap and true recording do more together than each alone",
        "The cap alone drives the rest off the books, where only an audit can reach it.",
        (),
        (*CAPPED, *RECORDED),
        (Effect("fee_total", -1), Effect("misselling_rate", -1), Effect("customer_welfare", 1)),
        parts=(CAPPED, RECORDED),
    ),
    Claim(
        "6e-conduct",
        "supervision",
        "Rules of conduct and an integrated authority do more together than each alone",
        "Either alone already takes away most mis-selling, and no rate falls below zero: what two "
        "measures against one ill could add is small.",
        ("incentives.scheme=sales_kpi",),
        (*RULES, "supervision.regime=integrated"),
        (Effect("misselling_rate", -1), Effect("customer_welfare", 1)),
        parts=(RULES, ("supervision.regime=integrated",)),
    ),
)

TOGETHER = (
    Claim(
        "7a",
        "all",
        "All countermeasures together are a win-win: bank, insurer and customer gain",
        "Who pays for quality is not who gains by it: the bank bears bonus, control and a lower "
        "fee, customers and insurers most of the gain.",
        (),
        BUNDLE,
        VALUES,
        (
            Condition("the starting point is sales pressure", ("incentives.scheme=sales_kpi",)),
            Condition("quality counts little", treatment=("incentives.quality_bonus=60",)),
        ),
    ),
    Claim(
        "7b",
        "all",
        "The countermeasures are complements: the bundle does more than the sum of its parts",
        "Service, feedback and joint design build on managers, links and long relationships; but "
        "several levers heal the same wound, and it can be healed only once.",
        (),
        BUNDLE,
        VALUES,
        parts=LEVERS,
    ),
)

CONDUCT_CLAIMS = (*PLATFORM, *SERVICE, *SUPERVISION, *TOGETHER)
