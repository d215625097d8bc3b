"""A month in half a minute: the headline, a few plain sentences, and what to be careful about."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from ...calibration.tuning.recommendation import Recommendation
from ...calibration.tuning.telling.words import money
from ...decisions.columns import BAND_REASONS
from ...decisions.counting.metrics import Unit
from ...decisions.counting.scorecard import Judgement, Status
from ...decisions.diagnosing.diagnosis import ABDICATION, HOARDING
from ...decisions.estimating.intervals import Estimate, about, clopper_pearson
from ...decisions.watching.observed import CALIBRATION, SILENT
from ...decisions.watching.words import cause_of
from ...scenario.explain import listed
from ..change import Change, change_words
from ..style import count, hours, month_name, percent, plain, reason_words, written
from .cover import Cover
from .facts import ALL_SEEN, Facts

ENOUGH_LOOKS = 149
"""Looks without a single error that put silent errors below 2%, at 95%."""


_MOST = 0.5
_MORE = 1.1
"""How much more the AI is wrong than silent errors show, before it is said beside them."""


class Sentence(NamedTuple):
    """One sentence or two of the summary."""

    topic: str
    text: str


def headline(f: Facts) -> str:
    """The one thing to take away."""
    exceptions = f.judged.get("exception_rate")
    if exceptions is None:
        return "Every decision passes a gate: there is no exception rate to judge."
    inside = exceptions.status is Status.GOOD
    if f.waved >= _MOST:
        return (
            "Most verdicts come from people who wave things through, so overrides and silent "
            "errors cannot be taken at their word."
        )
    rose = f"{_right(f)}ilent errors rose from {_rate(f.silent_before)} to {_rate(f.silent)}"
    if f.silent_change.up and inside:
        return (
            f"{rose} while the exception rate stayed inside its band: the band did not show it."
            f"{_broken(f)}"
        )
    if f.silent_change.up:
        return f"{rose}, and exceptions are off target at {_rate(f.exceptions)}.{_broken(f)}"
    if f.alarm(SILENT) is not None:
        return _still(f, inside=inside)
    if not inside:
        return f"Exceptions are off target at {_rate(f.exceptions)}, {exceptions.words}."
    start = (
        f"Exceptions are where they should be, at {_rate(f.exceptions)}"
        if exceptions.sure
        else f"Exceptions look about right at {_rate(f.exceptions)}, but the month is too thin "
        "to be sure"
    )
    return f"{start}; {_unseen_in_short(f)}."


def _right(f: Facts) -> str:
    """How often the AI was right, where silent errors tell only a part of it; up to their S."""
    beyond = -f.right_change.value > _MORE * f.silent_change.value
    if not (f.right_change.high < 0 and beyond) or f.previous is None:
        return "S"
    then = f"{_rate(f.right_before)} in {month_name(f.previous).split()[0]}"
    return f"The AI was right in {_rate(f.right)} of its decisions, after {then}: s"


def _broken(f: Facts) -> str:
    """Whether the score still keeps what it promised."""
    a = f.alarm(CALIBRATION)
    if a is None:
        return ""
    return f" At the same scores the odds of being wrong are {a.times.value:.1f} times the usual."


def _still(f: Facts, *, inside: bool) -> str:
    """Silent errors that no longer rise, but are not what they were either."""
    a = f.alarm(SILENT)
    if a is None or f.watch is None:
        return ""
    down = f.silent_change.high < 0
    start = "Silent errors fell, but are" if down else "Silent errors are"
    band = (
        "; the exception rate, inside its band, does not show it"
        if inside
        else f"; exceptions are off target at {_rate(f.exceptions)}"
    )
    return (
        f"{start} still above the baseline: {_rate(f.silent)}, not {_rate(a.before)}, an alarm "
        f"since the week of {a.since}{band}.{_broken(f)}"
    )


def _rate(e: Estimate) -> str:
    """A share without its interval, for a headline."""
    return percent(e) if e.few else percent(e).split(" (")[0]


def _unseen_in_short(f: Facts) -> str:
    if not f.unseen.known:
        return "how many bad decisions went out unseen is not known"
    if f.unseen.few:
        return f"between {about(f.unseen.low)} and {about(f.unseen.high)} bad ones went out unseen"
    return f"about {about(f.unseen.value)} bad decisions went out unseen"


def sentences(f: Facts) -> Iterator[Sentence]:
    """Three to seven sentences; silent errors come first when they rose."""
    first = [Sentence("Exceptions", _exceptions(f)), Sentence("Silent errors", _silent(f))]
    yield from reversed(first) if f.silent_up else first
    if f.watch is not None and (cause := cause_of(f.watch)):
        yield Sentence("What changed", cause)
    if "override_rate" in f.judged:
        yield Sentence("Overrides", _overrides(f, f.judged["override_rate"]))
    if f.named:
        yield Sentence("Reviews", _reviews(f))
    yield Sentence("Desk", _desk(f))
    yield Sentence("Next", _next(f))


def _since(f: Facts, c: Change, unit: Unit = Unit.SHARE) -> str:
    """The change as a sentence of its own, or nothing where there is no month to compare with."""
    if f.previous is None:
        return ""
    words = change_words(c, unit, month_name(f.previous).split()[0])
    return f" {words[0].upper()}{words[1:]}." if words else ""


def _exceptions(f: Facts) -> str:
    judged = f.judged.get("exception_rate")
    if judged is None:
        return "Every decision passes a gate, so none counts as an exception."
    sure = "" if judged.sure else "; its interval reaches further, so this is not sure"
    return (
        f"Of {count(f.exceptions.n)} decisions the AI was allowed to take alone, "
        f"{percent(f.exceptions)} went to a person, {judged.words}{sure}."
        f"{_since(f, f.exceptions_change)}"
    )


def _silent(f: Facts) -> str:
    if not f.silent.known:
        return (
            "How many bad decisions went out with nobody asked is not known: of what went alone, "
            f"nobody looked at any.{_truth(f)}"
        )
    looked = f"the {count(f.silent.n)} whose outcome is known"
    share = f"{percent(f.silent)} of all the AI was allowed to take"
    if f.silent.few:
        said = (
            f"Between {about(f.unseen.low)} and {about(f.unseen.high)} bad decisions went out with "
            f"nobody asked ({_span(f.silent)} of all the AI was allowed to take); among {looked}, "
            "too few were bad for a closer figure."
        )
    elif f.seen >= ALL_SEEN:
        said = f"{count(f.unseen.value)} bad decisions went out with nobody asked: {share}."
    else:
        said = (
            f"About {about(f.unseen.value)} bad decisions ({about(f.unseen.low)}-"
            f"{about(f.unseen.high)}) went out with nobody asked: {share}, estimated from {looked}."
        )
    return f"{said}{_since(f, f.silent_change)}{_truth(f)}"


def _span(e: Estimate) -> str:
    """From what to what a share reaches, where too few were found for a point."""
    return percent(e).removeprefix("between ").replace(" and ", " to ")


def _truth(f: Facts) -> str:
    """What only a simulation knows, and why it may lie outside the interval."""
    if f.truth is None:
        return ""
    said = f" The simulation knows the truth: {count(f.truth)}."
    if not f.unseen.known or f.unseen.low <= f.truth <= f.unseen.high:
        return said
    below = f.truth < f.unseen.low
    said = f"{said[:-1]}, {'below' if below else 'above'} that interval"
    if (f.called_bad > f.truly_bad) != below:
        return f"{said}, by chance."
    return (
        f"{said}, because lookers misjudge: of those they saw, they called {count(f.called_bad)} "
        f"bad and {count(f.truly_bad)} were."
    )


def _overrides(f: Facts, judged: Judgement) -> str:
    sure = "" if judged.sure else " (not sure)"
    said = (
        f"People changed or rejected {percent(judged.estimate)} of the {count(judged.estimate.n)} "
        f"exceptions they judged, {judged.words}{sure}."
    )
    if judged.status is not Status.GOOD and f.least_changed:
        reason, changed, of = f.least_changed
        said += (
            f" They agree most often on {reason_words(reason)}: {count(changed)} of {count(of)} "
            "changed."
        )
    return said


_HABITS = {
    ABDICATION: (
        "let through what needs a review (abdication)",
        "A tighter threshold would only give them more to wave through.",
    ),
    HOARDING: (
        "review what needs no review (hoarding)",
        "While they ask to see so much, a looser threshold alone changes little.",
    ),
}
"""What people do, and what is to be known before touching the bands."""


def _reviews(f: Facts) -> str:
    said = []
    for name, (does, careful) in _HABITS.items():
        pools = [finding.who for finding in f.named if finding.name == name]
        if pools == ["all"]:
            said.append(f"People {does}. {careful}")
        elif pools:
            said.append(f"At {listed([plain(p) for p in pools])} people {does}. {careful}")
    return " ".join(said)


def _desk(f: Facts) -> str:
    if not f.wait.known and not f.hours.known:
        return "Not known: the log does not say when reviews began or how long they took."
    said = []
    if f.wait.known:
        share = f"; {percent(f.within_24h)} was begun within 24 h" if f.within_24h.known else ""
        said.append(
            f"What went to people waited {written(f.wait, Unit.MINUTES)} on average, nights and "
            f"weekends included{share}."
        )
    if f.hours.known:
        busy = f", {_rate(f.utilisation)} of those set aside" if f.utilisation.known else ""
        said.append(f"Reviewing took {hours(f.hours.value)} a week{busy}.")
    return " ".join(said)


def _next(f: Facts) -> str:
    rec, judged = f.recommendation, f.judged.get("exception_rate")
    if f.waved:
        return (
            f"{_READ_AGAIN} before touching the bands: a floor under the time of a review, names "
            "beside verdicts, second looks by somebody else."
        )
    if f.watch is not None and f.alarm(CALIBRATION) is not None:
        return f.watch.next
    if f.silent_up:
        return (
            "Find out what changed before touching the bands: read a sample of what went alone"
            f"{_worst(f)}, and tighten only what explains it."
        )
    if not f.silent.known:
        return (
            f"Have somebody look at {ENOUGH_LOOKS} decisions that went alone, picked by chance: if "
            "not one is bad, silent errors are below 2%."
        )
    if rec is None or judged is None:
        return "Keep the gates until there is evidence for letting a workflow act alone."
    if rec.status in ("infeasible", "unattainable"):
        return rec.aim()
    if _unlike(f):
        return (
            "Find out what changed before moving the threshold: this month is unlike the log so "
            "far, and a threshold from all months would miss."
        )
    if stays(f):
        return _leave(f, rec)
    return rec.aim() if rec.status == "recommended" else f"{rec.aim()} {rec.why()[-1]}"


def _leave(f: Facts, rec: Recommendation) -> str:
    """What to do where the exception rate is right."""
    more = _also(f)
    if saves(rec):
        return f"Stay inside the band, but change what is asked about: {_for_less(rec)}{more}."
    at = "" if math.isnan(f.threshold) else f" at {f.threshold:g}"
    if more:
        return f"Leave the threshold{at}{more}."
    return f"Leave the threshold{at}; no workflow and no trigger stands out."


def _also(f: Facts) -> str:
    """What else to do where the exception rate is right; with its comma."""
    more = [f"read a sample of what went alone{_worst(f)}"] if f.worst else []
    more += _loosen(f)
    return f", and {listed(more)}" if more else ""


def saves(rec: Recommendation) -> bool:
    """Whether other rules would cost less than today's, beyond doubt."""
    return rec.status == "recommended" and rec.saving.known and rec.saving.low > 0


