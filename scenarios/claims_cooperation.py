"""Claims about products, partnerships and clerks: levers 1 to 3."""

from __future__ import annotations

from scenarios.claims import Claim, Condition, Effect

ALLIANCE = (
    "partnership.form=exclusive_alliance",
    "partnership.term=120",
    "partnership.partners=1",
    "partnership.access_fee=true",
)
SCREENED = ("partnership.selection=screening", "partnership.insurers_choose=true")
VENTURE = ("partnership.form=joint_venture", "partnership.equity=0.4")
LONG_TERM = ("product.savings.term=10", "product.savings.surrender_years=8")
SEGMENTED = ("product.design=segmented",)
JOINT_TEAM = ("product.team=joint",)
FEW_KNOWN = Condition("developers know customers well anyway", ("product.information_loss=0.05",))
ALIKE = Condition("insurers are all alike", ("partnership.trait_spread=0",))
CALM = Condition("partners never fall out", ("partnership.conflict=0",))
ASSISTANTS = ("incentives.account_managers=0.5", "incentives.manager_role=assistant")
CONSULTANTS = ("incentives.account_managers=0.5", "incentives.manager_role=consultant")

PRODUCT = (
    Claim(
        "1a",
        "product",
        "Simple products suited to the counter convert better, and clerks offer them more",
        "Less complexity costs the less literate less utility, which outweighs what the affluent "
        "miss; how much a clerk sells is set by pay, not by how long a product takes to explain.",
        (),
        ("product.design=otc_simple",),
        (Effect("conversion", 1), Effect("selling_effort", 1)),
        (
            Condition("customers are literate", ("population.literacy_mean=0.8",)),
            Condition("the affluent miss a lot", ("product.simple_need_loss=1.5",)),
        ),
    ),
    Claim(
        "1b",
        "product",
        "Products designed per customer segment raise penetration and customer welfare",
        "Each variant adds fit for its segment, as much as its developers know of the customers.",
        (),
        SEGMENTED,
        (Effect("penetration", 1), Effect("customer_welfare", 1)),
        (Condition("developers know nothing", ("product.information_loss=1",)),),
    ),
    Claim(
        "1c",
        "product",
        "Long-term products raise long-run value and persistency",
        "The surrender charge runs longer and the insurer keeps the margin for more years, but "
        "holders have more years in which to leave and the deposit margin is lost for longer.",
        (),
        LONG_TERM,
        (Effect("persistency_25", 1), Effect("insurer_value", 1), Effect("bank_value", 1)),
        (Condition("buyers mean to stay", treatment=("product.savings.lapse_rate=0.015",)),),
    ),
    Claim(
        "1c-start",
        "product",
        "Long-term products sell less at first",
        "The insurer keeps its margin for longer and can pay a higher fee for it, so clerks push "
        "more; customers earn more than on a deposit for longer, and do not mind being bound.",
        ("horizon.months=36", "horizon.window=24"),
        LONG_TERM,
        (Effect("bank_premium", -1),),
    ),
    Claim(
        "1d",
        "product",
        "Integration into the bank's wealth range raises cross-selling",
        "Holders of one bank-sold policy find the next one more useful.",
        SEGMENTED,
        ("product.design=full_suite",),
        (Effect("penetration", 1), Effect("bank_premium", 1)),
    ),
    Claim(
        "1e",
        "product",
        "A joint team of bank and insurer gives better fit than design by the insurer alone",
        "Joint developers lose less of the possible fit, the less the more relationship capital "
        "the pair has; both pay for it.",
        (*SEGMENTED, *ALLIANCE),
        JOINT_TEAM,
        (Effect("penetration", 1), Effect("customer_welfare", 1)),
        (FEW_KNOWN,),
    ),
)

