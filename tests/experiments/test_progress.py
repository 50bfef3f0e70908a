"""Progress off a terminal: plain lines, not too many."""

from __future__ import annotations

import pytest

from experiments import progress
from experiments.progress import Progress


def test_quick_studies_say_nothing_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(2, 20) as bar:
        bar.advance(10)
        bar.finish_run()
    assert capsys.readouterr() == ("", "")


def test_slow_ones_say_how_far_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    with Progress(2, 2000) as bar:
        bar.finish_run()
        bar.advance(1000)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("1 of 2 runs, 1,000 of 2,000 months (50%), 0 s, about ")
    assert told.err.count("\n") == 1
