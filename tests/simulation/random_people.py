"""Who sits at a random team's desks: pools, shifts, skills and habits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from hitlsim.scenario.habits import PRESETS
from tests.simulation.chance import Chance, Part

SHIFTS = (
    ["mon-sun 00:00-24:00"],  # touch at every midnight
    ["mon-fri 00:00-24:00"],
    ["mon-sun 06:00-23:00"],
    ["mon-fri 10:00-18:00", "sat-sun 00:00-13:00"],
    ["mon-fri 09:00-12:00", "mon-fri 12:00-17:00"],
    ["mon-thu 22:00-24:00", "tue-fri 00:00-06:00"],
    ["mon-fri 09:00-10:00"],
    ["tue-thu 12:00-12:01"],
    ["sun 23:00-24:00"],
)
NAMES = ("ann", "ben", "cleo", "dan", "eva", "finn", "gus", "hal", "ida", "jon", "kim", "lea")
HABITS: dict[str, tuple[Any, ...]] = {
    "prevalence_weight": (0, 0.55, 3), "memory_reviews": (1, 3, 80), "expects_errors": (0.05, 0.5),
    "feedback_share": (0, 0.5, 1), "follows_ai": (1, 3.3), "inspect_share": (0.1, 0.6, 1),
    "lapse": (0, 0.3), "trust_weight": (0, 2.5, 10), "queue_weight": (0, 0.15, 2),
    "alert_weight": (0, 1), "accountability_weight": (0, 2), "skip_seconds": (0.1, 60),
    "speed_accuracy": (True, False), "hurry": (0.5, 2), "fatigue": (0, 0.5, 1),
    "fatigue_minutes": (1, 30), "rest_minutes": (1, 60), "trust_success": (0, 1),
    "trust_failure": (0, 3), "trust_start": (0.1, 0.9), "trust_prior": (1, 20),
    "peek_share": (0, 0.3, 0.9), "peek_trust_weight": (0, 3, 10), "uptake_share": (0.2, 0.7),
    "uptake_trust_weight": (0, 2, 10),
}  # fmt: skip


class People:
    """The people of a team with these roles and workflows."""

    def __init__(self, chance: Chance, start: str, roles: Sequence[str],
                 flows: dict[str, Part]) -> None:  # fmt: skip
        self.chance, self.first_day = chance, date.fromisoformat(start)
        self.roles, self.flows = roles, flows

    def days(self) -> list[date]:
        """A day or two, or the whole first week."""
        n = [self.chance.whole(0, 10), self.chance.whole(0, 10)]
        return [self.first_day + timedelta(days=d)
                for d in (range(7) if self.chance.happens(0.1) else n)]  # fmt: skip

    def pools(self) -> dict[str, Part]:
        names = [*NAMES]
        out: dict[str, Part] = {}
        for role in self.roles:
            # those who answer for most are few, and seldom there
            seldom = role == self.roles[-1] != self.roles[0] and self.chance.happens(0.5)
            n, hours = self.chance.one_of(1, 1, 2, 3, 4), SHIFTS[4 if seldom else 0 :]
            people = {names.pop(0): self.person(hours) for _ in range(n)}
            self.skills(role, list(people.values()))
            out[f"{role}s"] = {
                "role": role, "reviewers": people, "accountability": self.chance.one_of(0, 0.5, 1),
                "minimum_dwell_seconds": self.chance.one_of(0, 0, 60),
            }  # fmt: skip
        return out

    def person(self, hours: Sequence[list[str]]) -> Part:
        once = self.chance
        own = {"hit_rate": once.one_of(0.6, 0.95), "false_alarm_rate": once.one_of(0.01, 0.4)}
        return {
            "shifts": once.one_of(*hours), "speed": once.one_of(0.5, 1, 1, 1.3),
            "habits": once.one_of(*PRESETS, "ours", "theirs"),
            "edit_share": once.one_of(0, 0.3, 0.8, 1),
            "holidays": self.days() if once.happens(0.15) else [],
            **(own if once.happens(0.4) else {}),
        }  # fmt: skip

    def skills(self, role: str, people: list[Part]) -> None:
        """Some can do some things only, and somebody can do whatever is theirs to review."""
        who = {name: (w["raci"]["responsible"][0], w["raci"]["accountable"])
               for name, w in self.flows.items()}  # fmt: skip
        comes = [name for name, roles in who.items() if role in roles]
        for person in people:
            if self.chance.happens(0.4):
                person["skills"] = self.chance.some_of(comes)
        for name in comes:
            if who[name][0] == role and all(p.get("skills") and name not in p["skills"]
                                            for p in people):  # fmt: skip
                self.chance.one_of(*people)["skills"].append(name)

    def habits(self) -> dict[str, Part]:
        """Two sets of the team's own; the second varies the first, or one that ships."""
        out = {}
        for name, like in (("ours", [*PRESETS]), ("theirs", ["ours", *PRESETS])):
            said = self.chance.some_of([*HABITS])
            out[name] = {
                "like": self.chance.one_of(*like),
                "hit_rate": self.chance.one_of(0.6, 0.99),
                "false_alarm_rate": self.chance.one_of(0.01, 0.5),
                **{habit: self.chance.one_of(*HABITS[habit]) for habit in said},
            }
        return out
