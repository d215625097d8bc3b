"""The page at the end of a deck: kind, item by item, nobody else's, no surer than it proves."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import hitlsim as hs
from hitlsim.errors import LogError, NotEnoughEvidence
from hitlsim.training.acts import Act, Round
from hitlsim.training.dealing.deck import Deck, draw_deck
from hitlsim.training.keeping.classroom import Classroom
from hitlsim.training.playing.item import Cards, Item, Truth
from hitlsim.training.playing.session import Session
from hitlsim.training.playing.standing import Stage
from hitlsim.training.showing.again import differing
from hitlsim.training.showing.feedback import feedback_html, feedback_page

Room = Callable[..., Classroom]
Decide = Callable[[Item], tuple[bool, bool]]
"""Of an item: whether it is opened though nothing asks for it, and whether it is called wrong."""
BAD = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def decks(reference_run: hs.Run) -> list[Deck]:
    """Two of twenty items a round, which share no decision."""
    log, team = reference_run.log, reference_run.scenario
    first = draw_deck(log, items=20, costs=team)
    return [first, draw_deck(log, items=20, costs=team, other_than=first)]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    def made(decks: Sequence[Deck | Cards], **settings: object) -> Classroom:
        return Classroom.create(tmp_path / "class.db", decks, settings=settings)

    return made


def played(room: Classroom, decide: Decide, deck: str = "A", *, most: int = 10**6) -> str:
    """Somebody new plays a deck so; for another deck it is the last one who joined."""
    who = room.join(room.code).trainee if deck == "A" else room.trainees[-1]
    _plays(room.session(who, deck), decide, most)
    return who


def _plays(session: Session, decide: Decide, most: int) -> None:
    for _ in range(most):
        if session.stage is Stage.BRIEFING:
            session.begin()
        item = session.item
        if item is None:
            return
        opens, wrong = decide(item)
        if item.round is not Round.SHADOW and (item.needs_look or opens):
            session.open()
        if wrong and Act.EDIT in session.acts:
            session.answer("edit", reason=f"seen {BAD}")
        else:
            session.answer("approve" if Act.APPROVE in session.acts else "leave alone")


def ideal(item: Item) -> tuple[bool, bool]:
    return False, not item.truth.right


def waves_through(item: Item) -> tuple[bool, bool]:
    return False, False


def opens_all(item: Item) -> tuple[bool, bool]:
    return True, not item.truth.right


def section(page: str, title: str) -> str:
    return page.split(f"<h2>{title}</h2>")[1].split("</section>")[0]


def an_item(name: str, at: Round, *, right: bool, asked: bool = True) -> Item:
    mended = ("Dear Ada,", f"on Friday {BAD}")
    wrong = Truth(False, "says a wrong day", f"says Monday {BAD}", mended)
    truth = Truth(True) if right else wrong
    return Item(
        name, at, f"follow_up {BAD}", f"Email to Ada {BAD}", "email",
        ("Dear Ada,", f"on {'Friday' if right else 'Monday'} {BAD}"), (f"Planned: Friday {BAD}",),
        (), (), (), asked, ("Band: low confidence",) if asked else (), 0.8, truth,
        {"harm": 10.0, "look_cost": 1.0, "needless_cost": 1.0, "weight": 1.0, "floor_seconds": 12},
    )  # fmt: skip


@pytest.fixture
def small() -> Cards:
    """Five items, full of markup."""
    return Cards((
        an_item("1", Round.SHADOW, right=False), an_item("2", Round.SHADOW, right=True),
        an_item("3", Round.EXCEPTION, right=False),
        an_item("4", Round.STEADY, right=True, asked=False),
        an_item("5", Round.STEADY, right=False, asked=False),
    ))  # fmt: skip


# --- known answers -------------------------------------------------------------------------------


def test_a_missed_item_shows_what_was_wrong_beside_how_it_should_have_been(
    room: Room, small: Cards
) -> None:
    r = room([small])
    page = feedback_html(r, played(r, waves_through), "A", weeks=False)
    missed = section(page, "What got through")
    assert missed.count("<article") == 2
    assert "You left it alone" in missed
    assert re.search(r"You approved it after \d s; its text takes 12 s to read", missed)
    assert missed.count('<dd class="was">on <mark>Monday</mark>') == 2
    assert missed.count('<dd class="now">on <mark>Friday</mark>') == 2
    assert "Planned: Friday" in missed
    assert "1 more wrong item went out with nobody asked" in missed
    assert "None of the wrong items" in section(page, "What you caught")


def test_whatever_was_touched_needlessly_says_why_it_needed_nothing(
    room: Room, small: Cards
) -> None:
    r = room([small])
    page = feedback_html(r, played(r, lambda _: (True, True)), "A", weeks=False)
    touched = section(page, "What you touched needlessly")
    assert re.findall(r'<th scope="row">.*?Item (\d)', touched) == ["2", "4", "5"]
    assert touched.count("<td>it was right</td>") == 1
    assert "nothing asked for you; it was wrong, which was luck" in touched
    assert "stopped all 2 wrong items" in section(page, "What got through")


def test_markup_in_a_deck_or_a_reason_stays_text(room: Room, small: Cards) -> None:
    r = room([small])
    whos = [played(r, decide) for decide in (waves_through, lambda _: (True, True))]
    for who in whos:
        page = feedback_page(r, who, "A", weeks=False)
        assert "<script" not in page
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("decide", "said"),
    [
        (ideal, "You open what asks for a look and see most of what is wrong"),
        (waves_through, "You let most wrong items through"),
        (opens_all, "You look at much that needs no look"),
    ],
)
def test_the_first_sentence_says_how_somebody_reviews(
    room: Room, reference_run: hs.Run, decide: Decide, said: str
) -> None:
    r = room([draw_deck(reference_run.log, costs=reference_run.scenario)])
    page = feedback_html(r, played(r, decide), "A", weeks=False)
    assert said in page
    assert "What it proves" in page
    assert "Three habits to practise next" in page


def test_a_second_deck_says_what_has_changed_and_a_first_one_does_not(
    room: Room, decks: list[Deck]
) -> None:
    r = room(decks)
    who = played(r, opens_all)
    played(r, ideal, "B")
    first, second = (feedback_html(r, who, x, weeks=False) for x in "AB")
    assert "What has changed since deck A" in second
    assert "open fewer routine items" in second
    assert "What has changed" not in first
    assert "B1-" not in first


def test_after_few_answers_it_says_that_they_are_few(room: Room, decks: list[Deck]) -> None:
    r = room(decks)
    page = feedback_html(r, played(r, ideal, most=5), "A", weeks=False)
    assert "5 of 60 items are done so far" in page
    assert "too few for figures to mean much" in page
    assert "takes a steady round" in page


def test_twelve_weeks_are_shown_with_ones_own_habits(room: Room, decks: list[Deck]) -> None:
    r = room(decks[:1])
    weeks = section(feedback_html(r, played(r, opens_all), "A"), "Twelve weeks of you")
    assert '<img alt="With your habits' in weeks
    assert "The figures behind it" in weeks


def test_a_team_that_cannot_be_read_costs_its_weeks_and_nothing_else(
    room: Room, decks: list[Deck]
) -> None:
    r = room(decks[:1], team="gone.yaml")
    page = feedback_html(r, played(r, ideal), "A")
    assert "Not shown: " in section(page, "Twelve weeks of you")
    assert "Three habits to practise next" in page


# --- what always holds ---------------------------------------------------------------------------


def test_every_mistake_of_a_deck_can_be_seen_beside_its_mended_line(decks: list[Deck]) -> None:
    for item in (i for d in decks for i in d.cards.items if not i.truth.right):
        pairs = differing(item.lines, item.truth.mended)
        assert pairs, item.title
        assert any(was != now for was, now in pairs), item.title


def test_the_page_counts_what_the_session_counted(room: Room, decks: list[Deck]) -> None:
    r = room(decks)
    page = feedback_html(r, played(r, waves_through), "A", weeks=False)
    asked = [i for i in decks[0].cards.items if not i.truth.right
             and (i.needs_look or i.round is Round.SHADOW)]  # fmt: skip
    assert f"{len(asked)} of the {len(asked)} wrong items" in page
    assert section(page, "What got through").count("<article") == len(asked)


def test_nobody_else_is_on_the_page(room: Room, decks: list[Deck]) -> None:
    r = room(decks)
    mine, other = played(r, ideal), played(r, waves_through)
    page = feedback_page(r, mine, "A", weeks=False)
    assert mine in page
    assert other not in re.sub(r"base64,[^\"]*", "", page)


def test_the_page_asks_for_nothing_from_elsewhere(room: Room, decks: list[Deck]) -> None:
    r = room(decks)
    page = feedback_html(r, played(r, ideal), "A", weeks=False)
    sources = re.findall(r'src="([^"]{5})', page)
    assert sources
    assert set(sources) == {"data:"}
    assert not re.search(r"<script|<link|<iframe|@import|url\(|href=", page)


def test_the_same_answers_give_the_same_page(room: Room, small: Cards) -> None:
    r = room([small])
    who = played(r, ideal)
    assert len({feedback_html(r, who, "A", weeks=False) for _ in range(2)}) == 1


# --- errors --------------------------------------------------------------------------------------


def test_whoever_has_answered_nothing_gets_no_page(room: Room, decks: list[Deck]) -> None:
    r = room(decks)
    who = r.join(r.code).trainee
    with pytest.raises(NotEnoughEvidence, match="has answered nothing of deck A yet"):
        feedback_html(r, who, "A")
    played(r, ideal, most=3)
    with pytest.raises(NotEnoughEvidence, match="has answered nothing of deck B yet"):
        feedback_html(r, r.trainees[-1], "B")


def test_a_deck_that_the_class_has_not_is_refused(room: Room, decks: list[Deck]) -> None:
    with pytest.raises(LogError, match="has no deck 'C'; it has A, B"):
        feedback_html(room(decks), "wren", "C")
