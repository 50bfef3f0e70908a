"""Expected demand against a plain recomputation of every customer's nested logit.

The shelf that customers see is also put together again here from its parts, so that the compiled
rules are compared with array formulas written down once more.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from scenarios.levers import PRODUCT_CLASSES
from sim.choice import ticket_size
from sim.demand import SAMPLE, expect_demand
from sim.effort import posterior
from sim.products import REGULAR
from sim.shelf import (
    approach_chance,
    expected_welfare,
    fill_shelf,
    new_shelves,
    shelf_row,
    ticket_of,
)
from sim.streams import Stream, normal, uniform
from sim.views import now_of, world_of

CLASSES = len(PRODUCT_CLASSES)
BANK = 1
EXACT = {"rtol": 1e-9, "atol": 1e-9}


@pytest.fixture(scope="module")
def setting(market):
    """A bank's customers, the month and a world in which brands differ and clerks push."""
    world, now = world_of(market), now_of(market)
    insurers = len(market.insurers)
    counter = world.counter._replace(
        shelf=np.ones_like(world.counter.shelf),
        reputation=np.linspace(0.2, 0.9, insurers),
        # Everything is recommended: what a clerk recommends does not hang on who else is there.
        cutoff=np.zeros_like(world.counter.cutoff),
        tilt=np.linspace(0.2, 2.0, world.counter.tilt.size).reshape(world.counter.tilt.shape),
    )
    customers = market.customers_of[BANK]
    return SimpleNamespace(
        market=market,
        people=market.people,
        customers=customers,
        now=now,
        world=world._replace(counter=counter),
        insurers=insurers,
    )


def ask(setting, world=None):
    return expect_demand(setting.people, setting.customers, setting.now, world or setting.world)


def visits(setting, world):
    """Every way in which an asked customer may come to look at the shelf.

    Yields the chance per month, the filled shelf and the clerk.
    """
    counter, rules = world.counter, world.rules[0]
    shelf = shelf_row(new_shelves(1, setting.insurers), 0)
    picks = np.linspace(0, len(setting.customers) - 1, min(SAMPLE, len(setting.customers)))
    clerks = len(counter.clerk) // len(counter.bank_of)
    for n in setting.customers[np.unique(picks.astype(int))]:
        branch = setting.people.person[n]["branch"]
        draw = uniform(setting.now.keys[Stream.CLERK], int(n))
        clerk = int(branch * clerks + int(draw * clerks))
        reached = approach_chance(
            setting.people, int(n), counter.clerk[clerk], setting.now.seed, counter, rules
        )
        enquires = (1.0 - reached) * rules["enquiry_share"]
        for approached, chance in ((False, enquires), (True, reached)):
            fill_shelf(setting.people, int(n), clerk, approached, setting.now, world, shelf)
            yield int(n), clerk, approached, rules["visit_rate"] * chance, shelf


def plain_demand(setting, world):
    """Expected premium per insurer and class, (I, C), customer by customer without shortcuts."""
    counter, rules = world.counter, world.rules[0]
    similarity = rules["brand_similarity"]
    sold = np.zeros((setting.insurers, CLASSES))
    asked = set()
    for n, _, _, chance, shelf in visits(setting, world):
        asked.add(n)
        person = setting.people.person[n]
        there = np.isfinite(shelf.inclusive)[:, None] & np.isfinite(shelf.perceived)
        perceived = np.where(there, shelf.perceived, -np.inf)
        mass = np.zeros(CLASSES)
        within = np.zeros(perceived.shape)
        for c in np.flatnonzero(there.any(axis=1)):
            terms = np.exp(perceived[c] / similarity)
            within[c] = terms / terms.sum()
            mass[c] = terms.sum() ** similarity
        chosen = within * (mass / (1.0 + mass.sum()))[:, None]
        for c, i in np.argwhere(there):
            wedge = shelf.perceived[c, i] - shelf.value[c, i] + rules["inertia"]
            pair = counter.pair[counter.bank_of[person["branch"]], i]
            days = pair["wait"] + pair["error"] * rules["error_days"]
            stays = np.exp(-rules["drop_out"] * days)
            ticket = ticket_of(person, counter.klass[c], rules, wedge)
            sold[i, c] += 12.0 * chance * chosen[c, i] * stays * ticket
    return sold * len(setting.customers) / len(asked)


def without(world, insurer, mode):
    """The world when one insurer's products of one premium mode are off the shelf."""
    offered = world.counter.offered.copy()
    offered[..., insurer, (mode == 1) == REGULAR] = False
    return world._replace(counter=world.counter._replace(offered=offered))


def test_the_sample_buys_something_of_everything(setting):
    sold = ask(setting).sold
    assert (sold >= 0.0).all()
    assert (sold.sum(axis=0) > 0.0).sum() >= 4
    assert (sold.sum(axis=1) > 0.0).all()


