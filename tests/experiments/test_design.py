"""Design points: grids, samples, files, and from points to scenarios."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from experiments.design import Axis, grid, places, read_axes, read_points, sample, unit_sample
from experiments.errors import UserError
from experiments.space import Composer, kinds, put
from experiments.sweep import Sweep
from scenarios.schema import Scenario

KINDS = kinds()


def test_axes_are_read_from_hydras_syntax() -> None:
    words = [
        "partnership=panel,part_time_agency",
        "partnership.term=range(12,37,12)",
        "bargaining.bank_power=interval(0.2,0.8)",
        "platform.breach_rate=tag(log,interval(0.01,10))",
        "service.level=none,'proactive'",
        "product.savings.need=[0,0,0,0],[1,1,1,1]",
        "calendar=['2009-06: supervision.fee_cap=0.05'],[]",
    ]
    axes = read_axes(words, KINDS)
    assert axes[0].values == ("panel", "part_time_agency")
    assert axes[1].values == (12, 24, 36)
    assert (axes[2].low, axes[2].high, axes[2].log, axes[2].whole) == (0.2, 0.8, False, False)
    assert axes[3].log
    assert axes[4].values == ("none", "proactive")
    assert axes[5].values == ([0, 0, 0, 0], [1, 1, 1, 1])
    assert axes[6].values == (["2009-06: supervision.fee_cap=0.05"], [])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["partnership.term=1,2", "partnership.term=3,4"], "partnership.term: varies twice"),
        (["service.level=interval(1,2)"], "needs a key that is a number"),
        (["bargaining.bank_power=interval(0.8,0.2)"], "goes from low to high"),
        (["bargaining.bank_power=tag(log,interval(0,1))"], "an interval above zero"),
    ],
)
def test_axes_that_make_no_sense_are_refused(words: list[str], told: str) -> None:
    with pytest.raises(UserError, match=told):
        read_axes(words, KINDS)


def test_a_grid_is_every_combination() -> None:
    found = grid([Axis("a", (1, 2)), Axis("b", ("x", "y", "z"))])
    assert len(found) == 6
    assert found[1] == {"a": 1, "b": "y"}
    with pytest.raises(UserError, match="a grid needs values"):
        grid([Axis("a", (), 0.0, 1.0)])
    with pytest.raises(UserError, match="too many"):
        grid([Axis(f"a{k}", tuple(range(10))) for k in range(7)])


def test_whole_numbers_and_values_are_equally_likely() -> None:
    whole = Axis("n", (), 1.0, 4.0, whole=True)
    shares = (np.arange(4000) + 0.5) / 4000
    counts = np.bincount([whole.at(share) for share in shares])
    assert list(counts) == [0, 1000, 1000, 1000, 1000]
    assert whole.at(np.nextafter(1.0, 0.0)) == 4
    word = Axis("w", ("a", "b", "c"))
    assert [word.at(share) for share in (0.0, 0.34, 0.99)] == ["a", "b", "c"]
    steps = Axis("s", (), 1.0, 3.0, log=True, whole=True)
    assert {steps.at(share) for share in shares} == {1, 2, 3}
    log = Axis("l", (), 0.01, 1.0, log=True)
    assert log.at(0.5) == pytest.approx(0.1)


@pytest.mark.parametrize("kind", ["random", "latin_hypercube", "sobol"])
def test_samples_fill_the_space_and_are_repeatable(kind: str) -> None:
    drawn = unit_sample(kind, 3, 64, seed=1)
    assert drawn.shape == (64, 3)
    assert (drawn >= 0).all()
    assert (drawn < 1).all()
    assert np.array_equal(drawn, unit_sample(kind, 3, 64, seed=1))
    assert not np.array_equal(drawn, unit_sample(kind, 3, 64, seed=2))
    if kind != "random":  # every sixty-fourth of each axis holds one point
        for column in drawn.T:
            assert sorted((column * 64).astype(int)) == list(range(64))


def test_a_sobol_sequence_takes_a_power_of_two() -> None:
    with pytest.raises(UserError, match="for example 128"):
        sample([Axis("a", (), 0.0, 1.0)], "sobol", 100, 1)


def test_points_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    text = "\ufeffpartnership, partnership.term ,supervision.suitability\npanel,24,true\n,1e2,\n\n"
    path.write_text(text, encoding="utf-8")
    assert read_points(str(path), KINDS) == [
        {"partnership": "panel", "partnership.term": 24, "supervision.suitability": True},
        {"partnership.term": 100.0},
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("partnership.tem\n1\n", "did you mean partnership.term?"),
        ("a\n", "at least one of values"),
        ("", "at least one of values"),
        ("partnership.term,partnership.term\n1,2\n", "stands twice"),
        ("partnership.term\n1,2\n", "line 2 has 2 cells, not 1"),
        ("partnership.term\n[1\n", "line 2 cannot be read"),
        ('partnership.term\n"1,2"\n', "line 2 cannot be read"),
        ('bargaining.bank_power\n"interval(0,1)"\n', "line 2 cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "points.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=told.replace("?", r"\?")):
        read_points(str(path), KINDS)
    with pytest.raises(UserError, match="cannot be read"):
        read_points(str(tmp_path / "none.csv"), KINDS)


def test_a_design_must_go_with_what_varies() -> None:
    axis = Axis("a", (1, 2))
    for study, axes, told in (
        (Sweep(), [], "nothing varies"),
        (Sweep(design="csv"), [], "needs the file"),
        (Sweep(design="csv", points="x.csv"), [axis], "the file says what varies"),
        (Sweep(points="x.csv"), [axis], "with design=csv only"),
    ):
        with pytest.raises(UserError, match=told):
            places(study, axes, KINDS)


def composer(*typed: str) -> Composer:
    return Composer("sweep", Sweep, "multi_partner_agency", typed)


def test_a_point_is_what_the_same_words_typed_would_give() -> None:
    from experiments.compose import load_scenario

    made = composer("population.size=500").point(
        {"partnership": "exclusive_alliance", "partnership.term": 60, "bargaining.bank_power": 0.4}
    )
    words = ["partnership=exclusive_alliance", "partnership.term=60", "bargaining.bank_power=0.4"]
    typed = load_scenario("multi_partner_agency", ["population.size=500", *words])
    assert made.scenario == typed


def test_an_option_that_varies_wins_over_one_that_was_typed() -> None:
    made = composer("partnership=panel").point({"partnership": "exclusive_alliance"})
    assert made.scenario.partnership.form == "exclusive_alliance"
    dated = ["2010-01: service.level=none"]
    other = composer().point({"scenario": "fee_war", "calendar": dated})
    assert other.scenario.bargaining.protocol == "auction"
    assert other.scenario.calendar == tuple(dated)


def test_points_that_are_not_allowed_are_named() -> None:
    found = [{"horizon.window": 60}, {"horizon.window": 999}, {"bargaining.bank_power": 3}]
    with pytest.raises(UserError) as refusal:
        composer().points(found)
    assert [line[:15] for line in refusal.value.lines] == ["design point 1:", "design point 2:"]
    many = [{"bargaining.bank_power": 3.0 + k} for k in range(20)]
    with pytest.raises(UserError) as refusal:
        composer().points(many)
    assert refusal.value.lines[-1] == "and 15 more problems"


def test_what_is_not_on_the_way_is_shared() -> None:
    values = {"a": {"b": {"c": 1}, "d": {"e": 2}}, "f": 3}
    changed = put(values, {"a.b.c": 9})
    assert changed == {"a": {"b": {"c": 9}, "d": {"e": 2}}, "f": 3}
    assert values["a"]["b"]["c"] == 1
    assert changed["a"]["d"] is values["a"]["d"]


def test_every_setting_and_group_can_vary() -> None:
    assert KINDS["partnership"] is None
    assert KINDS["partnership.term"] is int
    assert KINDS["bargaining.bank_power"] is float
    assert KINDS["product.savings.need"] is object
    assert math.isnan(Axis("x").low)
    assert Scenario().name == "default"
