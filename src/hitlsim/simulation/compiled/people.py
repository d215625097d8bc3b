"""The people of the compiled engine: who is free, and what each has come to expect and trust."""

from __future__ import annotations

import math

from .. import reviewing, rules
from ..contract import MINUTE_MS, NEVER
from ..jit import index, part
from . import queues
from .bits import WORD_BITS, lowest_of, number_of
from .state import State


@part
def comes(s: State, person: int) -> None:
    """A shift begins."""
    mind = s.minds[person]
    for workflow in range(len(s.workflows)):
        s.seen[person, workflow] = 0
    if not mind.there and not mind.busy:
        _is_free(s, person)
    mind.there = True


@part
def leaves(s: State, person: int) -> None:
    """A shift ends; what was begun is finished."""
    mind = s.minds[person]
    if mind.there and not mind.busy:
        _is_not_free(s, person)
    mind.there = False


@part
def takes(s: State, person: int, now_ms: int) -> None:
    """Somebody begins to work on something, rested by the break."""
    p, mind = s.people[person], s.minds[person]
    mind.busy = True
    _is_not_free(s, person)
    if p.fatigue:
        pause = (now_ms - mind.since) / MINUTE_MS
        mind.tired = reviewing.rested(mind.tired, pause, p.rests_in)


@part
def done(s: State, person: int, took_ms: int, now_ms: int) -> None:
    """And is free again, more tired."""
    mind = s.minds[person]
    mind.busy = False
    if s.people[person].fatigue:
        mind.tired += took_ms / MINUTE_MS
    mind.since = now_ms
    if mind.there:
        _is_free(s, person)


@part
def first_who_can(s: State, number: int) -> tuple[int, int]:
    """The first in roster order of a pool's free people for whom there is work, and their group."""
    pool, first, theirs = s.pools[number], NEVER, 0
    for i in range(pool.group, pool.end_group):
        group = index(i)
        person = _first_free(s, group)
        comes_first = person != NEVER and (first == NEVER or person < first)
        if comes_first and queues.anything_for(s, group):
            first, theirs = person, group
    return first, theirs


@part
def _first_free(s: State, group: int) -> int:
    for i in range(s.groups[group].word, s.groups[group].end_word):
        word = index(i)
        if s.free[word]:
            return int(s.members[WORD_BITS * word + number_of(lowest_of(s.free[word]))])
    return NEVER


@part
def _is_free(s: State, person: int) -> None:
    mind = s.minds[person]
    s.free[index(mind.word)] |= mind.bit
    s.pools[index(s.people[person].pool)].free += 1


@part
def _is_not_free(s: State, person: int) -> None:
    mind = s.minds[person]
    s.free[index(mind.word)] ^= mind.bit
    s.pools[index(s.people[person].pool)].free -= 1


@part
def trust(s: State, person: int) -> float:
    """Trust in the AI, in (0, 1)."""
    mind = s.minds[person]
    return float(mind.alpha / (mind.alpha + mind.beta))


@part
def uptake(s: State, person: int) -> float:
    """Chance of using an optional draft."""
    p = s.people[person]
    return reviewing.leaning(p.uses, p.uses_by_trust, trust(s, person))


@part
def reviews(
    s: State, person: int, workflow: int, base_ms: int, effort: float, skim: float,
    inspect: float, bulk: bool, ok: bool, u_inspect: float, u_flag: float,
) -> tuple[bool, int]:  # fmt: skip
    """How somebody reviews what they have taken: whether it is read, and how long it takes."""
    p, mind = s.people[person], s.minds[person]
    chance = inspect * reviewing.reading(
        p.reads, trust(s, person), p.by_trust, s.pools[index(p.pool)].waiting, p.by_queue,
        s.seen[person, workflow], p.by_repeats, p.lapse,
    )  # fmt: skip
    s.seen[person, workflow] += 1
    dwell = 0 if bulk else p.dwell
    if u_inspect >= chance:
        mind.flagged = False
        return False, max(1, p.skip, dwell)
    took = rules.review_ms(base_ms, effort * skim, p.speed * p.hurry, dwell)
    pace = took * p.speed / (base_ms * effort) if p.speed_accuracy else math.inf
    d_prime = reviewing.sensitivity(p.d_prime, pace, mind.tired, p.fatigue, p.tires_in)
    criterion = reviewing.criterion_of(p.criterion, p.prevalence, mind.expects, d_prime)
    mind.flagged = u_flag < reviewing.flag_chance(ok, d_prime, criterion, p.follows)
    return True, took


@part
def learns(s: State, person: int, ok: bool, flagged: bool, u_know: float) -> None:
    """What a verdict teaches: the truth, where it is learnt, else one's own opinion."""
    p, mind = s.people[person], s.minds[person]
    error = (not ok) if u_know < p.feedback else flagged
    mind.expects = reviewing.expects_after(mind.expects, error, p.memory)
    if error:
        mind.beta += p.failure
    else:
        mind.alpha += p.success
    pulls(s, person)


@part
def pulls(s: State, person: int) -> None:
    """How likely somebody now is to pull what could go alone; the pool's is the mean."""
    p, mind = s.people[person], s.minds[person]
    pool = s.pools[index(p.pool)]
    chance = reviewing.leaning(p.peeks, -p.peeks_by_trust, trust(s, person))
    now = reviewing.in_parts(chance)
    pool.pulls += now - mind.pulls
    mind.pulls = now
    pool.peeking = reviewing.mean_chance(pool.pulls, pool.people)
