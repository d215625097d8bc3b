"""How sure it is, and what would make it surer, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....scenario.explain import listed
from ..proving.coverage import late_words
from ..weighing.holding import ENOUGH, SURE
from .amounts import chance

if TYPE_CHECKING:
    from ..recommendation import Recommendation

_ASSUMED = {
    "harm": "what an error costs", "harm_deal_share": "the share of a deal that an error loses",
    "hour": "what an hour of review costs", "override_spoils": "what wrong overrides spoil",
    "minutes": "the minutes of a review", "catches": "how many errors reviewers catch",
    "overrides_right": "how often reviewers override what is right",
    "errors of the AI": "how often the AI errs",
}  # fmt: skip


def guarantee(rec: Recommendation) -> Iterator[str]:
    """What is proven of silent errors."""
    made = rec.guarantee
    if made is None:
        return
    if made.why:
        yield f"Nothing can be guaranteed: {made.why}."
        return
    if made.certificate is None:
        yield (
            "Nothing can be guaranteed: of the later days, on which rules are tested, no outcome "
            "is known. Look at some that went alone, picked by chance."
        )
        return
    yield from made.certificate.words()
    if made.chosen is not None and made.chosen != made.certificate.loosest:
        yield (
            f"The rules recommended ask about {made.rate:.1%} there and let less go alone, so it "
            "holds for them too."
        )
    if made.unseen:
        yield (
            f"It does not speak for {listed(list(made.unseen))}, of which no outcome is known: "
            "audit them too."
        )
    if made.outstanding:
        yield (
            f"About {made.outstanding:,} looks that chance picked there have not been made so far: "
            "what they would show is taken to be like the rest."
        )
    yield from late_words(made.late, made.left_out, untold=made.untold)
    if made.unlooked:
        yield (
            f"Of its labels {made.unlooked:,} are of decisions that nobody looked at, without a "
            "stated chance: they count as silent errors there, whatever they are."
        )


def looked_after(rec: Recommendation) -> Iterator[str]:
    """The audit, and people."""
    if rec.audit is not None:
        yield rec.audit.words()
    for staff in rec.staffing:
        if staff.utilisation_limit and staff.set_aside < staff.hours.value:
            yield (
                f"People of {staff.pool}: {staff.hours.value:.0f} hours a week are needed and "
                f"{staff.set_aside:.0f} set aside, for {staff.share:.0%} to be begun within 24 "
                "hours at 85% of people's time."
            )


def moved_by(rec: Recommendation) -> Iterator[str]:
    """The assumption that moves the answer most."""
    s = rec.sensitivity
    if s.empty:
        return
    top = s.iloc[0]
    if top["routed_otherwise"] < 0.005:
        yield "No assumption at half or at twice its value moves the rules by much."
        return
    known = "" if top["measured"] else ", which is assumed: measure it first"
    yield (
        f"What moves the answer most is {_ASSUMED[top['assumption']]}{known}. At half or at twice "
        f"its value up to {top['routed_otherwise']:.1%} of decisions would be routed otherwise."
    )


def would_do(rec: Recommendation) -> Iterator[str]:
    """How much evidence would do, where the band lacks it."""
    if rec.status == "not enough evidence" and rec.n_needed_matters:
        yield _evidence(rec)


def _evidence(rec: Recommendation) -> str:
    if rec.runs:
        return (
            f"Rules are not what is lacking: weeks differ, and chance keeps only "
            f"{chance(rec.chance_next_month)} of months of {rec.next_month:,} decisions inside "
            f"{rec.band}. It takes more decisions a month, or a wider band."
        )
    band, n, m, at = rec.band, rec.n_needed, rec.next_month, rec.reachable
    enough = f"About {n:,} decisions would do" if n else "Even a million decisions would not do"
    now = (
        f"the log has {rec.rate.n:,.0f}. Now the true rate there lies inside {band} with a chance "
        f"of {chance(rec.chance_true_rate)}, and it ought to be {SURE:.0%}"
    )
    tied = rec.tied
    middle = f"at {at:.1%}" if tied else "in the middle"
    finer = (
        f" Scores are tied: {at:.1%} is the nearest to the middle of the band that they allow, "
        "and with finer ones fewer decisions would do."
    ) if tied else ""  # fmt: skip
    by_luck = band.chance_if_known(at)
    if by_luck >= ENOUGH:
        return f"{enough}; {now}, next month's with {ENOUGH:.0%}.{finer}"
    known = f"{enough} to know the true rate; {now}."
    if rec.chance_true_rate >= SURE:
        known = "The log tells the true rate well enough."
    return (
        f"{known} But no log can promise so small a month: even with the true rate {middle}, "
        f"chance keeps only {by_luck:.0%} of months of {m:,} decisions inside. It takes about "
        f"{band.month_needed(at):,} a month, or a wider band.{finer}"
    )
