"""hitlsim tune: targets as people write them, and what is shown and written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import hitlsim as hs
from hitlsim.calibration.tuning.recommendation import Recommendation
from hitlsim.calibration.tuning.tune import tune
from hitlsim.cli import show_tune
from hitlsim.cli.tuning import costs_of, goals
from hitlsim.errors import LogError
from hitlsim.scenario.boundary_file import load_boundary
from tests.cli.conftest import Run


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve weeks of an outbound team."""
    made = hs.simulate(hs.load("outbound"), seed=7).log
    return made.to_parquet(tmp_path_factory.mktemp("tune") / "outbound.parquet")


@pytest.fixture(scope="module")
def rec(log: Path) -> Recommendation:
    return tune(hs.read_log(log), costs={"harm": 30.0})


def words(text: str) -> str:
    return " ".join(text.split())


# --- options -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["2%", "0.02", "2.0%"])
def test_a_share_may_be_given_in_percent(text: str) -> None:
    asked = goals("10-15%", {"hours_per_week": None}, fn_share=text, within_24h=None)
    assert asked == {"exception_rate": (0.10, 0.15), "fn_share": pytest.approx(0.02)}


def test_no_band_is_a_target_too() -> None:
    assert goals("none", {}, fn_of_auto="5%")["exception_rate"] is None


def test_costs_are_the_same_from_a_line_and_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "costs.yaml"
    file.write_text("harm: 20\nhour: 40\n")
    assert costs_of("harm=20, hour=40") == costs_of(str(file)) == {"harm": 20, "hour": 40}