def test_sold_is_the_sum_of_expected_choices(setting):
    np.testing.assert_allclose(ask(setting).sold, plain_demand(setting, setting.world), **EXACT)


@pytest.mark.parametrize("insurer", [0, 3])
def test_alone_is_what_sells_from_a_shelf_with_one_brand(setting, insurer):
    shelf = np.zeros_like(setting.world.counter.shelf)
    shelf[:, insurer] = True
    only = setting.world._replace(counter=setting.world.counter._replace(shelf=shelf))
    expected = plain_demand(setting, only)
    np.testing.assert_allclose(ask(setting).alone[insurer], expected[insurer], **EXACT)
    np.testing.assert_allclose(ask(setting, only).sold, expected, **EXACT)


@pytest.mark.parametrize("insurer", [1, 4])
@pytest.mark.parametrize("mode", [0, 1])
def test_moved_and_lost_are_what_a_shelf_without_the_insurer_sells(setting, insurer, mode):
    demand = ask(setting)
    after = plain_demand(setting, without(setting.world, insurer, mode))
    change = after - demand.sold
    gone = np.zeros_like(change, dtype=bool)
    gone[insurer, (mode == 1) == REGULAR] = True
    assert (after[gone] == 0.0).all()
    np.testing.assert_allclose(
        demand.moved[insurer, mode], np.where(gone, 0.0, change), rtol=1e-9, atol=1e-8
    )
    assert (demand.moved[insurer, mode] >= -1e-9).all()
    assert demand.lost[insurer, mode] == pytest.approx(-change.sum(), rel=1e-9, abs=1e-8)


def test_what_was_sold_is_kept_moved_or_lost(setting):
    demand = ask(setting)
    before = demand.sold.sum()
    for insurer in range(setting.insurers):
        for mode in range(2):
            own = demand.sold[insurer, (mode == 1) == REGULAR].sum()
            kept = before - own
            moved = demand.moved[insurer, mode].sum()
            lost = demand.lost[insurer, mode]
            assert before == pytest.approx(kept + moved + lost, rel=1e-12)
            assert 0.0 <= moved <= own
            assert 0.0 <= lost <= own


def test_demand_under_very_strong_persuasion_is_a_number(setting):
    """Everybody who is approached buys what is pushed hardest, however hard that is."""
    demands = []
    for persuasion in (1e4, 1e6):
        rules = setting.world.rules.copy()
        rules["persuasion"] = persuasion
        rules["ticket_stretch"] = 0.0
        demands.append(ask(setting, setting.world._replace(rules=rules)))
    for demand in demands:
        assert all(np.isfinite(part).all() for part in demand)
        assert demand.sold.sum() > 0.0
        for insurer, mode in np.ndindex(setting.insurers, 2):
            own = demand.sold[insurer, (mode == 1) == REGULAR].sum()
            moved, lost = demand.moved[insurer, mode].sum(), demand.lost[insurer, mode]
            assert own == pytest.approx(moved + lost, rel=1e-9, abs=1e-6)
    # Hardly anybody is so near a tie that it matters.
    np.testing.assert_allclose(demands[0].sold, demands[1].sold, rtol=0.03)


def test_demand_does_not_change_anybody(setting):
    before = setting.people.person.copy(), setting.people.policy.copy()
    first = ask(setting)
    again = ask(setting)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(setting.people.person, before[0])
    np.testing.assert_array_equal(setting.people.policy, before[1])


def test_nobody_to_ask_or_nothing_to_sell(setting):
    nobody = expect_demand(setting.people, np.zeros(0, np.int64), setting.now, setting.world)
    assert all(part.sum() == 0.0 for part in nobody)
    empty = np.zeros_like(setting.world.counter.shelf)
    bare = setting.world._replace(counter=setting.world.counter._replace(shelf=empty))
    assert all(part.sum() == 0.0 for part in ask(setting, bare))


# --- the shelf itself -----------------------------------------------------------------------


