"""What the terminal shows of figures that other verbs share."""

from __future__ import annotations

from pathlib import Path

import pytest

import hitlsim as hs
from hitlsim.cli import show
from hitlsim.errors import LogError
from hitlsim.present.picture import Note


def test_months_over_their_verdicts_are_bold_and_not_marked_up_in_letters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = hs.simulate(hs.load("outbound"), seed=7).log
    show.scorecard(log, by="month", workflows=False)
    out = capsys.readouterr().out
    last = log.frame["decided_at"].max().strftime("%Y-%m")
    assert any(line.strip() == last for line in out.splitlines())
    assert "[bold]" not in out


def test_what_cannot_be_drawn_is_an_error_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="too little is known"):
        show.picture(Note("too little is known"), tmp_path / "p.png")
    assert not list(tmp_path.iterdir())
