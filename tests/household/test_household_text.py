"""Pretraining text about households: true of its apartment, and without any policy."""

import re
from random import Random

import pytest
from household.homes import APARTMENT, FRIDGE, SOFA

from tombench.household import corpus
from tombench.household.asked import ask_of_description, ask_of_stroll
from tombench.household.corpus import SORTS, draw_household_text, household_content_words
from tombench.household.narration import Person, describe, holding, standing, stroll
from tombench.household.words import Voice, listed
from tombench.household.world import THINGS, draw_apartment
from tombench.planning.episode import Furnishing, Place
from tombench.planning.prompts import continuation, short_prompt

SPOKEN, CLASSES = Voice(True, frozenset()), Voice(False, frozenset())
SECOND = Place("kitchen", "2nd kitchencabinet")


def test_places_and_things_as_people_say_and_by_class() -> None:
    assert SPOKEN.at(SECOND) == "inside the second kitchen cabinet"
    assert CLASSES.at(SECOND) == "inside the 2nd kitchencabinet"
    desk = Place("livingroom", "desk")
    assert Voice(True, frozenset({"desk"})).at(desk) == "on the desk in the living room"
    held = ("chips", "wine", "chips", "salmon", "salmon", "wineglass", "apple")
    assert SPOKEN.all_of(held) == (
        "two bags of chips, a bottle of wine, two salmon, a wine glass and an apple"
    )
    assert CLASSES.all_of(held[:3]) == "2 chips and a wine"


def test_sentences_about_a_place() -> None:
    full, empty = Furnishing(FRIDGE, "container", ("plate",)), Furnishing(SOFA, "surface")
    drawn = {holding(Random(n), SPOKEN, full) for n in range(80)}
    assert drawn == {
        *("Inside the fridge there is a plate.", "There is a plate inside the fridge."),
        *("A plate is inside the fridge.", "Inside the fridge is a plate."),
        *("The fridge holds a plate.", "The fridge contains a plate."),
    }
    assert "There is nothing on the sofa." in {holding(Random(n), SPOKEN, empty) for n in range(40)}
    assert "The bathroom has two sofas." in {
        standing(Random(n), SPOKEN, "bathroom", ["sofa", "sofa"]) for n in range(40)
    }


def test_answers_about_a_description_hold() -> None:
    told = describe(Random(1), CLASSES, APARTMENT, words=200)
    assert len(told.told) == 5 and set(told.rooms) == {"kitchen", "livingroom"}
    found = {
        one.question: one.answer
        for one in (ask_of_description(Random(n), CLASSES, told) for n in range(600))
    }
    assert found["Where is the apple?"] == "The apple is inside the fridge."
    plates = found["Where are the plates?"]
    assert "inside the fridge" in plates and "inside the cabinet" in plates
    assert found["What is on the sofa?"] == "There are 2 books on the sofa."
    assert found["What is inside the stove?"] == "There is nothing inside the stove."
    assert found["In which room is the cabinet?"] == "The cabinet is in the livingroom."
    assert found["Is there a plate inside the cabinet?"].startswith("Yes, there is a plate")
    assert found["Is there an apple inside the cabinet?"].startswith("No, there is no apple")


def test_whereabouts_are_those_that_were_told() -> None:
    """Every place that is told to hold the thing is named, and no other."""
    asked = 0
    for number in range(400):
        rng = Random(number)
        apartment = draw_apartment(rng)
        voice = Voice.draw(rng, apartment)
        told = describe(rng, voice, apartment, words=40)
        one = ask_of_description(rng, voice, told)
        for thing in THINGS:
            questions = (
                f"Where is the {voice.noun(thing)}?",
                f"Where are the {voice.many(thing)}?",
            )
            if one.question in questions:
                asked += 1
                holders = [voice.at(f.place) for f in told.told if thing in f.contents]
                assert one.answer.partition(f" {'is' if one.question == questions[0] else 'are'} ")[
                    2
                ] == (listed(holders) + ".")
                assert all(voice.place(f.place) in told.text.lower() for f in told.told)
    assert asked > 80