def _for_less(rec: Recommendation) -> str:
    return (
        f"other rules would give {rec.rate.value:.1%} and save {money(rec.saving, rec.currency)} "
        "per 1,000 decisions"
    )


_READ_AGAIN = "Get people to read again"


def _unlike(f: Facts) -> bool:
    """Whether a threshold that fits all months would not fit this one."""
    return not stays(f) and any(name == "exceptions" for name, _, _ in f.unlike)


def _loosen(f: Facts) -> list[str]:
    """A trigger that people agree with beyond doubt, where overrides are too few."""
    judged = f.judged.get("override_rate")
    if judged is None or judged.status is Status.GOOD or f.least_changed is None:
        return []
    reason, changed, of = f.least_changed
    if reason in BAND_REASONS or clopper_pearson(changed, of).high >= f.override_target:
        return []
    return [f"consider loosening the trigger on {reason_words(reason)}"]


def stays(f: Facts) -> bool:
    """Whether today's threshold does what it should, beyond doubt."""
    judged = f.judged.get("exception_rate")
    return judged is not None and judged.status is Status.GOOD and judged.sure


def advice(f: Facts, rec: Recommendation) -> tuple[Status, str]:
    """What to do about the threshold, and how firm that is; it agrees with the summary's end."""
    aim = rec.aim()
    later = f"{aim[0].lower()}{aim[1:]}"
    if f.waved:
        return Status.WATCH, f"{_READ_AGAIN} first. For the exception rate alone: {later}"
    if f.silent_up or f.alarm(CALIBRATION) is not None:
        return Status.WATCH, (
            f"Find out first why silent errors rose. For the exception rate alone: {later}"
        )
    if _unlike(f):
        return Status.WATCH, (f"Find out first what changed this month. Over all months: {later}")
    if rec.status != "recommended":
        return Status.WATCH, aim
    if stays(f) and saves(rec):
        return Status.GOOD, f"The exception rate is right, but {_for_less(rec)}. {aim}"
    if stays(f):
        at = "rules as they are" if math.isnan(f.threshold) else f"threshold at {f.threshold:g}"
        one = f", it would be {rec.auto:.6g}" if not math.isnan(rec.auto) else ""
        anew = f" Aimed anew at the middle of the band{one}." if one else ""
        return Status.GOOD, f"Leave the {at}.{anew}"
    return Status.GOOD, aim


