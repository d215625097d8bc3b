"""The page that lists all reports, and all months made at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

import hitlsim as hs
from hitlsim.present.reporting import index
from hitlsim.present.reporting.every_month import report_months
from hitlsim.present.reporting.failures import DiskFull, ReportError, ReportLocked
from hitlsim.present.reporting.index import write_index
from hitlsim.present.reporting.report import report

from ..conftest import log_of

FIGURED = """\
import json
def figure(value, few=False):
    return {"value": value, "low": value - .01, "high": value + .01, "n": 300, "few": few,
            "assumes": "nothing", "unit": "share"}
metrics = {"decisions": {**figure(300), "low": None, "high": None, "unit": "count"},
           "exception_rate": figure(.12 if month < "2026-09" else .13),
           "fn_share": figure(.03, few=True)}
said = {"headline": f"<b>well</b> in {month}", "record": {"source": "calls & more"},
        "metrics": {"all": metrics}}
with open(results, "w") as file:
    json.dump(said, file)"""


HALF = "no decision on 17 of 31 working days (15 to 31 October)"


@pytest.fixture
def months(tmp_path: Path) -> Path:
    """Two full months, and the first half of a third."""
    made = log_of({"2026-08": (300, 36, 12), "2026-09": (300, 39, 9), "2026-10": (300, 39, 9)})
    early = made.frame["decided_at"] < "2026-10-15"
    return hs.DecisionLog(made.frame[early], made.record).to_parquet(tmp_path / "calls.parquet")


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL))


def test_every_full_month_is_made_once_and_a_half_one_left_out(
    months: Path, tmp_path: Path, use_notebook: Callable[[str], None]
) -> None:
    use_notebook(FIGURED)
    out = tmp_path / "reports"
    first = report_months(log=months, out=out)
    assert [(m.month, m.failed, m.left_out) for m in first] == [
        ("2026-08", "", ""),
        ("2026-09", "", ""),
        ("2026-10", "", f"the log ends on 2026-10-14: {HALF}"),
    ]
    again = report_months(log=months, out=out)
    assert [m.result.skipped for m in again if m.result] == [True, True]


def test_a_half_month_that_is_asked_for_is_made_and_told(
    months: Path, tmp_path: Path, use_notebook: Callable[[str], None]
) -> None:
    use_notebook(FIGURED)
    made = report(log=months, month="2026-10", out=tmp_path / "reports")
    assert made.partly
    covers = json.loads(made.path_manifest.read_text())["covers"]
    assert (covers["whole"], covers["missing_days"]) == (False, 17)
    html = (tmp_path / "reports" / "index.html").read_text()
    assert f"part of the month the log ends on 2026-10-14: {HALF}" in text_of(html)


def test_months_with_holes_are_made_and_told_and_silent_ones_only_told(
    tmp_path: Path, use_notebook: Callable[[str], None]
) -> None:
    use_notebook(FIGURED)
    made = log_of(dict.fromkeys(("2026-03", "2026-04", "2026-07", "2026-09"), (900, 108, 36)))
    day = made.frame["decided_at"].dt.strftime("%m-%d")
    lost = day.between("04-06", "04-14") | (day == "09-09")
    log = hs.DecisionLog(made.frame[~lost], made.record)
    out = tmp_path / "reports"
    done = report_months(log=log, out=out)
    assert [(m.month, m.left_out, m.gaps) for m in done] == [
        ("2026-03", "", ""),
        ("2026-04", "", "no decision on 9 of 30 working days (6 to 14 April)"),
        ("2026-05", "the log has no decision until 2026-07", ""),
        ("2026-07", "", ""),
        ("2026-08", "the log has no decision", ""),
        ("2026-09", "", "no decision on 1 of 30 working days (9 September)"),
    ]
    assert [m.month for m in done if m.empty] == ["2026-05", "2026-08"]
    html = (out / "index.html").read_text()
    said = text_of(html)
    assert "part of the month no decision on 9 of 30 working days (6 to 14 April)" in said
    assert re.search(r"✓ made [0-9-]+ no decision on 1 of 30 working days \(9 September\)", said)
    # April is joined to March, but neither July nor September to what is not the month before
    chart = html.split('aria-label="Exception rate month by month')[1].split("</svg>")[0]
    assert chart.count('stroke-width="1.6"') == 1
    assert chart.count("<circle") == 4


def test_a_month_that_fails_does_not_stop_the_others(
    months: Path, tmp_path: Path, use_notebook: Callable[[str], None]
) -> None:
    use_notebook(f"assert month != '2026-08'\n{FIGURED}")
    out = tmp_path / "reports"
    done = report_months(log=months, out=out)
    assert "a cell failed with AssertionError" in done[0].failed
    assert done[1].result is not None
    assert "\N{MULTIPLICATION X} failed ; none made yet" in text_of(
        (out / "index.html").read_text()
    )


def test_a_full_disk_stops_all_months(
    months: Path, tmp_path: Path, use_notebook: Callable[[str], None]
) -> None:
    use_notebook("raise OSError(28, 'No space left on device')")
    with pytest.raises(DiskFull):
        report_months(log=months, out=tmp_path / "reports")


def test_the_index_says_what_each_found_newest_first(
    months: Path, tmp_path: Path, use_notebook: Callable[[str], None]
) -> None:
    use_notebook(FIGURED)
    out = tmp_path / "reports"
    report_months(log=months, out=out)
    html = (out / "index.html").read_text()
    assert html.index("September 2026") < html.index("August 2026")
    assert 'href="monthly/2026-09/report.html"' in html
    assert "&lt;b&gt;well&lt;/b&gt; in 2026-09" in html
    assert "calls &amp; more" in html
    assert "<b>well" not in html
    assert "13.0% 12.0-14.0" in text_of(html)
    assert "2.0-4.0%" in text_of(html)  # too few for a point
    assert 'aria-label="Exception rate month by month: August 2026 12.0% (11.0-13.0); ' in html
    assert "<script" not in html
    before = html
    assert write_index(out).read_text() == before


def test_the_index_tells_a_report_that_does_not_stand(
    months: Path, tmp_path: Path, use_notebook: Callable[[str], None]
) -> None:
    use_notebook(FIGURED)
    out = tmp_path / "reports"
    report(log=months, month="2026-09", out=out)
    folder = out / "monthly" / "2026-09"
    use_notebook("1 / 0")
    with pytest.raises(ReportError):
        report(log=months, month="2026-09", out=out)
    said = text_of(write_index(out).read_text())
    assert "the last try failed" in said
    (folder / "results.json").write_text("{}")
    html = write_index(out).read_text()
    assert "its files do not fit ; run it again" in text_of(html)
    assert "href" not in html.split("<main>")[1]


def test_the_index_of_nothing_says_how_to_make_something(tmp_path: Path) -> None:
    assert "There is no report here yet" in write_index(tmp_path / "none").read_text()


def test_what_another_kind_of_report_calls_metrics_does_not_break_the_index(
    months: Path,
    tmp_path: Path,
    use_notebook: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index, "_MONTHLY", "another")
    use_notebook(FIGURED.replace("metrics = {", 'metrics = {"fn_share": 0.1} or {'))
    report(log=months, month="2026-09", out=tmp_path)
    said = text_of((tmp_path / "index.html").read_text())
    assert "&lt;b&gt;well&lt;/b&gt; in 2026-09" in said
    assert "Month against month" not in said


def test_an_index_that_another_run_holds_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_WAIT_SECONDS", 0)
    with (
        FileLock(tmp_path / ".index.lock"),
        pytest.raises(ReportLocked, match="hitlsim report index writes it"),
    ):
        write_index(tmp_path)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"name": "rollout"}, "'rollout' is not on months"),
        ({"parameters": {"exeption_low": 1.0}}, "'exeption_low' is unknown"),
        ({"log": None}, "give either a decision log or a scenario"),
        ({"log": "absent.csv"}, "absent.csv: cannot be read"),
    ],
)
def test_what_cannot_be_used_at_all_stops_all_months(
    given: dict[str, Any], why: str, months: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=why):
        report_months(**{"log": months, "out": tmp_path / "reports", **given})
    assert not (tmp_path / "reports").exists()


@pytest.mark.browser
@pytest.mark.parametrize("width", [400, 1200])
def test_the_index_fits_its_page_and_asks_for_nothing(
    width: int, months: Path, tmp_path: Path, use_notebook: Callable[[str], None], browser: Any
) -> None:
    use_notebook(FIGURED)
    report_months(log=months, out=tmp_path / "reports")
    context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
    tab = context.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url.split(":")[0]))
    tab.goto((tmp_path / "reports" / "index.html").as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert set(asked) == {"file"}
    tab.get_by_role("link", name="August 2026").first.click()
    assert tab.locator("h1").inner_text() == "August 2026"
    context.close()
