from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import hitlsim as hs
from hitlsim.decisions.judging.hiding import as_seen, partly_seen

MakeLog = Callable[..., hs.DecisionLog]


@pytest.fixture
def known(make_log: MakeLog) -> hs.DecisionLog:
    """5,000 alone of which a tenth is bad, 500 asked about, 20 gated; all known."""
    ok = np.arange(5520) % 10 != 0
    return make_log(ok=ok, route=["auto"] * 5000 + ["review"] * 500 + ["gate"] * 20)


def test_only_what_was_asked_about_looked_at_or_complained_about_stays_known(
    known: hs.DecisionLog,
) -> None:
    frame = partly_seen(known, audit=0.2, complaints=0.5).frame
    alone = frame["route"] == "auto"
    assert len(frame) == 5500
    assert frame.loc[~alone, "ok"].notna().all()
    source = frame.loc[alone, "ok_source"]
    # standard errors .006 and .022
    assert (source == "outcome").mean() == pytest.approx(0.2, abs=0.02)
    assert (frame.loc[alone, "surfaced_by"] == "complaint").sum() / 500 == pytest.approx(
        0.5, abs=0.08
    )
    assert (frame.loc[alone, "ok"].notna() == source.notna()).all()
    assert not frame.loc[alone & (frame["surfaced_by"] == "complaint"), "true_ok"].any()


def test_whether_it_is_looked_at_does_not_depend_on_how_it_turned_out(
    known: hs.DecisionLog,
) -> None:
    other = hs.DecisionLog(known.frame.assign(ok=~known.frame["ok"]))
    looked = [partly_seen(log, complaints=0).frame["ok"].notna().tolist() for log in (known, other)]
    assert looked[0] == looked[1]


def test_another_seed_is_another_sample_and_a_larger_one_holds_the_smaller(
    known: hs.DecisionLog,
) -> None:
    def looked(audit: float, seed: int) -> set[str]:
        frame = partly_seen(known, audit=audit, complaints=0, seed=seed).frame
        return set(frame.loc[frame["ok"].notna(), "decision_id"])

    assert looked(0.1, 1) != looked(0.1, 2)
    assert looked(0.1, 1) < looked(0.3, 1)


def test_a_log_with_gaps_is_seen_as_it_is(known: hs.DecisionLog, make_log: MakeLog) -> None:
    gaps = make_log(ok=[True, None], route=["auto", "auto"])
    assert as_seen(gaps) is gaps
    assert as_seen(known, audit=0.3).record["hidden"]["audit"] == 0.3


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"audit": 0}, "audit 0 must lie above 0"),
        ({"audit": 1.5}, "audit 1.5 must lie"),
        ({"complaints": -1}, "complaints -1 must lie between 0 and 1"),
    ],
)
def test_shares_that_are_none_are_refused(
    known: hs.DecisionLog, more: dict[str, float], message: str
) -> None:
    with pytest.raises(hs.LogError, match=message):
        partly_seen(known, **more)  # type: ignore[arg-type]


def test_outcomes_that_are_not_known_cannot_be_hidden(make_log: MakeLog) -> None:
    with pytest.raises(hs.LogError, match="1 of 2 decisions have no outcome"):
        partly_seen(make_log(ok=[True, None], route=["auto", "auto"]))
    with pytest.raises(hs.LogError, match="2 of 2 decisions have no outcome"):
        partly_seen(make_log(route=["auto", "auto"]))
