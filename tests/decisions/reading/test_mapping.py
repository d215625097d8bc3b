"""What a mapping file may say, and what is said about one that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.decisions.columns import COLUMNS
from hitlsim.decisions.reading.mapping import read_mapping
from hitlsim.errors import LogError

FULL = """\
columns:
  decision_id: call_id
  decided_at: called_on
  confidence: score
  verdict: what_rep_did
date_format: "%d/%m/%Y %H:%M"
timezone: Europe/Lisbon
decimal: ","
values:
  verdict: {Accepted: approve, Changed: edit, "n/a": ""}
constants: {workflow: sales_call, deal_size: 100}
encoding: windows-1252
delimiter: tab
sheet: 2026
header_row: 3
thousands: "."
join:
  - {file: outcomes.csv, on: call_id, columns: {ok_at: closed}, keep: last, decimal: "."}
duplicates: last
hash: [reviewer, decision_id]
ok:
  advice: ai_advice
  outcome: subscribed
  right_when: {pursue: [1, upsold], drop: "0"}
  other_outcomes: [wrong number]
confidence_scale: 100
bands: {auto: 0.95, review: 0.6}
capacity_hours_per_week: {desk: 37.5}
allow_rejects: 0.02
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "calls.map.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_full_mapping_says_what_the_file_says(tmp_path: Path) -> None:
    mapping, document = read_mapping(write(tmp_path, FULL))
    assert mapping.columns is not None
    assert mapping.columns["confidence"] == "score"
    assert mapping.values["verdict"] == {"Accepted": "approve", "Changed": "edit", "n/a": ""}
    assert mapping.constants == {"workflow": "sales_call", "deal_size": "100"}
    assert mapping.ok is not None
    assert mapping.ok.right_when == {"pursue": ("1", "upsold"), "drop": ("0",)}
    assert mapping.ok.outcomes == ("1", "upsold", "0", "wrong number")
    assert mapping.bands is not None
    assert (mapping.bands.auto, mapping.bands.review) == (0.95, 0.6)
    assert mapping.capacity_hours_per_week == {"desk": 37.5}
    assert (mapping.allow_rejects, mapping.confidence_scale) == (0.02, 100)
    assert mapping.layout == ("windows-1252", "\t", "2026", 3)
    (rule,) = mapping.join
    assert (rule.on.theirs, rule.on.ours, rule.keep) == ("call_id", "call_id", "last")
    written = rule.written_as(mapping)
    assert written.formats("ok_at") == mapping.formats("ok_at") == ("%d/%m/%Y %H:%M",)
    assert (mapping.writing(written).decimal, mapping.writing(written).thousands) == (".", ".")
    assert (mapping.writing().decimal, mapping.writing().thousands) == (",", ".")
    assert (mapping.duplicates, mapping.hash) == ("last", ("reviewer", "decision_id"))
    assert mapping.writing().zone.key == "Europe/Lisbon"  # type: ignore[attr-defined]
    assert document.where(("ok", "advice"), "?") == "calls.map.yaml:22"


def test_what_is_left_out_means_our_names_iso_times_and_utc(tmp_path: Path) -> None:
    mapping, _ = read_mapping(write(tmp_path, "confidence_scale: 1"))
    assert mapping.columns is None
    assert mapping.formats("decided_at") == (None,)
    assert mapping.timezone == "UTC"
    assert mapping.ok is None


def test_a_mapping_cannot_be_changed_after_it_is_checked(tmp_path: Path) -> None:
    mapping, _ = read_mapping(write(tmp_path, FULL))
    with pytest.raises(TypeError, match="cannot be changed"):
        mapping.constants["workflow"] = "other"


@pytest.mark.parametrize(
    "form", ["%d/%m/%Y", "%m/%d/%y", "%Y%m%d", "%d.%m.%Y %H:%M:%S", "%d %b %Y %I:%M %p",
             "%d/%m/%Y %H:%M %z"]
)  # fmt: skip
def test_usual_date_formats_are_taken(tmp_path: Path, form: str) -> None:
    mapping, _ = read_mapping(write(tmp_path, f'date_format: "{form}"'))
    assert mapping.formats("decided_at") == (form,)


def test_formats_may_be_several_and_differ_from_column_to_column(tmp_path: Path) -> None:
    mapping, _ = read_mapping(write(tmp_path, 'date_format: [iso, "%d/%m/%Y"]'))
    assert mapping.formats("decided_at") == (None, "%d/%m/%Y")
    text = 'date_format: {decided_at: "%d/%m/%Y", ok_at: [ISO, "%Y%m%d"]}'
    mapping, _ = read_mapping(write(tmp_path, text))
    assert mapping.formats("decided_at") == ("%d/%m/%Y",)
    assert mapping.formats("ok_at") == (None, "%Y%m%d")
    assert mapping.formats("queued_at") == (None,)


