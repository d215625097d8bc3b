"""Exports as Salesforce, HubSpot and Zoho give them: recognised, read by preset, and drafted."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from hitlsim.decisions.columns import COLUMNS
from hitlsim.decisions.reading.drafting.drafting import draft_mapping
from hitlsim.decisions.reading.mapping import read_mapping
from hitlsim.decisions.reading.presets import PRESETS, folded, recognised
from hitlsim.decisions.reading.read import read_log
from hitlsim.errors import LogError
from tests.decisions.small_logs import put

SALESFORCE = """\
"Opportunity ID","Opportunity Owner","Stage","Amount","Created Date","Close Date",Opportunity Score
"006A1","Ana Silva","Closed Won","12,500.00","9/3/2026","9/30/2026","91"
"006A2","Ben Ode","Closed Lost","1,200.00","9/4/2026","10/2/2026","42"
"006A3","Ana Silva","Negotiation/Review","900.00","9/5/2026","11/12/2026","66"
"""
HUBSPOT = """\
Record ID,Deal Name,Deal Stage,Amount,Deal owner,Create date,Close date,Pipeline,Deal score
101,Acme,Closed won,12500,Ana Silva,2026-09-03 10:12,2026-09-30 09:00,Sales Pipeline,91
102,Beta,Closed lost,1200,Ben Ode,2026-09-04 11:00,2026-10-02 10:00,Sales Pipeline,42
103,Gamma,Contract sent,900,Ana Silva,2026-09-05 12:30,,Sales Pipeline,66
"""
ZOHO = """\
Record Id;Deal Name;Stage;Amount;Deal Owner;Created Time;Closing Date;Zia Score
zcrm_1;Acme;Closed Won;12.500,00;Ana Silva;03/09/2026 02:05 PM;30/09/2026;91
zcrm_2;Beta;Closed Lost;1.200,00;Ben Ode;04/09/2026 02:05 PM;02/10/2026;42
zcrm_3;Gamma;Needs Analysis;900,00;Ana Silva;05/09/2026 02:05 AM;;66
"""
EXPORTS = {
    "salesforce": (SALESFORCE, "thousands: ','\n"),
    "hubspot": (HUBSPOT, ""),
    "zoho": (ZOHO, "decimal: ','\nthousands: '.'\n"),
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_typical_export_is_read_by_its_preset(tmp_path: Path, name: str) -> None:
    export, signs = EXPORTS[name]
    plan = f"preset: {name}\nconfidence_scale: 100\n{signs}"
    log = read_log(put(tmp_path, export), put(tmp_path, plan, "map.yaml"))
    f = log.frame
    assert f["confidence"].tolist() == [0.91, 0.42, 0.66]
    assert f["deal_size"].tolist() == [12_500, 1_200, 900]
    assert f["decided_at"].dt.strftime("%m-%d").tolist() == ["09-03", "09-04", "09-05"]
    assert f["reviewer"].astype(object).tolist() == ["Ana Silva", "Ben Ode", "Ana Silva"]
    assert f["ok"].tolist()[:2] == [True, False]
    assert f["ok"].isna().tolist() == [False, False, True], "an open deal is neither won nor lost"
    assert str(f["ok_at"][1])[:10] == "2026-10-02"
    assert log.record["preset"] == name


@pytest.mark.parametrize("name", PRESETS)
def test_a_typical_export_is_recognised_and_its_draft_reads_it(tmp_path: Path, name: str) -> None:
    export, _ = EXPORTS[name]
    file = put(tmp_path, export)
    draft = draft_mapping(file)
    assert draft.study.preset == name
    assert {"decision_id", "decided_at", "confidence", "ok", "deal_size"} <= {
        *draft.plan["columns"]
    }  # fmt: skip
    assert {"columns.decided_at", "columns.confidence", "columns.ok"} <= draft.doubts
    log = read_log(file, put(tmp_path, draft.yaml(), "map.yaml"))
    assert log.frame["confidence"].tolist() == [0.91, 0.42, 0.66]
    assert log.frame["deal_size"].tolist() == [12_500, 1_200, 900]
    assert log.frame["ok"].isna().tolist() == [False, False, True]


def test_what_the_mapping_says_beats_its_preset(tmp_path: Path) -> None:
    plan = """\
preset: hubspot
columns: {confidence: Deal score, deal_size: Deal score}
constants: {workflow: deals}
values: {ok: {Contract sent: "yes"}}
confidence_scale: 100
"""
    f = read_log(put(tmp_path, HUBSPOT), put(tmp_path, plan, "map.yaml")).frame
    assert f["deal_size"].tolist() == [91, 42, 66]
    assert f["workflow"].unique().tolist() == ["deals"]
    assert f["ok"].tolist() == [True, False, True]


def test_a_stage_nobody_listed_is_a_reject_and_not_guessed_at(tmp_path: Path) -> None:
    plan = "preset: hubspot\nconfidence_scale: 100\nallow_rejects: 0.5"
    export = HUBSPOT.replace("Contract sent", "Almost there")
    log = read_log(put(tmp_path, export), put(tmp_path, plan, "map.yaml"))
    assert log.rejects.values.tolist() == [[4, "Deal Stage", "Almost there", "is not yes or no"]]


def test_a_preset_reads_columns_of_parquet_whatever_their_case(tmp_path: Path) -> None:
    rows = pd.read_csv(StringIO(HUBSPOT), dtype=str)
    rows.rename(columns=str.upper).to_parquet(tmp_path / "log.parquet")
    plan = put(tmp_path, "preset: hubspot\nconfidence_scale: 100\n", "map.yaml")
    assert read_log(tmp_path / "log.parquet", plan).frame["deal_size"].tolist() == [
        12500,
        1200,
        900,
    ]


def test_headers_are_known_whatever_their_case_and_signs() -> None:
    assert recognised(["opportunity_id", "OPPORTUNITY OWNER", "StageName"]) == "salesforce"
    assert recognised(["id", "score", "date", "stage"]) is None


def test_presets_name_columns_of_the_log_and_no_stage_probability() -> None:
    for preset in PRESETS.values():
        assert not set(preset.columns) - set(COLUMNS)
        assert {"decision_id", "decided_at", "confidence", "ok"} <= set(preset.columns)
        scores = {folded(name) for name in preset.columns["confidence"]}
        assert not {"probability", "dealprobability"} & scores, "a stage's: 1 once it is won"
        for names in preset.columns.values():
            assert len({folded(name) for name in names}) == len(names)


def test_an_unknown_preset_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"map.yaml:1 preset: 'sugar' is none of salesforce, hubs"):
        read_mapping(put(tmp_path, "preset: sugar", "map.yaml"))


def test_an_export_without_the_usual_columns_is_told_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"no column is decided_at .*it has: a, b"):
        read_log(put(tmp_path, "a,b\n1,2\n"), put(tmp_path, "preset: zoho", "map.yaml"))
