"""The desk over time: one HTML file, opened offline, that replays what a log says.

:mod:`~hitlsim.present.replaying.timeline` turns the log into events; ``replay.js`` only draws them.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...atomic import replacing
from ...decisions.columns import VERDICTS
from ...decisions.log import DecisionLog
from .. import style
from ..picture import table_html
from .timeline import (
    ESCALATIONS,
    EVENTS,
    NEEDED,
    NOT_NAMED,
    by_day,
    midnights,
    timeline,
    times,
)

_MOST_STREAMS = 14
_SECOND = pd.Timedelta(seconds=1)


def replay(
    log: DecisionLog,
    path: str | Path,
    *,
    start: str | None = None,
    days: int = 7,
    names: bool = False,
) -> Path:
    """Write a page that replays how the desk worked: queues, reviewers, what went out alone.

    Parameters
    ----------
    log : DecisionLog
        Real or simulated; only what a team would see is read.
    path : str or Path
        The HTML file to write.
    start : str, optional
        First day, such as ``2026-09-07``; else the last Monday from which all days are in the log.
    days : int
        How many, 1 to 31; those after the log's last are left out.
    names : bool
        Whether reviewers are called as in the log; else they are numbered by pool, in the order
        in which they began to work.

    Returns
    -------
    Path
        The file; the same log gives the same bytes.

    Raises
    ------
    LogError
        When the log does not say when reviews began and ended, or does not have such days.

    Examples
    --------
    >>> import tempfile
    >>> times = pd.date_range("2026-09-07 09:00", periods=3, freq="5min", tz="UTC")
    >>> row = dict(zip(["queued_at", "started_at", "ended_at"], times))
    >>> log = DecisionLog(pd.DataFrame([{"decided_at": times[0], **row}]))
    >>> replay(log, Path(tempfile.mkdtemp()) / "desk.html").name
    'desk.html'
    """
    edges = midnights(log, start, days)
    events = timeline(log, start, days, names=names)
    path = Path(path)
    with replacing(path) as partial:
        partial.write_text(_page(log, events, edges, names), encoding="utf-8")
    return path


def packed(events: pd.DataFrame, edges: pd.DatetimeIndex) -> dict[str, Any]:
    """Events as compact lists of whole seconds since the first midnight, for the script."""
    person = list(zip(events["home"], events["reviewer"], strict=True))
    events = events.assign(s=_seconds(events["at"], edges[0]), person=person)
    length = events.loc[events["event"] == "queued", "pool"].value_counts()

    pools = sorted({*events["pool"].dropna(), *events["home"].dropna()},
                   key=lambda p: (p == ESCALATIONS, -length.get(p, 0), p))  # fmt: skip
    people = sorted(set(events.loc[events["reviewer"].notna(), "person"]),
                    key=lambda p: (p[1] == NOT_NAMED, len(p[1]), p[1]))  # fmt: skip
    flows = sorted(events["workflow"].unique())
    lists = {"pool": pools, "workflow": flows, "verdict": VERDICTS, "person": people}
    for name, values in lists.items():
        number = {value: i for i, value in enumerate(values)}
        events[name] = [number.get(x, -1) for x in events[name]]
    return {
        "wall": int((edges[0].tz_localize(None) - pd.Timestamp(0)) // _SECOND),
        "shifts": _shifts(edges),
        "days": _seconds(edges.to_series(), edges[0]).tolist(),
        "pools": pools,
        "people": [[name, pools.index(home)] for home, name in people],
        "workflows": [style.plain(f) for f in flows],
        "verdicts": list(VERDICTS),
        "out": _streams(events, flows),
        "work": _visits(events, "queued", "started", "ended"),
        "looks": _visits(events, "looking", "looking", "looked"),
    }


def _seconds(at: pd.Series, first: pd.Timestamp) -> pd.Series:
    return (at - first) // _SECOND


def _shifts(edges: pd.DatetimeIndex) -> list[list[int]]:
    """When, and by how many seconds since the start, the clock on the wall was put on or back."""
    grid = pd.date_range(edges[0], edges[-1], freq="15min")
    wall = grid.tz_localize(None)
    passed = ((grid - grid[0]) // _SECOND).tolist()
    ahead = ((wall - wall[0]) // _SECOND - passed).tolist()
    changed = [i for i in range(1, len(grid)) if ahead[i] != ahead[i - 1]]
    return [[passed[i], ahead[i]] for i in changed]


def _streams(events: pd.DataFrame, flows: list[str]) -> list[list[Any]]:
    """Name of each workflow and the seconds between its departures; the rarest together."""
    out = events[events["event"] == "out"]
    count = out["workflow"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    kept = list(count.index[: _MOST_STREAMS - (len(count) > _MOST_STREAMS)])
    lines = [(style.plain(flows[w]), out["workflow"] == w) for w in kept]
    if len(count) > len(kept):
        lines.append((f"{len(count) - len(kept)} other workflows", ~out["workflow"].isin(kept)))
    return [[name, np.diff(out.loc[which, "s"], prepend=0).tolist()] for name, which in lines]


def _visits(events: pd.DataFrame, joined: str, started: str, ended: str) -> dict[str, list[Any]]:
    """Lists as long as there are visits; -1 where something did not happen or is not known."""
    rows = {e: events[events["event"] == e].set_index("item") for e in EVENTS}
    first = rows[joined].sort_values("s", kind="stable")

    def of(name: str, what: str) -> pd.Series:
        return rows[name][what].reindex(first.index)

    late, to = of("escalated", "s") - first["s"], of("escalated", "pool")
    lists = {
        "wait": of(started, "s") - first["s"],
        "take": of(ended, "s") - of(started, "s"),
        "workflow": first["workflow"],
        "person": of(started, "person"),
        "pool": first["pool"],
        "verdict": of(ended, "verdict"),
    }
    return {name: values.fillna(-1).astype(int).tolist() for name, values in lists.items()} | {
        "at": np.diff(first["s"], prepend=0).tolist(),
        "late": [[i, int(x), int(to.iloc[i])] for i, x in enumerate(late) if pd.notna(x)],
        "hand": [i for i, x in enumerate(of(started, "by_hand").isin([True])) if x],
    }


_STAGE = """\
<section id="player" aria-label="Replay"><div id="stage">
<section id="alone"><h2>Gone out alone</h2><p class="small" id="alone-note"></p>
<div class="field"><canvas aria-hidden="true"></canvas><ol></ol></div></section>
<section id="desk"><h2>Waiting for a person</h2>
<p class="small legend"><span><i class="young"></i>less than 24 h</span>
<span><i class="ageing"></i>24 to 48 h</span> <span><i class="old"></i>more than 48 h</span>
<span class="gap"><i class="approve"></i>approved</span> <span><i class="edit"></i>edited</span>
<span><i class="reject"></i>rejected</span></p>
<div class="field"><canvas aria-hidden="true"></canvas><div id="lanes"></div></div></section></div>
<div id="dock"><div id="controls">
<button id="play" type="button"><span aria-hidden="true"></span><b>Play</b></button>
<p id="clock"><b></b> <span></span></p>
<label><span>Speed</span> <select id="speed" aria-label="Speed"></select></label>
<label><input type="checkbox" id="skip" checked> skip quiet hours</label>
<button id="peak" type="button" title="When most waited, on the next day">Next peak</button></div>
<div id="scrub"><div id="names" aria-hidden="true"></div>
<div id="chart"><canvas role="img" aria-label="Decisions waiting in each pool over time, by age; \
the table below has the figures"></canvas>
<input id="slider" type="range" min="0" step="600" value="0" aria-label="Time"></div></div>
<p id="said" class="unseen" aria-live="polite"></p></div></section>
"""


def _page(log: DecisionLog, events: pd.DataFrame, edges: pd.DatetimeIndex, names: bool) -> str:
    days = by_day(events, edges)
    data = packed(events, edges) | {"peaks": _seconds(days["at"], edges[0]).tolist()}
    here = files("hitlsim.present.replaying")
    script, css = ((here / f"replay.{kind}").read_text(encoding="utf-8") for kind in ("js", "css"))
    # only this script may run, whatever a log has in its names, and nothing may be fetched
    digest = b64encode(sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    title, source = _span(edges), f"From {log.record.get('source', 'a decision log')}"
    source += f", seed {log.record['seed']}" if "seed" in log.record else ""
    notes = "".join(f"<li>{escape(note)}</li>" for note in _notes(log, events, edges[0], names))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>Replay: {escape(title)}</title>\n<style>{css}</style>\n"
        "<noscript><style>#player { display: none; }</style></noscript>\n</head>\n<body>\n"
        f'<header><p class="kind">Replay of the desk</p><h1>{escape(title)}</h1>'
        f"<p>{escape(source)}</p></header>\n<main>\n{_STAGE}"
        "<noscript><p>The replay needs scripts, which are off; the table remains.</p></noscript>\n"
        f'<section id="days"><h2>Day by day</h2>{table_html(days.drop(columns="at"))}</section>\n'
        f"<section><h2>What this shows</h2><ul>{notes}</ul></section>\n</main>\n"
        f'<script type="application/json" id="log">{_embedded(data)}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def _embedded(data: dict[str, Any]) -> str:
    """JSON that no name in it can end early: ``<``, ``>`` and ``&`` are written as escapes."""
    text = json.dumps(data, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _span(edges: pd.DatetimeIndex) -> str:
    """The days in words: 28 September to 4 October 2026."""
    first, last = ([str(d.day), d.month_name(), str(d.year)] for d in (edges[0], edges[-2]))
    end = " ".join(last)
    while first and first[-1] == last[-1]:
        first, last = first[:-1], last[:-1]
    return f"{' '.join(first)} to {end}" if first else end


def _notes(log: DecisionLog, events: pd.DataFrame, first: Any, names: bool) -> list[str]:
    """What the page shows, what it does not, and what the log does not say."""
    early = events[events["at"] < first]
    backlog = (early["event"] == "queued").sum() - (early["event"] == "started").sum()
    called = "called as in the log" if names else "numbered, in the order in which they began"
    said = f"""\
