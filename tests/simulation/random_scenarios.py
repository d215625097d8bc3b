"""Whole scenarios drawn at random, in which everything a scenario can say is said now and then.

They are small, so that a run takes milliseconds, and much in them coincides. Who works there is in
:mod:`~tests.simulation.random_people`, what governs them in :mod:`~tests.simulation.random_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.simulation.contract import World
from hitlsim.simulation.world.draws import Draws
from tests.simulation.chance import Chance, Part
from tests.simulation.random_people import People
from tests.simulation.random_rules import Rules

MINUTE = 60_000
CALENDARS = (
    ("2026-07-27", "UTC"),
    ("2026-08-31", "Asia/Kolkata"),  # a month ends on the first day
    ("2026-09-21", "Australia/Lord_Howe"),  # half an hour is lost
    ("2026-10-19", "Europe/Berlin"),  # an hour comes twice
    ("2026-10-26", "America/New_York"),  # so it does here, and a month ends
    ("2026-12-28", "UTC"),
    ("2027-03-01", "America/New_York"),  # an hour is lost
    ("2027-03-22", "Europe/Berlin"),
)
HOURS = {
    "office": ["mon-fri 08:00-18:00"],
    "burst": ["mon 09:00-09:01", "wed 12:00-12:02 x3"],
    "always": ["mon-sun 00:00-24:00"],
    "nights": ["fri-sun 22:00-24:00", "sat-sun 00:00-05:00 x0.3"],
    "midnight": ["mon-sat 23:59-24:00", "tue-sun 00:00-00:01"],
}
MOMENTS = (
    "mon 00:00", "mon 09:00", "tue 09:00", "tue 12:00", "thu 10:00", "fri 13:00", "sun 02:30",
    "sun 23:59",
)  # fmt: skip
"""When lists come and looks are released; some are also the start or the end of a shift."""
ROLES = ("rep", "lead", "boss")

SAFE: Part = {"access": "automation-safe"}
APPROVED: Part = {"access": "manager-approved"}
KINDS: dict[str, Part] = {
    "crm": {**SAFE, "action": "write_crm"},
    "mail": {**SAFE, "action": "send_email", "channel": "email", "email": {}},
    "note": {**SAFE, "action": "send_note", "channel": "email"},
    "stage": {**SAFE, "action": "change_stage"},  # allow_unsafe
    "terms": {**SAFE, "action": "write_crm", "topic": "contract"},  # allow_unsafe
    "letter": {**APPROVED, "gate": "send", "action": "send_letter", "channel": "email",
               "email": {}},
    "sync": {**APPROVED, "gate": "crm-sync", "action": "write_crm"},
    "merge": {**APPROVED, "gate": "clean-up", "action": "merge_records"},
    "step": {**APPROVED, "gate": "stage-change", "action": "change_stage"},
    "draft": {"access": "draft-only", "gate": "send", "action": "draft_email", "channel": "email"},
    "advice": {"access": "read-only", "gate": "crm-sync", "action": "suggest_next"},
}  # fmt: skip
UNSAFE = ("stage", "terms")


class Team:
    """One scenario. ``coarse``: nothing is spread, so that most things happen at full minutes."""

    def __init__(self, seed: int, attempt: int = 0) -> None:
        self.chance = Chance(seed, attempt)
        self.coarse = self.chance.happens(0.5)
        self.start, self.zone = self.chance.one_of(*CALENDARS)
        self.weeks = int(self.chance.one_of(1, 2, 3, 3, 4, 4))
        self.roles = ROLES[: self.chance.one_of(1, 2, 2, 2, 3)]
        self.agents = [f"bot{i}" for i in range(self.chance.one_of(1, 1, 2))]
        self.signals = ["angry", "new", "rich"][: self.chance.whole(0, 3)]
        self.unsafe = self.chance.happens(0.15)
        kinds = [k for k in KINDS if self.unsafe or k not in UNSAFE]
        n = self.chance.one_of(1, 2, 3, 4, 5)
        drawn = [self.chance.one_of("crm", "crm", "mail", "mail", "note", *kinds) for _ in range(n)]
        self.flows = {f"{kind}-{i}": self.flow(kind, n) for i, kind in enumerate(drawn)}

    def scenario(self) -> hs.Scenario:
        """Checked by the package's own validators.

        Raises
        ------
        ValueError
            When parts do not fit after all.
        """
        once = self.chance
        rules = Rules(once, self.weeks, self.flows, list(self.roles), list(MOMENTS))
        people = People(once, self.start, self.roles, self.flows)
        actions = sorted({str(kind["action"]) for kind in KINDS.values()})
        parts: Part = {
            "name": "random", "teaches": "nothing", "start": self.start, "timezone": self.zone,
            "weeks": self.weeks, "hours": HOURS, "allow_unsafe": self.unsafe,
            "holidays": people.days() if once.happens(0.2) else [],
            "signals": {s: {"share": once.one_of(0, 0.1, 0.4), "odds_of_ok": once.one_of(1, 0.2)}
                        for s in self.signals},
            "agents": {a: {"may": actions, "slots": once.one_of(1, 2, 50),
                           "draft_seconds": self.spread(0.001, 20, 60, 60, 600)}
                       for a in self.agents},
            "workflows": self.flows, "pools": people.pools(), "habits": people.habits(),
            "boundary": rules.boundary(self.signals), "phases": rules.phases,
            "incidents": rules.incidents(), "governance": rules.governance(), "crm": rules.crm(),
        }  # fmt: skip
        return hs.Scenario.model_validate(parts)

    def spread(self, *medians: float) -> Part:
        sigma = 0.0 if self.coarse else self.chance.one_of(0.0, 0.3, 0.5, 2.0)
        return {"median": self.chance.one_of(*medians), "sigma": sigma}

    # --- the work --------------------------------------------------------------------------------

    def flow(self, kind: str, of: int) -> Part:
        """A workflow, one of so many; what is not said here is as the scenario language has it."""
        once = self.chance
        growth = once.one_of(0, 0, -0.5, 0.5)
        per_first_week = sum((1 + growth) ** week for week in range(self.weeks))
        escalates = once.one_of(0.01, 0.25, 0.5, 1, 8, 24)
        out: Part = {
            **KINDS[kind], "agent": once.one_of(*self.agents),
            "class": once.one_of("execution", "judgment"),
            # most of what is not begun in time goes from the first role to the last
            "raci": {"accountable": once.one_of(*self.roles, *[self.roles[-1]] * 3),
                     "responsible": [once.one_of(*self.roles, *[self.roles[0]] * 3)],
                     "consulted": once.some_of(self.roles)},
            "volume_per_week": once.one_of(0, 20, 40, 80, 120) / of / per_first_week,
            "growth_per_week": growth,
            "hours": once.one_of(*HOURS), "priority": once.one_of(1, 1, 2, 9),
            "escalate_after_hours": escalates, "due_hours": 2 * escalates,
            "execute_seconds": once.one_of(0, 0, 60, 3600, 1e6), "redrafts": once.one_of(0, 1, 1),
            "deal_size": self.spread(50, 100, 150), "review_seconds": self.spread(1, 60, 120, 900),
            "ai": self.ai(),
            "by_hand": {"minutes": self.spread(2, 40), "error_share": once.one_of(0, 0.05, 0.5)},
            "surfacing": {"share": once.one_of(0, 0.5, 1), "days": self.spread(0.01, 5)},
            "signal_shares": {s: once.one_of(0, 0.3) for s in once.some_of(self.signals)},
        }  # fmt: skip
        if "email" in out:
            out["email"] = self.email()
        seldom = {
            "list_drop": {"contacts": once.one_of(1, 30 // of, 60 // of),
                          "at": once.one_of(*MOMENTS)},
            "dispersion": once.one_of(1.27, 5, 50),
            "skip_after_hours": once.one_of(0.01, 0.5, 4, 24), "words": once.one_of(1, 10_000),
            "rollback_hours": once.one_of(0.5, 24), "harm": {"deal_share": 0.1},
            "waiting": {"value": 5}, "sources": ["web", "crm"],
        }  # fmt: skip
        out.update({name: value for name, value in seldom.items() if once.happens(0.3)})
        if out["access"] == "automation-safe" and once.happens(0.2):
            out["reversible"] = False
        return out

    def ai(self) -> Part:
        once = self.chance
        learning = {"odds_reduction": once.one_of(0, 0, 0.9), "corrections": once.one_of(1, 20)}
        return {
            "confidence_mean": once.one_of(0.5, 0.8, 0.9), "learning": learning,
            "confidence_concentration": once.one_of(0.5, 3, 14),
            "confidence_decimals": once.one_of(1, 1, 2, 6),
            "intercept": once.one_of(-3, 0, 2, 5), "slope": once.one_of(-1, 0, 0, 1),
        }  # fmt: skip

    def email(self) -> Part:
        rates = ("bounce", "spam", "opt_out", "reply", "positive", "meeting", "no_show")
        said = self.chance.some_of(rates, 3)
        return {
            **{rate: self.chance.one_of(0, 0.2, 0.6, 0.9) for rate in said},
            "bad_spam": self.chance.one_of(0, 8), "bad_reply": self.chance.one_of(0, 0.4),
            "reply_days": self.spread(0.01, 0.5, 3),
        }  # fmt: skip


# --- scenarios and their draws -------------------------------------------------------------------

ATTEMPTS = 10


def attempts_at(seed: int) -> Iterator[hs.Scenario | str]:
    """What each attempt at a scenario gives: the scenario, or what is wrong with it."""
    for attempt in range(ATTEMPTS):
        try:
            yield Team(seed, attempt).scenario()
        except ValueError as e:
            yield str(e)


def scenario_of(seed: int) -> hs.Scenario:
    """The first attempt that is valid; almost always the very first."""
    wrong = []
    for made in attempts_at(seed):
        if isinstance(made, hs.Scenario):
            return made
        wrong.append(made)
    raise AssertionError("\n".join(wrong))


def draws_of(scenario: hs.Scenario, seed: int) -> Draws:
    """Its draws; for two seeds in three in whole ticks, so that much happens at one moment."""
    draws = hs.draw(scenario, seed)
    tick = (0, MINUTE, 30 * MINUTE)[seed % 3]
    if not tick:
        return draws
    decisions, visits = draws.world
    decisions, visits = decisions.copy(), visits.copy()
    decisions["arrival"] -= decisions["arrival"] % tick
    for durations in (decisions["by_hand"], visits["draft"], visits["review"]):
        durations += -durations % tick
    return Draws(World(decisions, visits), draws.email, draws.ids, seed, draws.made_for)


SEEDS = st.integers(0, 2**32 - 1)
SCENARIOS = st.builds(scenario_of, SEEDS)
