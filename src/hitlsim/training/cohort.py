"""A simulated cohort: people with known habits work a deck, by the rules of the simulator.

For demonstrations, and to try scores on people whose habits are known. How somebody reads, sees,
tires and trusts is written once, in :mod:`hitlsim.simulation.reviewing`; here they get a deck
instead of a desk.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd

from ..errors import LogError, ScenarioError
from ..scenario.base import Lognormal
from ..scenario.explain import instead
from ..scenario.habits import PRESETS
from ..scenario.scenario import Scenario
from ..scenario.surface import Workflow
from ..simulation.contract import AGENDA, WORKFLOW, Records, Table
from ..simulation.reference.people import People
from ..simulation.reviewing import flag_chance
from ..simulation.rules import verdict
from ..simulation.table import people_of
from .acts import ROUNDS, Act, Round
from .answers import Answers, in_order
from .columns import ANSWERS
from .dealing.deck import Deck

COHORT = {
    "avocet": "typical", "curlew": "hoarder", "dipper": "typical", "dunlin": "novice",
    "heron": "careful", "kite": "rubber-stamper", "linnet": "typical", "merlin": "careful",
    "plover": "hoarder", "siskin": "novice", "swift": "rubber-stamper", "wren": "typical",
}  # fmt: skip
"""Twelve people by pseudonym, with the habits they have."""
LATER = {
    "curlew": "typical", "dunlin": "careful", "kite": "careful", "merlin": "rubber-stamper",
    "swift": "typical",
}  # fmt: skip
"""Who of them comes back to a second deck with other habits: four learnt, one reads no more."""
_ACTS = (Act.APPROVE, Act.EDIT, Act.REJECT)
_PAUSE_MS = 3_000
"""From one item to the next."""
_BREAK_MS = 10 * 60_000
"""Between rounds."""
_STEP = 0.05
"""People say how sure they are in steps of five points."""
_SLIP = 0.6
"""Spread of the log-odds that they say around what they should say."""


def simulated_cohort(
    deck: Deck | Sequence[Deck],
    scenario: Scenario,
    *,
    habits: Mapping[str, str] | None = None,
    later: Mapping[str, str] | None = None,
    seed: int = 7,
) -> Answers:
    """Let people with known habits work a deck, or one after the other.

    Parameters
    ----------
    deck : Deck or sequence of Deck
        Several share no item; people come back to each of them rested.
    scenario : Scenario
        Whose first pool they belong to, and whose workflows take as long to review.
    habits : mapping, optional
        Pseudonym to a set of habits, one that ships or one of the scenario; default
        :data:`COHORT`.
    later : mapping, optional
        The habits of those who have other ones from the second deck on, such as :data:`LATER`.
    seed : int
        The same seed gives the same answers, person by person and deck by deck.

    Returns
    -------
    Answers

    Raises
    ------
    ScenarioError
        When nobody takes part, somebody changes who does not, or a set of habits does not exist.
    LogError
        When two decks share an item.

    Examples
    --------
    >>> import hitlsim as hs
    >>> from hitlsim.training.dealing.deck import draw_deck
    >>> team = hs.load("on-the-loop")
    >>> deck = draw_deck(hs.simulate(team, seed=7).log)
    >>> answers = simulated_cohort(deck, team)
    >>> len(answers.trainees), len(answers)
    (12, 1440)
    """
    decks = [deck] if isinstance(deck, Deck) else list(deck)
    people = dict(COHORT if habits is None else habits)
    changed = people | dict(later or {})
    _check(people, changed, scenario, decks)
    rows = [
        {"deck": each.letter, **row}
        for at, each in enumerate(decks)
        for who, how in sorted((changed if at else people).items())
        # by name, so that nobody's answers depend on who else takes part
        for row in _plays(who, _numbers(scenario, how), each, scenario,
                          [seed, crc32(who.encode()), *([at] if at else [])])
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    frame["fault"] = frame["fault"].where(frame["fault"] != "")
    for name in ("deck", "round", "action", "workflow", "fault"):
        frame[name] = frame[name].astype("category")
    record = {
        **decks[0].record, "source": f"simulated cohort of {len(people)}", "cohort_seed": seed,
        "simulated_habits": people, "hitlsim": version("hitlsim"),
    }  # fmt: skip
    if len(decks) > 1:
        record["decks"] = {each.letter: each.record for each in decks}
        record["simulated_habits_later"] = changed
    return Answers(in_order(frame), record)


def _check(
    people: Mapping[str, str], changed: Mapping[str, str], scenario: Scenario, decks: list[Deck]
) -> None:
    known = (*PRESETS, *scenario.habits)
    names = [*people.values(), *changed.values()]
    wrong = next((name for name in names if name not in known), None)
    if wrong is not None:
        raise ScenarioError(f"habits {wrong!r} do not exist; {instead(wrong, known)}")
    if not people:
        raise ScenarioError(
            "habits={} names nobody; name at least one, such as {'wren': 'typical'}"
        )
    new = next((who for who in changed if who not in people), None)
    if new is not None:
        raise ScenarioError(f"later: {new!r} takes no part; {instead(new, tuple(people))}")
    ids = [name for d in decks for name in d.frame["item_id"]]
    if not ids or len(ids) > len(set(ids)):
        raise LogError(
            "there is no deck, or two of them share items; draw a second one with "
            "draw_deck(log, other_than=first)"
        )


def _numbers(scenario: Scenario, habits: str) -> Records:
    """Somebody of the scenario's first pool with these habits, as the rules' numbers."""
    pool, name, reviewer = scenario.reviewers()[0]
    own = {n: getattr(reviewer, n) for n in ("shifts", "skills", "edit_share")}
    one = type(reviewer)(habits=habits, **own)
    pools = {**scenario.pools, pool: scenario.pools[pool].model_copy(
        update={"reviewers": {**scenario.pools[pool].reviewers, name: one}})}  # fmt: skip
    numbers = people_of(scenario.with_(pools=pools))[:1].copy()
    numbers["pool"] = 0
    return numbers


def _plays(
    who: str, numbers: Records, deck: Deck, scenario: Scenario, seed: list[int]
) -> Iterator[dict[str, Any]]:
    """All rounds of one person, item by item."""
    flows = sorted(deck.frame["workflow"].unique())
    titles = {item.item_id: item.title for item in deck.cards.items}
    person = _Trainee(numbers, len(flows), np.random.default_rng(seed))
    for name in ROUNDS:
        items = deck.frame[deck.frame["round"] == name].to_dict("records")
        for left, item in zip(range(len(items) - 1, -1, -1), items, strict=True):
            base = _review_ms(scenario.workflows.get(item["workflow"]), person.rng)
            did = person.answers(item, flows.index(item["workflow"]), base, left)
            carried = {c: item[c] for c in ANSWERS if c in item}
            yield {"trainee": who, "title": titles[item["item_id"]], **carried, **did}
        person.rests(_BREAK_MS)


def _review_ms(workflow: Workflow | None, rng: np.random.Generator) -> int:
    usual: Lognormal = Workflow.model_fields["review_seconds"].default
    spread = usual if workflow is None else workflow.review_seconds
    return max(1, int(1000 * spread.median * math.exp(spread.sigma * rng.standard_normal())))


class _Trainee:
    """One person with a deck: the reference engine's rules, one item after the other."""

    def __init__(self, numbers: Records, n_flows: int, rng: np.random.Generator) -> None:
        self.rng = rng
        self._p = {name: numbers[name][0].item() for name in numbers.dtype.names or ()}
        self._people = People(_table(numbers, n_flows))
        self._people.comes(0)
        self._now = 0

    def rests(self, ms: int) -> None:
        """Time goes by without work."""
        self._now += ms

    def answers(
        self, item: Mapping[str, Any], flow: int, base_ms: int, left: int
    ) -> dict[str, Any]:
        """What this person does with an item: action, time, how sure."""
        u_open, u_read, u_flag, u_edit, u_know = self.rng.random(5).tolist()
        slip = float(self.rng.standard_normal())
        shadow = item["round"] == Round.SHADOW
        if not shadow and not item["needs_look"] and u_open >= self._people.peeking[0]:
            return self._did(Act.LEAVE, self._p["skip"], math.nan, "")
        read, took = self._people.reviews(
            0, flow, base_ms, 1.0, 1.0, 1.0, bulk=False, ok=item["right"],
            waiting=0 if shadow else left, now_ms=self._now, u_inspect=u_read, u_flag=u_flag,
        )  # fmt: skip
        found = self._people.flags[0]
        self._people.done(0, took, self._now + took)
        self._people.learns(0, item["right"], found, u_know)
        act = _ACTS[verdict(found, u_edit, self._people.edit_share[0])]
        if shadow and not found:
            act = Act.LEAVE
        why = (item["fault"] or "to be safe") if found else ""
        return self._did(act, took, self._sure(found, slip, read=read), why)

    def _did(self, act: Act, took_ms: int, sure: float, why: str) -> dict[str, Any]:
        self.rests(took_ms + _PAUSE_MS)
        return {"action": str(act), "reason": why, "dwell_seconds": round(took_ms / 1000, 1),
                "sure": sure}  # fmt: skip

    def _sure(self, found: bool, slip: float, *, read: bool) -> float:
        """How likely it is right, as somebody would say who roughly knows their own eyes."""
        odds: float = (1 - self._p["expects"]) / self._p["expects"]
        if read:
            flags = [flag_chance(ok, self._p["d_prime"], self._p["criterion"], 1.0)
                     for ok in (True, False)]  # fmt: skip
            right, wrong = flags if found else (1 - flags[0], 1 - flags[1])
            odds *= right / wrong
        odds *= math.exp(_SLIP * slip)
        said = round(odds / (1 + odds) / _STEP) * _STEP
        return round(min(max(said, _STEP), 1 - _STEP), 2)


def _table(people: Records, n_flows: int) -> Table:
    """A table with one person and nothing to do."""
    return Table(
        workflows=np.zeros(n_flows, WORKFLOW), slots=np.zeros(0, np.int64), people=people,
        queues=((),), n_queues=0, agenda=np.zeros(0, AGENDA), ready=np.zeros(0, np.int64),
        horizon_ms=1,
    )  # fmt: skip