@pytest.mark.parametrize("text", ["harm=", "harm=much", "harm=2=3", "harm=20,,hour=3"])
def test_costs_that_are_no_numbers_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(LogError, match="such as harm=20,hour=40"):
        costs_of(text)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--fn-share", "7"), "--fn-share '7' must lie between 0 and 1, such as 0.8 or 80%"),
        (("--fn-share", "2%", "--fn-of-auto", "2%"), "one rate of silent errors can be guaranteed"),
        (("--exception-rate", "none"), "no target is given"),
        (("--exception-rate", "15-10%"), "is no band"),
        (("--within-24h", "80%"), "takes a simulated desk"),
        (("--costs", "hrm=3"), "did you mean 'harm'"),
        (("--costs", "harm=3,harm=4"), "given twice"),
        (("--costs", "none.yaml"), "no such file"),
        (("--costs", ""), "such as harm=20,hour=40, or a YAML file"),
        (("--costs", "hour"), "such as harm=20,hour=40, or a YAML file"),
        (("--boundary", "none.yaml"), "no such file"),
        (("--out", "rules.txt"), "must end in .yaml or .yml"),
        (("--picture", "LOG"), "must end in .png"),
        (("--who", "Ada"), "give --out FILE"),
        (("--retunes", "12"), "give --fn-share beside it"),
        (("--confidence", "95%"), "--confidence is about a guarantee: give --fn-share beside it"),
        (("--retunes", "0", "--fn-share", "7%"), "retunes"),
        (("--next-month", "0"), "next_month 0 must be"),
        (("--rules", "all"), "is not one of"),
    ],
    ids=lambda value: "".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_asked_for_is_one_message_and_nothing_is_written(
    run: Run, log: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    given = (a.replace("LOG", str(log)) for a in arguments)
    code, _, err = run("tune", str(log), *given)
    assert code == 2
    assert said in words(err.replace("│", ""))
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


# --- what is shown -------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [80, 120])
def test_rules_targets_and_reasons_fit_the_terminal(
    rec: Recommendation, columns: int, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from rich.console import Console

    monkeypatch.setattr(show_tune, "console", lambda: Console(width=columns, highlight=False))
    show_tune.recommendation(rec)
    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines()) <= columns
    assert out.startswith("✓ Let the AI act alone from a threshold for each of 6 workflows")
    headings = ["What to do", "Targets", "Figures", "Why", "What moves it", "Assumptions"]
    places = [out.index(heading) for heading in headings]
    assert places == sorted(places)
    for rule in rec.policy.rules.values():
        assert f"{rule.auto:.6g}" in out
    assert words(f"{rec.rate.value:.1%}") in out
    assert "an error costs EUR 30" not in out.split("Assumed:")[1].split("Measured")[0], (
        "a cost that was given is not assumed"
    )


def test_silent_errors_as_judged_and_without_judges_mistakes_are_two_rows(
    rec: Recommendation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rec.judged
    show_tune.recommendation(rec)
    out = capsys.readouterr().out
    lines = [line for line in out.splitlines() if line.strip().startswith("silent errors, ")]
    for line, name, figure in (
        (lines[0], "as judged", "fn_share"),
        (lines[1], "judges' mistakes taken out", "expected_fn_share"),
    ):
        assert f"silent errors, {name}" in line
        for column in (rec.figures, rec.today, rec.usual):
            assert f" {column[figure].value:.1%} (" in line


def test_what_stays_is_told_from_what_one_threshold_adds(
    rec: Recommendation, capsys: pytest.CaptureFixture[str]
) -> None:
    show_tune.recommendation(rec)
    out = words(capsys.readouterr().out)
    stay = rec.ladder["conditions"].iloc[0] - 1
    assert "1 threshold +" in out
    assert f"{stay} triggers that stay" in out
    assert f"{stay + 1} things" not in out


def test_a_figure_without_an_interval_is_called_expected(run: Run, log: Path) -> None:
    code, out, err = run("tune", str(log), "--override-rate", "5%")
    assert code == 0, err
    rows = [x for x in out.splitlines() if x.strip(" ✓").startswith("override rate")]
    assert len(rows) == 2, "one of targets, one of figures"
    assert all("% expected" in row for row in rows)


def test_every_reason_is_shown_once(
    rec: Recommendation, capsys: pytest.CaptureFixture[str]
) -> None:
    show_tune.recommendation(rec)
    out = words(capsys.readouterr().out)
    for sentence in rec.why():
        assert out.count(words(sentence)) == 1


def test_the_short_form_of_the_demo_leaves_out_what_is_finer(
    rec: Recommendation, capsys: pytest.CaptureFixture[str]
) -> None:
    show_tune.recommendation(rec, short=True)
    out = capsys.readouterr().out
    assert "What to do" in out
    assert "Simpler and finer" not in out
    assert "Assumptions" not in out


def test_a_guarantee_and_a_target_that_is_missed_are_marked(run: Run, log: Path) -> None:
    """The log's silent errors lie near 7% of all decisions, far above what is asked."""
    code, out, _ = run("tune", str(log), "--fn-share", "1%")
    assert code == 0
    assert out.startswith("! ")
    assert "✗ silent errors" in words(out)
    assert "at most 1%" in out
    assert "The nearest rules" in out or "The best guess" in out
    assert "fixed on the earlier days" in words(out.split("Simpler and finer rules")[1])


# --- what is written -----------------------------------------------------------------------------


def test_the_spec_written_says_the_rules_shown_and_the_picture_is_drawn(
    run: Run, log: Path, tmp_path: Path
) -> None:
    asked = ("--rules", "bands", "--out", "b.yaml", "--picture", "p.png", "--who", "Ada")
    code, out, err = run("tune", str(log), *asked, "--note", "a first try")
    assert code == 0, err
    spec = load_boundary(tmp_path / "b.yaml")
    for flow, bands in spec.boundary.workflows.items():
        line = next(line for line in out.splitlines() if flow in line)
        assert f"{bands.auto:.6g}" in line
    assert "Ada" in spec.changes[-1].by
    assert "a first try" in spec.changes[-1].why
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_the_spec_that_holds_is_what_the_advice_is_compared_with(
    run: Run, log: Path, tmp_path: Path
) -> None:
    assert run("tune", str(log), "--rules", "bands", "--out", "b.yaml")[0] == 0
    code, out, err = run("tune", str(log), "--rules", "bands", "--boundary", "b.yaml")
    assert code == 0, err
    assert "none of 6 workflows change" in out


def test_rules_that_are_not_recommended_are_not_written(
    run: Run, log: Path, tmp_path: Path
) -> None:
    code, _, err = run("tune", str(log), "--fn-share", "1%", "--out", "b.yaml")
    assert code == 2
    assert "not recommended" in err
    assert not (tmp_path / "b.yaml").exists()


def test_a_log_without_verdicts_and_outcomes_has_no_picture_and_says_what_would_do(
    run: Run, log: Path, tmp_path: Path
) -> None:
    frame = hs.read_log(log).frame
    kept = [
        c for c in ("decision_id", "decided_at", "workflow", "confidence", "route") if c in frame
    ]
    hs.DecisionLog(frame[kept], {}).to_csv(tmp_path / "bare.csv")
    code, out, err = run("tune", "bare.csv", "--picture", "p.png")
    assert code == 2
    assert "The trade-off cannot be drawn" in err
    assert "Attainable around it" in out or "What holds today can stay" in out
    assert not (tmp_path / "p.png").exists()
    both = run("tune", "bare.csv", "--picture", "p.png", "--out", "b.yaml", "--force")
    assert both[0] == 2
    assert not (tmp_path / "b.yaml").exists(), "a spec without the picture asked for beside it"


def test_a_log_of_scores_alone_is_not_said_to_change_from_what_nobody_told(
    run: Run, log: Path, tmp_path: Path
) -> None:
    kept = ["decision_id", "decided_at", "confidence", "ok"]
    hs.DecisionLog(hs.read_log(log).frame[kept], {}).to_csv(tmp_path / "two.csv")
    code, out, err = run("tune", "two.csv")
    assert code == 0, err
    assert "→" not in out.split("Figures")[0]


def test_no_picture_is_left_where_the_spec_is_refused(run: Run, log: Path, tmp_path: Path) -> None:
    asked = ("--fn-share", "1%", "--rules", "one", "--out", "b.yaml", "--picture", "p.png")
    assert run("tune", str(log), *asked)[0] == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["--out", "--picture"])
def test_a_folder_is_refused_before_anything_is_tuned(
    run: Run, log: Path, tmp_path: Path, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "hitlsim.calibration.tuning.tune.tune", lambda *_, **__: pytest.fail("was tuned")
    )
    ending = {"--out": ".yaml", "--picture": ".png"}[option]
    (tmp_path / f"there{ending}").mkdir()
    code, _, err = run("tune", str(log), option, f"there{ending}")
    assert code == 2
    assert f"{option} there{ending}: is a folder" in words(err)


# --- scenarios -----------------------------------------------------------------------------------


def test_a_scenario_is_tuned_itself_with_its_options(
    run: Run, monkeypatch: pytest.MonkeyPatch, rec: Recommendation
) -> None:
    """The search has its own tests; here it is only seen to be asked for the right thing."""
    asked: dict[str, Any] = {}

    def instead(source: Any, **given: Any) -> Recommendation:
        asked.update(given, source=source)
        given["progress"]("trying out", 0.5)
        return rec

    monkeypatch.setattr("hitlsim.calibration.tuning.tune.tune", instead)
    code, out, err = run(
        "tune", "--scenario", "outbound", "--within-24h", "80%", "--seed", "2", "--rules", "one"
    )
    assert code == 0, err
    assert asked["source"] == hs.load("outbound")
    assert (asked["within_24h"], asked["seed"], asked["rules"]) == (0.8, 2, "one")
    assert "What to do" in out