It replays what the log says: when decisions joined a queue, when work on them began and when the \
first verdict fell. It adds nothing of its own.
Where marks stand means nothing, but that each stands in the line of its pool, the oldest in \
front; work may be done in another order.
{style.count(backlog)} decisions already waited when these days began; they are there from then on.
Not busy means that the log has no work of that person then; whether anybody was on duty is not \
known. Reviewers without any work in these days are not shown. When time runs fast, what a person \
did last stays on for a moment, so that it can be read.
Reviewers are {called}.""".splitlines()
    out = ("at the time at which they went out" if log.has("executed_at") else
           "at the time of the decision: the log does not say when they went out")  # fmt: skip
    said.append(f"Gone out alone are decisions about which nobody was asked, {out}.")
    said.append("Looks afterwards are shown as work (pale), not in the queues: the log does not "
                "say when they began to wait." if log.has("looked_at", "look_minutes") else
                "Looks afterwards are not shown: the log does not say when they were.")  # fmt: skip
    if log.has("redrafted") and log.frame["redrafted"].isin([True]).any():
        said.append("Redrafts are not shown: the log has the time of the first verdict only.")
    if (events["event"] == "escalated").any():
        said.append("The log has one pool for each decision. Where an escalated one waited first, "
                    "or went, is taken from others like it and from whoever began it.")  # fmt: skip
    queued, began, ended = (times(log, name) for name in NEEDED[1:])
    if odd := int(((queued > began) | (began > ended)).sum()):
        said.append(f"{style.count(odd)} decisions of the log were begun before they were queued, "
                    "or ended before they began; they are shown as if at once.")  # fmt: skip
    return said
