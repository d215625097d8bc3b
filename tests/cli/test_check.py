"""What ``hitlsim check`` prints: the surface map, where it is looser, and what reacts."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

import hitlsim as hs
from hitlsim.cli import main, surface_map

SOUND = Path(__file__).parents[1] / "scenario" / "sound-team.yaml"
Shown = Callable[..., str]
Vary = Callable[[str], hs.Scenario]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """What is printed about a scenario on a terminal of some width."""

    def show(scenario: hs.Scenario, width: int = 120, *, colours: bool = False) -> str:
        out = Console(
            file=io.StringIO(), width=width, highlight=False, force_terminal=colours,
            color_system="standard" if colours else None,
        )  # fmt: skip
        monkeypatch.setattr(surface_map, "console", lambda: out)
        surface_map.surface_map(scenario)
        assert isinstance(out.file, io.StringIO)
        return out.file.getvalue()

    return show


@pytest.fixture
def vary(tmp_path: Path) -> Vary:
    """A variation of the sound team."""

    def load(text: str) -> hs.Scenario:
        file = tmp_path / "team.yaml"
        file.write_text(f'extends: "{SOUND}"\n{text}\n')
        return hs.load(file)

    return load


def words(text: str) -> str:
    """As one line, however it was wrapped."""
    return " ".join(text.split())


def line_of(text: str, name: str) -> list[str]:
    """The first line that begins with a name, as cells."""
    line = next(line for line in text.splitlines() if line.startswith(name))
    return re.split(r"\s{2,}", line.strip())


# --- known answers -------------------------------------------------------------------------------


def test_check_prints_the_map_of_a_scenario_that_ships(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["hitlsim", "check", "outbound"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    out = capsys.readouterr().out
    assert "outbound is sound" in out
    assert all(name in out for name in hs.load("outbound").workflows)


def test_each_row_sets_the_choice_beside_the_framework(shown: Shown) -> None:
    out = shown(hs.load(SOUND), 140)
    assert line_of(out, "crm") == [
        "crm", "100", "execution", "automation-safe", "automation-safe", "✓", "0.7 to 0.9",
        "ops → boss",
    ]  # fmt: skip
    assert line_of(out, "mail")[3:6] == ["automation-safe", "manager-approved", "! looser"]
    assert line_of(out, "merge")[3:7] == [
        "manager-approved", "automation-safe", "stricter", "clean-up",
    ]  # fmt: skip


def test_what_is_looser_is_listed_with_its_reasons(shown: Shown) -> None:
    out = words(shown(hs.load(SOUND)))
    assert (
        "Looser than the framework (a notice: the team decides) ! mail manager-approved "
        "customer_facing: what a customer sees is reviewed; "
        "reversible false: what is hard to reverse is reviewed"
    ) in out


def test_calling_judgment_routine_is_listed_too(shown: Shown, vary: Vary) -> None:
    routine = "stage: {class: execution, stakes: high}, reply: {class: execution, access: %s}"
    out = words(shown(vary("workflows: {" + routine % "manager-approved" + "}")))
    assert "! stage judgment stakes high: what touches revenue is reviewed;" in out
    assert "! reply draft-only, judgment, human only topic contract: contract, pricing" in out


def test_a_team_as_strict_as_the_framework_gets_a_tick(shown: Shown, vary: Vary) -> None:
    strict = vary(
        "workflows: {mail: {access: manager-approved, gate: send}}\n"
        "boundary: {audit: {workflows: [crm]}}"
    )
    assert "✓ No choice is looser than the framework's." in shown(strict)


def test_what_is_unsafe_is_printed_in_red(shown: Shown, vary: Vary) -> None:
    unsafe = vary("allow_unsafe: true\nworkflows: {crm: {topic: contract}}")
    red = "".join(re.findall(r"\x1b\[(?:1;)?31m(.*?)\x1b\[0m", shown(unsafe, colours=True)))
    for said in ("allow_unsafe: the AI acts alone where a human must decide", "crm",
                 "automation-safe", "contract, pricing and procurement"):  # fmt: skip
        assert said in red
    assert line_of(shown(unsafe, 140), "crm")[3:6] == [
        "automation-safe", "draft-only", "✗ unsafe",
    ]  # fmt: skip
    assert "31m" not in shown(hs.load(SOUND), colours=True), "nothing else is red"


def test_the_share_of_execution_stands_beside_the_usual_one(shown: Shown, vary: Vary) -> None:
    # crm 100, mail 350, merge 20 of 520
    told = "520 decisions a week; execution 90%, usually 60-70% (S)"
    assert told in shown(hs.load(SOUND))
    silent = ", ".join(f"{name}: {{volume_per_week: 0}}" for name in hs.load(SOUND).workflows)
    out = shown(vary(f"workflows: {{{silent}}}"))
    assert "0 decisions a week" in out
    assert "nan" not in out


@pytest.mark.parametrize(
    "said",
    [
        "phases shadow until 100 looks and bad below 2% (confidence 95%): exceptions observed, ",
        "100% seen at once exception-only 2 weeks: 30% seen weekly, back if bad above 20% ",
        "steady-state to the end: 10% seen monthly",
        "audit: 10% of mail, fri 13:00",
        "calls mon 09:00, 60 minutes, everybody",
        "approvals mail every 4 weeks, takes 8 h",
        "list limits mail 1,000 a month",
        "same day crm",
        "pauses spam above 0.3% in 7 days, of at least 50 emails, chance ruled out (1%): off for",
        "bad of crm above 20% in 7 days, of at least 35 looks",
        "emergency reply 1 sd below its baseline for 2 weeks running: people are told; ",
        "by chance alone about every 46 weeks",
        "kill switches crm from week 12",
        "rollout first crm; then mail one by one, after 2 weeks each once there are 20 looks",
        "people 4 in 3 pools, 45.0 review hours a week; habits: ours (ana), careful (cem), ",
        "typical (dia, bob); 1 with rates of their own",
    ],
)
def test_everything_that_reacts_is_told(shown: Shown, said: str) -> None:
    assert said in words(shown(hs.load(SOUND)))


def test_what_does_not_react_is_not_told(shown: Shown) -> None:
    quiet = shown(hs.load(SOUND).with_(governance={}))
    labels = {line.split("  ")[0] for line in quiet.splitlines()}
    assert labels.isdisjoint(
        {"calls", "approvals", "list limits", "same day", "pauses", "emergency", "kill switches",
         "rollout"}
    )  # fmt: skip


def test_what_a_scenario_teaches_is_printed_as_it_was_written(shown: Shown) -> None:
    odd = hs.load(SOUND).with_(teaches="What [bold] teams [/red] do.")
    assert "What [bold] teams [/red] do." in shown(odd)


def test_an_alarm_that_hardly_comes_by_chance_is_told_in_words(shown: Shown) -> None:
    sound = hs.load(SOUND)
    emergency = {"margin_sd": 4, "weeks_running": 3, "action": "pause"}
    out = words(shown(sound.with_(governance={"emergency": emergency})))
    assert "4 sd below its baseline for 3 weeks running: off for 5 days; by chance alone " in out
    assert "less than once a century" in out


# --- properties: it fits -------------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 100, 120, 200])
@pytest.mark.parametrize("name", ["on-the-loop", "outbound", str(SOUND)])
def test_no_row_of_the_map_is_cut_or_wrapped(shown: Shown, name: str, width: int) -> None:
    scenario = hs.load(name)
    out = shown(scenario, width)
    lines = out.splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in out
    for workflow, w in scenario.workflows.items():
        cells = " ".join(line_of(out, workflow)).split()
        assert cells[0] == workflow
        assert w.access.value in cells
    rule = next(i for i, line in enumerate(lines) if set(line.strip()) == {"─"})
    rows = lines.index("", rule) - rule - 1
    assert rows in (len(scenario.workflows), 2 * len(scenario.workflows)), "one line each, or two"


@pytest.mark.parametrize(
    ("late", "said"),
    [
        (
            "governance:\n  kill_switches:\n    mail: {from_week: 13}\n",
            "governance.kill_switches.mail.from_week: 13 is after the end of the run",
        ),
        ("incidents:\n  late: {from_week: 13}\n", "incidents.late.from_week: 13 is after the end"),
        (
            "governance:\n  emergency: {baseline_weeks: 10}\n",
            "governance.emergency: could not be taken before the end of week 12 (10 for the",
        ),
        (
            "governance:\n  emergency: {baseline: 0.03, weeks_running: 12}\n",
            "governance.emergency: could not be taken before the end of week 12 (12 running)",
        ),
    ],
)
def test_what_could_only_happen_after_the_end_is_a_notice(
    vary: Vary, shown: Shown, late: str, said: str
) -> None:
    assert said in shown(vary(late))  # and no error: a run may be cut short
    assert "after the end" not in shown(vary(""))