def test_the_shelf_is_put_together_from_its_parts(setting):
    """Utilities, recommendations, inclusive values and mean wedges, with actual cut-offs."""
    world = world_of(setting.market)
    world = world._replace(
        counter=world.counter._replace(
            shelf=setting.world.counter.shelf, reputation=setting.world.counter.reputation
        )
    )
    counter, rules = world.counter, world.rules[0]
    seen = 0
    for n, clerk, approached, _, shelf in visits(setting, world):
        person = setting.people.person[n]
        bank = counter.bank_of[person["branch"]]
        bundle = 0.0
        if "cross_selling" in rules.dtype.names:
            held = setting.people.policy[n]
            by_bank = (held["insurer"] >= 0) & (held["channel"] == 0)
            bundle = rules["cross_selling"] * by_bank.sum()
        for c in np.flatnonzero(np.isfinite(shelf.inclusive)):
            klass, pair = counter.klass[c], counter.pair[bank]
            assert setting.people.policy[n, c]["insurer"] < 0
            # Differences between brands, and between classes up to taste and segment.
            days = pair["wait"] + pair["error"] * rules["error_days"]
            brand = (
                pair["fit"]
                + rules["reputation_weight"] * (counter.reputation - 0.5)
                - rules["wait_weight"] * days
            )
            spread = shelf.value[c] - brand - bundle
            np.testing.assert_allclose(spread, spread[0], atol=1e-9)
            belief = posterior(
                bool(shelf.value[c].max() >= 0.0),
                normal(setting.now.keys[Stream.SIGNAL], n * 8 + int(c)),
                counter.clerk[clerk]["precision"],
            )
            recommended = approached and belief >= counter.cutoff[clerk, c]
            assert bool(shelf.recommended[c]) == recommended
            wedge = np.zeros(setting.insurers)
            if recommended:
                push = (
                    rules["persuasion"] * counter.clerk[clerk]["selling"] * counter.tilt[bank, :, c]
                )
                taken_back = np.exp(-rules["correction"] * counter.clerk[clerk]["advice"])
                wedge = push * (1.0 - person["literacy"]) * taken_back * pair["untold"]
            perceived = shelf.value[c] - rules["inertia"] + wedge
            np.testing.assert_allclose(shelf.perceived[c], perceived, atol=1e-7)
            terms = np.exp(perceived / rules["brand_similarity"])
            value = rules["brand_similarity"] * np.log(terms.sum())
            assert shelf.inclusive[c] == pytest.approx(value, abs=1e-7)
            mean = (terms * wedge).sum() / terms.sum()
            assert shelf.mean_wedge[c] == pytest.approx(mean, abs=1e-7)
            single = float(person["wealth"] if not klass["regular"] else person["income"])
            calm = ticket_size(
                bool(klass["regular"]),
                klass["ticket"],
                person["wealth"],
                float(person["income"]),
                klass["minimum"],
                0.0,
                rules["ticket_stretch"],
                bool(rules["suitability"] > 0.0),
                rules["single_premium_limit"],
                rules["regular_premium_limit"],
            )
            assert 0.0 < calm <= np.ceil(klass["ticket"] * single)
            seen += 1
    assert seen > 500


def test_nested_shares_add_up_and_welfare_follows(setting):
    """Class and brand shares with the outside option sum to one; welfare by Train's formula."""
    similarity = setting.world.rules[0]["brand_similarity"]
    for _, _, _, _, shelf in visits(setting, setting.world):
        there = np.isfinite(shelf.inclusive)
        mass = np.where(there, np.exp(shelf.inclusive), 0.0)
        total = 1.0 / (1.0 + mass.sum())
        lost = 0.0
        for c in np.flatnonzero(there):
            within = np.exp((shelf.perceived[c] - shelf.inclusive[c]) / similarity)
            assert within.sum() == pytest.approx(1.0, rel=1e-9)
            share = mass[c] / (1.0 + mass.sum()) * within
            total += share.sum()
            lost += (
                share * (shelf.perceived[c] - shelf.value[c] + setting.world.rules[0]["inertia"])
            ).sum()
        assert total == pytest.approx(1.0, rel=1e-9)
        welfare = expected_welfare(shelf.inclusive, shelf.mean_wedge)
        assert welfare == pytest.approx(np.log1p(mass.sum()) - lost, abs=1e-9)


# --- who is approached ----------------------------------------------------------------------


def approach_chances(setting, targeting):
    """Chance to be approached of every customer, all by clerks of one kind."""
    counter, rules = setting.world.counter, setting.world.rules[0]
    aimed = counter._replace(targeting=np.full_like(counter.targeting, targeting))
    people = range(len(setting.people.person))
    return np.array(
        [
            approach_chance(setting.people, n, counter.clerk[0], setting.now.seed, aimed, rules)
            for n in people
        ]
    )


def test_without_a_shared_database_everyone_is_approached_alike(setting):
    rate = setting.world.rules[0]["approach_rate"] * setting.world.counter.clerk[0]["selling"]
    np.testing.assert_allclose(approach_chances(setting, 0.0), 1.0 - np.exp(-rate), rtol=1e-12)


def test_targeting_ranks_customers_by_need(setting):
    mild, sharp = approach_chances(setting, 0.3), approach_chances(setting, 0.9)
    assert ((mild > 0.0) & (mild < 1.0)).all()
    order = np.argsort(mild)
    assert (np.diff(sharp[order]) >= -1e-12).all()
    assert sharp.std() > mild.std() > 0.05


def test_targeting_changes_who_is_approached_not_how_many(setting):
    plain = approach_chances(setting, 0.0).mean()
    assert approach_chances(setting, 0.6).mean() == pytest.approx(plain, rel=0.03)