@given(st.sampled_from(sorted(COLUMNS)), st.text("abcdefgh ", min_size=1).map(str.strip))
def test_any_observed_column_can_be_mapped_and_no_truth_column(
    tmp_path_factory: pytest.TempPathFactory, ours: str, yours: str
) -> None:
    file = write(tmp_path_factory.mktemp("m"), f"columns: {{{ours}: 'x{yours}'}}")
    if COLUMNS[ours].is_truth:
        with pytest.raises(LogError, match="only in simulated logs"):
            read_mapping(file)
    else:
        assert read_mapping(file)[0].columns == {ours: f"x{yours}"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("column: {a: b}", r"calls.map.yaml:1 column: unknown key; did you mean 'columns'"),
        ("columns:\n  confidense: score", r":2 columns.confidense: .*mean 'confidence'"),
        ("columns:\n  zzz: score", r":2 columns.zzz: is no column .*hitlsim columns"),
        ("columns:\n  decided_at:", r":2 columns.decided_at: has no value"),
        ("columns: {decided_at: ''}", r"columns.decided_at: "),
        ("columns: [a, b]", r":1 columns: a list must be a mapping"),
        ("timezone: Europe/Lissabon", r"'Europe/Lissabon' is no time zone; .*'Europe/Lisbon'"),
        ("timezone: here", "is no time zone"),
        ("constants: {decided_at: soon}", r"decided_at: 'soon' is not a date like .*T14:05$"),
        ("date_format: DD/MM/YYYY", "does not say day, month and year; write it like '%d/%m/%Y"),
        ('date_format: "%d/%m"', "does not say day, month and year"),
        ('date_format: "%-d/%m/%Y"', "does not say day, month and year"),
        ('date_format: "%Y-%m-%d %H:%m"', r"'%Y-%m-%d %H:%m' uses %m twice; .* %M are minutes"),
        ('date_format: {ok_at: "%d/%m/%d"}', "uses %d twice"),
        ('date_format: "%d/%m/%Y %I:%M"', "morning from evening; add %p"),
        ('date_format: "%d/%m/%Y %H:%M %Z"', "%Z is ambiguous; use %z"),
        ("decimal: x", r"decimal: 'x' should be"),
        ("values: {verdikt: {a: edit}}", r"values.verdikt: .*mean 'verdict'"),
        ("values:\n  verdict:\n    Ok: aprove", r":3 values.verdict.Ok: 'aprove' is not one of"),
        ("values: {ok: {Won: maybe}}", r"values.ok.Won: 'maybe' is not yes or no"),
        ("values: {decided_at: {a: b}}", "values of a time column cannot be replaced"),
        ("values: {verdict: {1: edit}}", "key 1 must be a word; put it in quotes"),
        ("columns: {decided_at: d}\nvalues: {verdict: {a: edit}}", "has no column; name it under"),
        ("constants: {workflw: a}", r"constants.workflw: .*mean 'workflow'"),
        ("constants: {true_ok: yes}", "only in simulated logs"),
        ("constants: {confidence: 0.9}", "differs from row to row; it must be a column"),
        ("constants: {route: robot}", r"'robot' is not one of auto, review, triage, gate, peek"),
        ("constants: {deal_size: -1}", r"constants.deal_size: '-1' is below 0"),
        ("columns: {agent: a}\nconstants: {agent: b}", "constants.agent: is also under columns"),
        ("ok: {advice: a, outcome: b}", r":1 ok.right_when: is missing; add it \(For each advice"),
        ("ok: {advice: a, outcome: b, right_when: {}}", "ok.right_when: "),
        ("ok: {advice: a, outcome: b, right_when: {go: ''}}", "empty outcome means"),
        ("ok: {advice: a, outcome: b, right_when: {go: true}}", "put it in quotes"),
        ("ok: {advice: a, outcom: b, right_when: {go: x}}", "ok.outcom: .*mean 'outcome'"),
        ("columns: {ok: c}\nok: {advice: a, outcome: b, right_when: {go: x}}", "also under colu"),
        ("confidence_scale: 0", "confidence_scale: 0 must be greater than 0"),
        ("bands: {auto: 0.5, review: 0.7}", "bands: review band 0.7 is above the auto band 0.5"),
        ("capacity_hours_per_week: {desk: -1}", r"capacity_hours_per_week.desk: -1 must be"),
        ("date_format: [iso, DD/MM]", r":1 date_format: 'DD/MM' does not say day, month and year"),
        ("date_format: 7", "date_format: 7 is no date format; write it like"),
        ("date_format: []", "is no date format"),
        ("date_format: {decidedat: iso}", r"date_format.decidedat: .*mean 'decided_at'"),
        ("date_format: {confidence: iso}", "date_format.confidence: holds no times; take the"),
        ("encoding: latin-17", "encoding: 'latin-17' is no encoding; write one like 'utf-8'"),
        ("delimiter: '~'", "delimiter: '~' should be ','"),
        ("header_row: 0", "header_row: 0 must be at least 1"),
        ("header_row: '1'", "is not a whole number|valid integer"),
        ("thousands: '_'", "thousands: '_' should be"),
        ("thousands: '.'", "thousands: is also the decimal sign; say which is which"),
        ("duplicates: all", "duplicates: 'all' should be 'first', 'last' or 'refuse'"),
        ("constants: {decision_id: 1}", "differs from row to row"),
        ("constants: {decided_at: soon}", r"constants.decided_at: 'soon' is not a date like"),
        ("constants: {decided_at: 2026-02-30}", "not valid YAML|is not a date"),
        ("allow_rejects: 5", "allow_rejects: 5 must be at most 1"),
        ("- a", "is empty or not a mapping"),
        ("a: [", "not valid YAML"),
    ],
)
def test_a_wrong_mapping_is_told_where_and_what(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(LogError, match=message):
        read_mapping(write(tmp_path, text))


def test_every_problem_of_a_mapping_is_told_at_once(tmp_path: Path) -> None:
    text = "columns:\n  confidense: a\n  decided: b\nconstants:\n  workflo: c\n"
    with pytest.raises(LogError) as caught:
        read_mapping(write(tmp_path, text))
    assert [line.split()[0] for line in str(caught.value).splitlines()] == [
        "calls.map.yaml:2", "calls.map.yaml:3", "calls.map.yaml:5",
    ]  # fmt: skip


def test_a_missing_mapping_file_is_a_log_error(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="no such file; check the path"):
        read_mapping(tmp_path / "none.yaml")