def test_answers_about_a_stroll_hold() -> None:
    for number in range(150):
        rng = Random(number)
        apartment = draw_apartment(rng)
        voice = Voice.draw(rng, apartment)
        done = stroll(rng, voice, apartment, Person("Ada", "she"))
        assert set(done.left_open) <= set(done.opened) <= set(done.visited)
        assert done.room == done.entered[-1] == done.visited[-1].room
        for _ in range(4):
            one = ask_of_stroll(rng, voice, done, apartment)
            if found := re.fullmatch(r"Did Ada (open|go to) (.+)\?", one.question):
                said = f"opens {found[2]}." if found[1] == "open" else f" {found[2]}."
                happened = said in done.text
                assert one.answer.startswith("Yes" if happened else "No")
            if one.question == "Where is Ada now?":
                assert one.answer == f"Ada is in {voice.room(done.room)}."
            if found := re.fullmatch(r"Is (.+) open now\?", one.question):
                closed = re.search(rf"(closes|shuts) {re.escape(found[1])}\.", done.text)
                assert one.answer.endswith("is closed." if closed else "is open.")


def test_people_walk_without_a_look_at_contents() -> None:
    """Places that hold things are visited no more often than others."""
    rng, visits, holding_visits = Random(0), 0, 0
    share, places = 0.0, 0
    for _ in range(300):
        apartment = draw_apartment(rng)
        done = stroll(rng, SPOKEN, apartment, Person("Ada", "she"))
        full = {one.place for one in apartment.furnishings if one.contents}
        visits += len(done.visited)
        holding_visits += sum(place in full for place in done.visited)
        share += len(full)
        places += len(apartment.furnishings)
    assert holding_visits / visits == pytest.approx(share / places, abs=0.06)


def test_the_action_after_a_prompt_is_any_candidate_alike() -> None:
    """The belief that a prompt lists says nothing about the action."""
    inside = total = expected = 0.0
    for number in range(3000):
        rng = Random(number)
        one = corpus._situation(rng)
        action = rng.choice(one.candidates)
        if one.at is None and one.seen is None and one.possible:
            total += 1
            inside += action.place in one.possible
            expected += len(one.possible) / len(one.places)
    assert inside / total == pytest.approx(expected / total, abs=0.05)


def test_prompts_have_the_policy_form() -> None:
    for number in range(50):
        text = corpus._prompted(Random(number))
        assert text.prompt.endswith("\naction:") and text.prompt.startswith("at: ")
        assert text.answer.split()[0] in {"walktowards", "open", "close", "grab"}
    one = corpus._situation(Random(3))
    assert short_prompt(one).splitlines()[1] == f"goal: {one.goal}"
    assert continuation(one.candidates[0]).startswith(" walktowards")


def test_texts_are_short_varied_and_without_minds() -> None:
    drawn = [draw_household_text(Random(number)) for number in range(1500)]
    words = [len((text.prompt + text.answer).split()) for text in drawn]
    assert max(words) <= 170 and sum(words) / len(words) > 40
    assert 900 < sum(bool(text.prompt) for text in drawn) < 1450
    assert len({text.prompt + text.answer for text in drawn}) > 1490
    minds = r"\b(think|thinks|believes?|wants?|looking for|looks for|search|tr(y|ies)|hopes?)\b"
    for text in drawn:
        assert text.answer and not re.search(minds, text.prompt + text.answer)
        assert "{" not in text.prompt + text.answer and "  " not in text.prompt + text.answer


def test_prompt_and_answer_join_as_words() -> None:
    for number in range(400):
        text = draw_household_text(Random(number))
        if text.prompt:
            assert text.answer[0] in " \n" or text.prompt[-1] in " \n"
            assert text.answer.strip()


def test_lists_are_asked_about_truly() -> None:
    for number in range(100):
        text = corpus._list(Random(number))
        whole = text.prompt + text.answer
        told = re.split(r"\.|Question|\n|Is the", whole)[0]
        for verdict, name in re.findall(r"(Yes|No), the ([\w ]+?) is (?:not )?on the list", whole):
            assert (verdict == "Yes") == bool(re.search(rf"\b{name}\b", told))


def test_content_words_are_whole_and_lower_case() -> None:
    found = household_content_words()
    assert {"fridge", "kitchencabinet", "2nd", "second", "table", "bags", "glasses"} <= found
    assert all(word == word.lower() and " " not in word for word in found)
    assert "of" not in found


def test_shares_add_up() -> None:
    assert sum(SORTS.values()) == pytest.approx(1)


def test_same_stream_gives_the_same_text() -> None:
    texts = [draw_household_text(Random(number)) for number in range(30)]
    assert texts == [draw_household_text(Random(number)) for number in range(30)]
