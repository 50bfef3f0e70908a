"""Progress off a terminal: plain lines, not too many."""

from __future__ import annotations

import pytest

from experiments import progress
from experiments.progress import Progress


def test_quick_studies_say_nothing_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(2) as bar:
        bar.advance(0.5)
        bar.finish(1, 0)
    assert capsys.readouterr() == ("", "")


def test_slow_ones_say_how_far_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    with Progress(4) as bar:
        bar.finish(2, 1)
        bar.advance(0.5)
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("2/4 runs, 1 failed, 0 s, ")
    assert lines[1].endswith("left")


def test_a_terminal_gets_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with Progress(4) as bar:
        bar.finish(3, 1)
        assert bar._bar is not None
        bar._bar.refresh()
    told = capsys.readouterr().err
    assert "3/4 runs, 1 failed" in told
    assert "75%" in told
    assert "left" in told