def _worst(f: Facts) -> str:
    if f.worst is None:
        return ""
    name, e = f.worst
    return f" in {plain(name)}, where {percent(e)} of it was bad"


def _days(f: Facts) -> Iterator[str]:
    """What days the log lacks, of this month and of the one before."""
    if f.cover.gaps:
        yield _covered(f.cover)
    if f.empty_before:
        yield (
            f"The log has no decision in {month_name(f.empty_before)}, so there is no month before "
            "to compare with."
        )
    if f.cover_before is not None and not f.cover_before.whole:
        yield (
            f"{month_name(f.cover_before.month)}, compared with, is covered in part only: "
            f"{f.cover_before.told}."
        )


def _covered(c: Cover) -> str:
    """What the month's figures stand for, where days are missing."""
    if c.cut:
        return f"The month is only partly covered: {c.told}."
    told = f"{c.told[0].upper()}{c.told[1:]}"
    if c.whole:
        return f"{told}: closed, or lost on the way into the log?"
    return (
        f"{told}: counts and shares are those of the other days, and hours a week, spread over "
        "all days, read too low. Whether the team was away or the log has a hole, it cannot tell."
    )


def warned(f: Facts) -> Iterator[str]:
    """What a reader should know before believing a figure."""
    if f.waved:
        yield (
            f"{f.waved:.0%} of the verdicts came from people who let through what needs a review: "
            "overrides say little, and whoever waves through before also finds little afterwards, "
            "so silent errors read too low."
        )
    if f.unlike:
        said = [f"{name} are {_rate(e)}, not {usual:.1%}" for name, e, usual in f.unlike]
        yield (
            f"This month is unlike the log so far: {listed(said)}. The threshold figure and the "
            "recommendation rest on all months, so they lean to the past."
        )
    yield from _days(f)
    if f.previous and f.phases_now != f.phases_before:
        then, now = listed(f.phases_before), listed(f.phases_now)
        yield (
            f"{month_name(f.previous).split()[0]} was {then}, this month {now}: a change between "
            "them may come from the phase."
        )
    if f.immature > 0.01:
        yield (
            f"{f.immature:.0%} of the looks picked for this month's decisions have not happened "
            "yet: silent errors may still move."
        )
    if f.silent.known and f.silent.few:
        yield (
            "Fewer than five silent errors were found: the figures say between what and what, "
            "and no closer."
        )
    if f.bands_assumed:
        yield (
            "The log does not say which decisions went alone, nor which bands held: the usual 0.90 "
            "and 0.70 are assumed, and all figures are about what would have happened under them."
        )
    if f.chosen_unknown:
        yield (
            f"The outcome is known of {f.seen:.0%} of what went alone, and the log does not say "
            "how those were picked (no column inclusion): they are taken for a sample by chance."
        )
    if f.rejected:
        yield (
            f"{count(f.rejected)} of {count(f.rows)} rows of the source could not be read and are "
            "left out."
        )
