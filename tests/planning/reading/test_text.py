"""Whole questions: parts, hypotheses, question types, and what is not understood."""

import re
from random import Random

import pytest
from planning.reading.worlds import HOUSE

from tombench.planning.episode import Claim, Event, Fault, Hypothesis, Place
from tombench.planning.reading.english import grammar_words
from tombench.planning.reading.language import HOME
from tombench.planning.reading.text import Parsed, read_question_text
from tombench.planning.reading.tokens import lexicon, shared_words

STATE = f"{HOUSE}The stove holds a salmon. The fridge holds a plate and a bottle of wine."
SEEN = "If Ann has been trying to get {}, which is more likely? (a) {} (b) {}"
STOVE, FRIDGE = Place("kitchen", "stove"), Place("kitchen", "fridge")


def question(asked: str, actions: str = "Ann is in the kitchen. She walks to the stove.") -> str:
    return (
        f"What's inside the apartment: {STATE} \nActions taken by Ann: {actions} \n"
        f"Question: {asked} Please respond with either a or b."
    )


def read(asked: str, actions: str = "Ann is in the kitchen. She walks to the stove.") -> Parsed:
    return read_question_text(question(asked, actions))


def test_belief() -> None:
    parsed = read(
        SEEN.format(
            "a bottle of wine",
            "Ann thinks that the bottle of wine is not inside the stove.",
            "Ann thinks that the bottle of wine is inside the stove.",
        )
    )
    assert parsed.person == "Ann"
    assert parsed.query.options == (
        Hypothesis("wine", Claim("wine", STOVE, False)),
        Hypothesis("wine", Claim("wine", STOVE, True)),
    )
    assert parsed.query.stated is None and parsed.query.family == "belief"
    assert parsed.state_text == STATE
    assert parsed.events[0] == Event("start", room="kitchen", said="kitchen")


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("4th kitchen cabinet", Place("kitchen", "4th kitchencabinet")),
        ("cabinet", Place("bedroom", "cabinet")),
        ("bathroom cabinet", Place("bathroom", "bathroomcabinet")),
        ("refrigerator", FRIDGE),
    ],
)
def test_places_of_claims(words: str, place: Place) -> None:
    """The person is in the kitchen, whose cabinets are numbered: "the cabinet" is none of them."""
    told = [f"Ann thinks that the plate is {no}inside the {words}." for no in ("", "not ")]
    claims = [option.belief for option in read(SEEN.format("a plate", *told)).query.options]
    assert claims == [Claim("plate", place, True), Claim("plate", place, False)]


def test_the_place_of_a_claim_is_the_one_that_was_gone_to() -> None:
    told = [f"Ann thinks that the book is {no}inside the sofa." for no in ("", "not ")]
    asked = SEEN.format("a book", *told)
    for room in ("bedroom", "living room"):
        parsed = read(asked, f"Ann is in the {room}. She walks to the sofa.")
        claim = parsed.query.options[0].belief
        assert claim is not None and claim.place == Place(room.replace(" ", ""), "sofa")


@pytest.mark.parametrize("told", ["there isn't a salmon inside", "that the salmon is not in"])
def test_goals_and_a_stated_belief(told: str) -> None:
    parsed = read(
        f"If Ann think {told} the stove, which one is more likely? (a) Ann has been trying to get "
        "a dishbowl. (b) Ann has been trying to get a salmon."
    )
    assert parsed.query.options == (Hypothesis("dishbowl"), Hypothesis("salmon"))
    assert parsed.query.stated == Claim("salmon", STOVE, False)
    assert parsed.query.question_type == "2.1"


GOALS = "Which one is more likely? (a) Ann has been trying to get {}. (b) Ann wants to get {}."
INSIDE = SEEN.format(
    "{0}", "Ann thinks that {0} is inside the {1}.", "Ann thinks that {0} is not inside the {1}."
)


@pytest.mark.parametrize(
    ("asked", "last", "question_type"),
    [
        (INSIDE.format("a salmon", "stove"), "is about to open the stove", "1.1"),
        (INSIDE.format("a plate", "stove"), "is about to open the stove", "1.2"),
        (INSIDE.format("a plate", "fridge"), "walks to the stove", "1.3"),
        (GOALS.format("a salmon", "an apple"), "walks to the stove", "2.2"),
        (GOALS.format("a salmon", "an apple"), "opens the stove and closes it", "2.3"),
        (GOALS.format("a wine glass", "an apple"), "walks to the stove", "2.4"),
    ],
)
def test_question_types(asked: str, last: str, question_type: str) -> None:
    parsed = read(asked, f"Ann is in the kitchen. She {last}.")
    assert parsed.query.question_type == question_type


def test_words_that_are_not_understood_are_told() -> None:
    parsed = read(
        GOALS.format("a salmon", "a lobster"), "Ann is in the kitchen. She juggles the stove."
    )
    assert parsed.unread == ("juggles",)
    assert Fault("unread_words", "not understood: juggles") in parsed.faults
    assert parsed.query.options[1].goal == "lobster"
    assert Fault("unknown_thing", "no known thing: lobster") in parsed.faults


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Where is Ann?", "must have the parts"),
        (question("Which one?"), "no options"),
        (question("Which one? (a) Yes. (b) No."), "names no goal and no belief"),
        (
            question(GOALS.format("a plate", "x").replace("wants to get x", "thinks")),
            "no thing and",
        ),
    ],
)
def test_what_cannot_be_read(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_question_text(text)


def test_a_place_that_cannot_be_told_apart_is_a_fault() -> None:
    told = [f"Ann thinks that the plate is {no}inside the kitchen cabinet." for no in ("", "not ")]
    parsed = read(SEEN.format("a plate", *told))
    claim = parsed.query.options[0].belief
    assert claim is not None and claim.place == Place("kitchen", "kitchencabinet")
    assert "ambiguous_place" in {fault.check for fault in parsed.faults}


def test_whatever_is_said_nothing_breaks() -> None:
    """Words of a question and of the grammar in any order: read, or refused in one sentence."""
    drawn, pool = Random(0), [*question(GOALS).split(), *grammar_words()]
    for _ in range(200):
        state, actions = (" ".join(drawn.choices(pool, k=40)) for _ in range(2))
        asked = GOALS.format("a plate", "a book")
        text = (
            f"What's inside the flat: {state} \nActions taken by Ann: {actions} \nQuestion: {asked}"
        )
        parsed = read_question_text(text)
        assert parsed.query.options == (Hypothesis("plate"), Hypothesis("book"))


def test_every_word_of_home_is_read_in_all_its_spellings() -> None:
    words = lexicon(HOME)
    for text, name in (
        ("wine glasses", "wineglass"),
        ("wineglasses", "wineglass"),
        ("bottles of wine", "wine"),
        ("remote-control", "remotecontrol"),
        ("dishbowls", "dishbowl"),
        ("bags of chips", "chips"),
    ):
        (token,) = words.tokens(text)
        assert (token.kind, token.name) == ("thing", name)


def test_no_noun_of_home_is_a_word_of_the_grammar() -> None:
    assert shared_words(HOME) == {}


def test_tokens_stand_where_the_text_has_them() -> None:
    text = "There isn’t a Wine-Glass on the 2nd kitchen cabinet's door; Ann's waiting."
    tokens = lexicon(HOME).tokens(text)
    assert [token.text for token in tokens if token.kind == "unknown"] == ["ann", "waiting"]
    assert "not" in [token.text for token in tokens]
    assert all(
        re.sub(r"\W", "", token.text)[:2]
        in re.sub(r"\W", "", text[token.start : token.end]).lower()
        for token in tokens
        if token.text != "not"
    )
