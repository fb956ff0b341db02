"""The study's prompts as situations: its belief, the episode's whereabouts."""

from dataclasses import replace

from planning.study.flat import CABINETS, EPISODE, FRIDGE, TO_THE_THIRD, goal_query

from tombench.planning.study.decisions import study_decisions
from tombench.planning.study.prompts import study_requests
from tombench.planning.study.representations import represent


def test_the_container_about_to_be_opened_is_walked_to() -> None:
    first, second, *_ = study_decisions(EPISODE, study_requests(represent(EPISODE)))
    assert first is not None and second is not None
    assert first.action.text == "walktowards 3rd kitchencabinet"
    assert first.action in first.situation.candidates
    assert first.situation.at == FRIDGE
    assert CABINETS[2] not in first.situation.possible
    assert CABINETS[0] not in first.situation.possible  # the study's text does not name it
    assert CABINETS[2] in second.situation.possible
    assert CABINETS[1] not in second.situation.possible


def test_it_is_walked_to_where_no_walk_is_told() -> None:
    shorter = replace(EPISODE, events=(*TO_THE_THIRD[:5], TO_THE_THIRD[6]), nearby=())
    first, *_ = study_decisions(shorter, study_requests(represent(shorter)))
    assert first is not None
    assert first.action.text == "walktowards 3rd kitchencabinet"


def test_steps_of_a_goal_question() -> None:
    episode = replace(EPISODE, query=goal_query())
    found = study_decisions(episode, study_requests(represent(episode, "joined")))
    texts = [one and one.action.text for one in found[:7]]
    assert texts == [
        None,
        *("walktowards fridge", "walktowards fridge", "open fridge", "close fridge"),
        *("walktowards 3rd kitchencabinet", "walktowards 3rd kitchencabinet"),
    ]
    closing = found[4], found[11]
    assert [one and one.situation.seen for one in closing] == [None, FRIDGE]
    assert closing[1] is not None
    assert [one.text for one in closing[1].situation.candidates[-2:]] == [
        "close fridge",
        "grab dishbowl",
    ]


def test_what_the_study_does_not_see_is_not_seen() -> None:
    episode = replace(EPISODE, query=goal_query())
    closing = study_decisions(episode, study_requests(represent(episode)))[11]
    assert closing is not None
    assert closing.situation.seen is None
    assert all(one.kind != "grab" for one in closing.situation.candidates)