PARTNERSHIP = (
    Claim(
        "2a",
        "partnership",
        "One-on-one for the long term lowers and steadies fees against multi-partner yearly talks",
        "Exclusivity removes what the bank would recapture from other partners, but lets it "
        "threaten to replace the one it has; fees differ more between pairs that bargain alone.",
        (),
        ALLIANCE,
        (Effect("fee_total", -1), Effect("fee_single", -1), Effect("fee_dispersion", -1)),
        (
            Condition("banks auction the shelf", ("bargaining.protocol=auction",)),
            Condition("banks bargain weakly", ("bargaining.bank_power=0.2",)),
        ),
    ),
    Claim(
        "2b",
        "partnership",
        "One-on-one for the long term raises service, relationship investment and joint value",
        "A long term lets both sides harvest what they invest; a single brand gives customers "
        "less choice.",
        (),
        ALLIANCE,
        (
            Effect("relationship_capital", 1),
            Effect("complaint_rate", -1),
            Effect("joint_value", 1),
            Effect("customer_welfare", 1),
        ),
        (Condition("the term is short", treatment=("partnership.term=12",)),),
    ),
    Claim(
        "2c",
        "partnership",
        "An alliance lasts only when banks screen partners on five criteria",
        "Screening weighs culture, and clashing cultures break up; picking by fee ignores it.",
        ALLIANCE,
        ("partnership.selection=screening",),
        (
            Effect("partner_turnover", -1),
            Effect("relationship_capital", 1),
            Effect("joint_value", 1),
        ),
        (ALIKE, CALM),
    ),
    Claim(
        "2d",
        "partnership",
        "Capital ties deepen an alliance",
        "Owning part of the partner, the bank counts that part of its gain when it invests, but "
        "the insurer counts less.",
        (*ALLIANCE, "partnership.term=180"),
        VENTURE,
        (Effect("relationship_capital", 1), Effect("joint_value", 1)),
        (Condition("the bank is the strong side", ("bargaining.bank_power=0.9",)),),
    ),
    Claim(
        "2e",
        "partnership",
        "Insurers that choose their partners do better than those that wait to be chosen",
        "Staying away from banks that do not fit spares break-ups but leaves fewer on the shelf.",
        ALLIANCE,
        ("partnership.insurers_choose=true",),
        (Effect("insurer_value", 1), Effect("partner_turnover", -1)),
        (Condition("many partners, yearly talks", ("partnership.form=part_time_agency",
            "partnership.term=12", "partnership.partners=12", "partnership.access_fee=false")),),
    ),
)  # fmt: skip

INCENTIVES = (
    Claim(
        "3a",
        "incentives",
        "Training raises volume and quality",
        "Training adds to skill: a sharper eye for what suits, but also more of both efforts, and "
        "more selling reaches more people whom nothing suits.",
        ("incentives.training_hours=0",),
        ("incentives.training_hours=8",),
        (
            Effect("bank_premium", 1),
            Effect("misselling_rate", -1),
            Effect("bank_value", 1),
        ),
        (Condition("sales alone count in the appraisal", ("incentives.scheme=sales_kpi",)),),
    ),
    Claim(
        "3b",
        "incentives",
        "Sales in the appraisal raise volume, and lower the quality of advice",
        "A clerk's two tasks compete for effort: paying one draws it from the other.",
        (),
        ("incentives.scheme=sales_kpi",),
        (Effect("bank_premium", 1), Effect("advice_effort", -1), Effect("misselling_rate", 1)),
        (Condition("the tasks do not compete", ("incentives.effort_substitution=0",)),),
    ),
    Claim(
        "3b-quality",
        "incentives",
        "With quality rewarded too, sales in the appraisal raise volume and not mis-selling",
        "A bonus for advice keeps effort there; whether volume still rises depends on how far "
        "the two tasks exclude each other.",
        (),
        ("incentives.scheme=balanced",),
        (Effect("bank_premium", 1), Effect("misselling_rate", -1), Effect("bank_value", 1)),
        (Condition("quality counts little", treatment=("incentives.quality_bonus=60",)),),
    ),
    Claim(
        "3c",
        "incentives",
        "Account managers who assist in the branch raise conversion",
        "They add approaches and push; a larger share of approaches meets people without need.",
        ("incentives.account_managers=0",),
        ASSISTANTS,
        (Effect("conversion", 1), Effect("bank_premium", 1)),
        (Condition("they may only visit", ("incentives.stationed=false",)),),
    ),
    Claim(
        "3c-service",
        "incentives",
        "Account managers raise satisfaction after the sale",
        "Their contacts keep holders and settle complaints, as far as their number reaches.",
        ("service.level=proactive", "incentives.account_managers=0"),
        CONSULTANTS,
        (Effect("complaint_rate", -1), Effect("trust", 1)),
    ),
)

COOPERATION_CLAIMS = (*PRODUCT, *PARTNERSHIP, *INCENTIVES)
