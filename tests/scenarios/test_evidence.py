"""The shipped evidence and the figures made from it."""

from __future__ import annotations

import math

import pytest

from scenarios.evidence import TARGETS, evidence, load_evidence, targets


def test_the_table_has_every_row_once_with_a_source() -> None:
    table = load_evidence()
    assert len(table) > 250
    assert table["id"].is_unique
    assert table["source"].str.len().gt(0).all()
    assert set(table["use"]) == {"calibrate", "validate", "context"}


def test_a_row_is_found_by_its_id() -> None:
    row = evidence("E106")
    assert (row.value, row.unit, row.country) == (2.0, "% of premium", "CN")
    with pytest.raises(KeyError):
        evidence("E999")


def test_a_row_in_words_has_no_number() -> None:
    table = load_evidence()
    empty = table[table["value"].isna()]
    assert all(math.isnan(evidence(str(id)).value) for id in empty["id"])


def test_targets_are_what_their_rows_say() -> None:
    found = {target.outcome: target for target in targets()}
    fee = found["fee_single"]
    assert (fee.low, fee.high) == pytest.approx((0.02, 0.03))
    share = found["bank_share"]
    assert (share.low, share.high) == pytest.approx((0.45, 0.50))
    assert found["single_share"].low == pytest.approx(1 - 0.151)
    assert found["own_intent_share"].low == pytest.approx(1 - 0.55)
    later = next(target for target in TARGETS if target.market == "china_2021")
    assert 0.61 < later.low < later.high < 0.64
    assert later not in targets()


def test_targets_rest_on_calibration_rows() -> None:
    for target in TARGETS:
        assert all(evidence(id).use == "calibrate" for id in target.evidence), target


def test_a_range_is_met_inside_and_a_single_figure_within_a_tenth() -> None:
    fee, regular = (
        next(t for t in TARGETS if t.outcome == n) for n in ("fee_single", "fee_regular")
    )
    assert fee.met(0.02)
    assert not fee.met(0.0199)
    assert regular.met(0.054)
    assert not regular.met(0.056)
