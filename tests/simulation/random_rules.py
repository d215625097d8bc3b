"""What governs a random team: its boundary, its phases, and what reacts.

No rule asks for more than such a team has to show, as far as that can be told beforehand.
"""

from __future__ import annotations

from hitlsim.scenario.phases import Criterion
from hitlsim.scenario.reachable import labels_needed
from tests.simulation.chance import Chance, Part

BANDS = (0, 0.3, 0.3, 0.5, 0.7, 0.8, 0.9, 1)
"""Few, and scores have few decimals: some lie at a threshold exactly."""
BARS = ((0.9, 0.6), (0.5, 0.6), (0.3, 0.7), (0.2, 0.9))
"""(bad_below, confidence), the easiest to clear first."""


class Rules:
    """Rules for these workflows, in so many weeks."""

    def __init__(self, chance: Chance, weeks: int, flows: dict[str, Part], roles: list[str],
                 moments: list[str]) -> None:  # fmt: skip
        self.chance, self.weeks, self.flows = chance, weeks, flows
        self.roles, self.moments = roles, moments
        self.safe = [name for name, w in flows.items() if w["access"] == "automation-safe"]
        self.mails = [name for name, w in flows.items() if "email" in w]
        self.most = max((self.decided(name) for name in self.safe), default=0.0)
        self.eager = chance.happens(0.5)  # much is looked at, and little evidence is enough
        self.phases = self._phases()
        self.looked = max(p["looks"]["share"] for p in self.phases.values()) * self.most

    def decided(self, name: str) -> float:
        """Decisions of a workflow in the whole run, lists apart."""
        w = self.flows[name]
        growth = 1 + w["growth_per_week"]
        return float(sum(w["volume_per_week"] * growth**week for week in range(self.weeks)))

    # --- boundary and phases ---------------------------------------------------------------------

    def boundary(self, signals: list[str]) -> Part:
        once = self.chance
        limits = {"deal_size_above": once.one_of(100, 149, 150)} if once.happens(0.4) else {}
        own: dict[str, Part] = {
            name: self.bands() if once.happens(0.6) else {"deal_size_above": 100}
            for name in once.some_of(self.safe) if once.happens(0.6)
        }  # fmt: skip
        for each in own.values():
            if once.happens(0.4):
                each["signals"] = once.some_of(signals)
        return {
            "version": once.whole(1, 9), "bands": self.bands(), "workflows": own,
            "triggers": {**limits, "signals": once.some_of(signals)},
            "audit": {"share": once.one_of(0, 0.3, 1), "at": once.one_of(*self.moments),
                      "workflows": once.some_of(self.safe)},
        }  # fmt: skip

    def bands(self) -> Part:
        auto = self.chance.one_of(*BANDS[: 5 if self.eager else None])
        return {"auto": auto, "review": self.chance.one_of(*[b for b in BANDS if b <= auto])}

    def _phases(self) -> dict[str, Part]:
        once = self.chance
        moments = {cadence: once.one_of(*self.moments) for cadence in ("weekly", "monthly")}
        names = [n for n in ("shadow", "exception-only", "steady-state") if once.happens(0.8)]
        out = {name: self.phase(moments) for name in names or ["steady-state"]}
        for name, phase in out.items():
            looked = phase["looks"]["share"] * self.most
            if name != list(out)[-1]:
                phase.update(self.end_of_phase(looked))
            if name != next(iter(out)) and looked >= 1 and once.happens(0.7):
                phase["back_if"] = {
                    "bad_above": once.one_of(0.05, 0.05, 0.3), "confidence": once.one_of(0.55, 0.8),
                    "min_labels": once.whole(1, min(3, int(looked))),
                }  # fmt: skip
        return out

    def phase(self, moments: dict[str, str]) -> Part:
        once = self.chance
        observe = once.happens(0.3)
        often = ["at-once", "at-once", "weekly"]
        cadence = once.one_of(*often, *([] if self.eager else ["monthly"] * 3))
        looks: Part = {"share": 1 if self.eager else once.one_of(0, 0.3, 1),
                       "cadence": "at-once" if observe else cadence,
                       "effort": once.one_of(0.5, 1, 2)}  # fmt: skip
        if looks["cadence"] in moments:
            looks["at"] = moments[cadence]
            if once.happens(0.6):
                looks["bulk_above"] = once.one_of(0, 0.8, 0.9)
                looks["bulk_inspect"] = once.one_of(0, 0.5, 1)
                looks["bulk_effort"] = once.one_of(0.15, 1)
        return {"exceptions": "observe" if observe else "wait", "looks": looks}

    def end_of_phase(self, looked: float) -> Part:
        by_date = {"weeks": 1 if self.eager else self.chance.one_of(1, 1, 2)}
        if looked < 1 or self.chance.happens(0.5):
            return by_date
        at_least = {} if self.eager or self.chance.happens(0.5) else by_date
        return {"until": self.criterion(looked), **at_least}

    def criterion(self, looked: float) -> Part:
        """One or two bars that so many looks can clear."""
        once = self.chance
        hard = [bar for bar in BARS if looked >= labels_needed(
            Criterion(bad_below=bar[0], confidence=bar[1]))]  # fmt: skip
        bad_below, confidence = once.one_of(*hard[: 2 if self.eager else None])
        bars = {
            "bad_below": bad_below, "min_labels": once.whole(1, min(4, int(looked))),
            "exceptions_below": once.one_of(0.5, 0.8, 1), "overrides_above": once.one_of(0, 0.2),
        }  # fmt: skip
        asked = once.some_of(list(bars), 1)[: 1 if self.eager else 2]
        return {"confidence": confidence, **{name: bars[name] for name in asked}}

    # --- what reacts -----------------------------------------------------------------------------

    def governance(self) -> Part:
        once = self.chance
        everything: dict[str, Part | list[str]] = {
            "calls": self.calls(), "approvals": self.approvals(), "pauses": self.pauses(),
            "list_limits": {n: once.one_of(0, 3, 20, 30) for n in once.some_of(list(self.flows))},
            "kill_switches": {name: self.switch() for name in once.some_of(self.safe)},
            "same_day": once.some_of(list(self.flows)), "human_domains": {"strategy": 0.5},
        }  # fmt: skip
        if self.mails:
            everything["emergency"] = self.emergency()
        if self.safe and len(self.flows) > 1:
            everything["rollout"] = self.rollout()
        often = {"pauses": 0.7, "emergency": 0.5}
        return {n: part for n, part in everything.items() if once.happens(often.get(n, 0.35))}

    def calls(self) -> Part:
        once = self.chance
        return {
            name: {"at": at, "minutes": once.one_of(30, 60), "roles": once.some_of(self.roles)}
            for name, at in (("pipeline", once.one_of("mon 09:00", "wed 10:30")),
                             ("late", "sun 23:30"))
        }  # fmt: skip

    def approvals(self) -> Part:
        once = self.chance
        return {
            name: {"workflows": once.some_of(list(self.flows), 1),
                   "every_weeks": once.one_of(1, 2, 4), "hours": once.one_of(1, 9, 33, 81),
                   "sigma": once.one_of(0, 0, 0.5)}
            for name in ("templates", "sequence")
        }  # fmt: skip

    def pauses(self) -> Part:
        rates = [rate for rate in ("bounce", "spam", "opt-out", "reply", "meeting", "bad", "bad")
                 if self.countable(rate) >= 1]  # fmt: skip
        chosen = dict.fromkeys(self.chance.some_of(rates))
        return {f"{rate}-line": self.pause(rate) for rate in chosen}

    def countable(self, rate: str) -> float:
        """Emails, or looks, in an average week."""
        among = max(map(self.decided, self.mails), default=0.0) if rate != "bad" else self.looked
        return among / self.weeks

    def pause(self, rate: str) -> Part:
        once, falls = self.chance, rate in ("reply", "meeting")
        low, high = once.one_of((0.02, 0.1), (0.05, 0.9), (0.2, 0.2))
        warn, line = (high, low) if falls else (low, high)
        return {
            "rate": rate, "pause": line, **({"warn": warn} if once.happens(0.6) else {}),
            "window_days": once.one_of(7, 7, 14), "days": once.one_of(1, 2, 8),
            "min_count": once.whole(1, min(3, int(self.countable(rate)))),
            "exact_test": once.happens(0.3), "chance": once.one_of(0.1, 0.45),
        }  # fmt: skip

    def switch(self) -> Part:
        week = self.chance.whole(1, self.weeks)
        return {"from_week": week, **({"weeks": 1} if self.chance.happens(0.6) else {})}

    def emergency(self) -> Part:
        once = self.chance
        back = ["phase-back", "phase-back"] if len(self.phases) > 1 else []
        normal = {"baseline": once.one_of(0.2, 0.9)} if once.happens(0.7) else {"baseline_weeks": 1}
        return {
            "rate": once.one_of("reply", "meeting"), "workflows": once.some_of(self.mails),
            **normal, "weeks_running": once.one_of(1, 1, 2), "margin_sd": once.one_of(0, 0, 1),
            "action": once.one_of("tell", "pause", *back), "days": once.one_of(1, 5),
        }  # fmt: skip

    def rollout(self) -> Part:
        once = self.chance
        first = once.one_of(*self.safe)
        rest = [name for name in self.flows if name != first]
        also = once.some_of(rest[:1])
        holds = self.looked >= 1 and once.happens(0.4)
        return {
            "first": [first, *also], "next_after_weeks": once.one_of(1, 1, 2),
            "one_by_one": once.some_of([name for name in rest if name not in also]),
            **({"holds": self.criterion(self.looked)} if holds else {}),
        }  # fmt: skip

    # --- what happens to a team ------------------------------------------------------------------

    def incidents(self) -> Part:
        once = self.chance
        if once.happens(0.6):
            return {}
        return {"outage": {
            "workflows": once.some_of(list(self.flows)), "log_odds": once.one_of(-5, -1, 2),
            "ramp_weeks": once.one_of(0, 1), **self.switch(),
        }}  # fmt: skip

    def crm(self) -> Part | None:
        once = self.chance
        if once.happens(0.6):
            return None
        return {
            "contacts": once.one_of(3, 1000), "decay_per_month": once.one_of(0, 0.5, 1),
            "stale_at_start": once.one_of(0, 0.3), "duplicates": once.one_of(0, 0.5),
            "refreshed_by": once.some_of(list(self.flows)),
        }  # fmt: skip
