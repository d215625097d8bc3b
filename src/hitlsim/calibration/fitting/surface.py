"""The decision surface of a log: workflows, who proposes them, who owns them, and gates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...decisions.estimating.intervals import clopper_pearson as share
from ...scenario.framework import changes_stage
from .durations import learn_spread, spread_of_logs
from .learnt import Book, Path_, Scale
from .seen import Seen, slugs

_MANY = 20
_HELD = 30
"""A draft that takes so many times the median was held back: by an approval, or a pause."""
_AI = "ai"


def learn_surface(seen: Seen, book: Book) -> None:
    """Agents and workflows: all about them that is no rate."""
    pools = Pools(seen)
    agents = seen.words("agent")
    names = slugs([a for a in agents.unique() if a], "agent")
    may: dict[str, list[str]] = {}
    for flow in seen.workflows:
        mine = seen.workflow == flow
        agent = names.get(_most(agents[mine]), _AI)
        action = next(iter(slugs([_most(seen.words("action")[mine])], "act").values()))
        if action == "act":
            action = f"handle_{flow}"[:40].replace("-", "_")
        may.setdefault(agent, []).append(action)
        here: Path_ = ("workflows", flow)
        book.say((*here, "agent"), agent)
        book.say((*here, "action"), action)
        _learn_access(seen, flow, action, book)
        pools.learn_owner(flow, book)
        _learn_attributes(seen, flow, mine, book)
    for agent, actions in may.items():
        book.say(("agents", agent, "may"), list(dict.fromkeys(actions)))
        _learn_drafting(seen, agent, names, book)
    _learn_signals(seen, book)


def _most(words: pd.Series) -> str:
    """The most frequent word that is one."""
    counts = words[words != ""].value_counts()
    return str(min(counts.index[counts == counts.max()])) if len(counts) else ""


def _learn_access(seen: Seen, flow: str, action: str, book: Book) -> None:
    """What the AI may do, and at which gate people decide."""
    here: Path_ = ("workflows", flow)
    mine = np.asarray(seen.workflow == flow)
    channel = next(iter(slugs([_most(seen.words("channel")[mine]) or "crm"], "channel").values()))
    book.say((*here, "channel"), channel)
    if flow in seen.safe_workflows:
        book.say((*here, "class"), "execution")
        book.say((*here, "access"), "automation-safe")
        if changes_stage(action):
            book.say(("allow_unsafe",), True)
            book.note(f"{flow} changes a stage of the pipeline and goes alone in the log, which "
                      "no scenario allows unless it says so: allow_unsafe is set.")  # fmt: skip
        return
    optional = mine & seen.yes("by_hand") & np.asarray(seen.words("route") == "gate")
    book.say((*here, "class"), "judgment")
    book.say((*here, "access"), "draft-only" if optional.any() else "manager-approved")
    gate = _most(seen.words("gate")[mine])
    if changes_stage(action):
        gate = "stage-change"
    elif gate not in ("send", "crm-sync", "clean-up"):
        sends = channel in ("email", "sms") or action.startswith("send")
        gate = "send" if sends else "crm-sync"
    book.say((*here, "gate"), gate)


def _learn_attributes(seen: Seen, flow: str, mine: pd.Series, book: Book) -> None:
    here: Path_ = ("workflows", flow)
    if seen.has("reversible"):
        book.say((*here, "reversible"), bool(seen.yes("reversible")[mine].mean() > 0.5))
    sources = _most(seen.words("sources")[mine])
    if sources:
        book.say((*here, "sources"), list(slugs(sources.split("+"), "source").values()))
    sizes = seen.number("deal_size")[np.asarray(mine)]
    learn_spread(sizes[sizes > 0], (*here, "deal_size"), "deals behind decisions", book, unit=1,
                 fit=spread_of_logs)  # fmt: skip
    if flow not in seen.safe_workflows and book.parts["workflows"][flow].get("gate") in (
        "clean-up", "stage-change",
    ):  # fmt: skip
        book.say((*here, "reversible"), True)
    _learn_limits(seen, np.asarray(mine), here, book)


def _learn_limits(seen: Seen, mine: np.ndarray, here: Path_, book: Book) -> None:
    """After how long the desk passes something on, and what counts as late."""
    due = seen.minutes("queued_at", "due_at")[mine] / 60
    due = due[np.isfinite(due)]
    escalated = seen.minutes("queued_at", "escalated_at")[mine] / 60
    escalated = escalated[np.isfinite(escalated)]
    if len(due):
        book.count((*here, "due_hours"), round(float(np.median(due)), 2), len(due), "from due_at")
    if len(escalated):
        book.count(
            (*here, "escalate_after_hours"), round(float(escalated.min()), 2), len(escalated),
            "when it was passed on",
        )  # fmt: skip
    own = book.parts["workflows"][here[1]]
    if own.get("escalate_after_hours", 24.0) >= own.get("due_hours", 48.0):
        hours = own.get("due_hours", 48.0)
        book.assume((*here, "escalate_after_hours"), hours / 2, "before it is late")
    _learn_redrafts(seen, mine, here, book)


def _learn_redrafts(seen: Seen, mine: np.ndarray, here: Path_, book: Book) -> None:
    rejected = mine & np.asarray(seen.words("verdict") == "reject")
    if rejected.sum() >= 5 and seen.has("redrafted"):
        again = bool((rejected & seen.yes("redrafted")).any())
        book.count((*here, "redrafts"), int(again), int(rejected.sum()), "after rejections")
    approved = mine & np.asarray(seen.words("verdict") == "approve") & ~seen.yes("redrafted")
    delay = seen.minutes("ended_at", "executed_at")[approved] * 60
    delay = delay[np.isfinite(delay) & (delay >= 0)]
    if len(delay) >= 5 and np.median(delay) >= 1:
        value = round(float(np.median(delay)), 1)
        book.count((*here, "execute_seconds"), value, len(delay), "from yes to effect, median")


def _learn_drafting(seen: Seen, agent: str, names: dict[str, str], book: Book) -> None:
    """Time for a draft, of those that found the agent idle: others waited for a slot."""
    raw = {own: name for name, own in names.items()}
    mine = np.asarray(seen.words("agent") == raw.get(agent, ""))
    took = seen.minutes("arrived_at", "decided_at") * 60
    mine = mine & np.isfinite(took) & (took > 0)
    if mine.sum() < _MANY:
        return
    frame = seen.frame.loc[mine, ["arrived_at", "decided_at"]].sort_values("arrived_at")
    busy_until = frame["decided_at"].cummax().shift()
    idle = frame.index[~(busy_until > frame["arrived_at"]).fillna(False)]
    took = took[idle]
    # what was held back for hours was not drafted for hours
    learn_spread(
        took[took <= _HELD * np.median(took)], ("agents", agent, "draft_seconds"),
        "from arrival to draft, agent idle", book, unit=1, fit=spread_of_logs,
    )  # fmt: skip


def _learn_signals(seen: Seen, book: Book) -> None:
    for name, carried in seen.signals.items():
        e = share(float(carried.sum()), len(seen))
        book.learn(("signals", name, "share"), e, "share that carries it", Scale.SHARE, (0, 1))
        for flow in seen.workflows:
            mine = np.asarray(seen.workflow == flow)
            own = share(float((carried & mine).sum()), float(mine.sum()))
            path = ("workflows", flow, "signal_shares", name)
            book.learn(path, own, "share that carries it", Scale.SHARE, (0, 1))


class Pools:
    """Whose queue each workflow joins, and who gets what they do not begin in time."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self.pool = seen.words("pool")
        self.names = slugs([p for p in self.pool.unique() if p], "pool") or {"": "desk"}
        self.passed_on = np.asarray(seen.local("escalated_at").notna())

    def home(self, flow: str) -> str:
        """The pool where a workflow's decisions wait."""
        mine = np.asarray(self.seen.workflow == flow)
        raw = _most(self.pool[mine & ~self.passed_on]) or _most(self.pool[mine])
        return self.names.get(raw, next(iter(self.names.values())))

    def learn_owner(self, flow: str, book: Book) -> None:
        """Who reviews and who answers for it; roles are called as their pools."""
        home = self.home(flow)
        mine = np.asarray(self.seen.workflow == flow)
        backup = self.names.get(_most(self.pool[mine & self.passed_on]), home)
        book.say(("workflows", flow, "raci"), {"accountable": backup, "responsible": [home]})
        if backup == home:
            book.assumed[("workflows", flow, "raci", "accountable")] = (
                "nothing was passed on in the log"
            )
