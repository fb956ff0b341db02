"""The published questions in the study's form; expected shares are those of all 600."""

import os
from collections import defaultdict
from pathlib import Path
from statistics import mean

import pytest

from tombench.planning.episode import Episode
from tombench.planning.study.decisions import study_decisions
from tombench.planning.study.lines import read_representations, write_representations
from tombench.planning.study.prompts import option_requests, study_requests, study_verdict
from tombench.planning.study.representations import Representation, represent
from tombench.planning.study.steps import micro_steps, span

UPSTREAM = os.environ.get("TOMBENCH_UPSTREAM")
pytestmark = [
    pytest.mark.upstream,
    pytest.mark.skipif(not UPSTREAM, reason="no TOMBENCH_UPSTREAM"),
]


@pytest.fixture(scope="module")
def episodes() -> list[Episode]:
    reading = pytest.importorskip("tombench.planning.reading.files")
    folder = Path(str(UPSTREAM)) / "mmtom_qa"
    questions, closeness = folder / "questions_sample.jsonl", folder / "closeness_sample.json"
    return list(reading.read_episodes(questions, closeness))


@pytest.fixture(scope="module")
def asked(episodes: list[Episode]) -> list[Representation]:
    return [represent(episode) for episode in episodes]


def test_actions_and_states_reach_one_step_beyond_the_end(
    episodes: list[Episode], asked: list[Representation]
) -> None:
    for episode, one in zip(episodes, asked, strict=True):
        steps = span(episode).end + 2
        assert (len(one.actions), len(one.states)) == (steps, steps)
        assert one.end_time == span(episode).end
        assert len(one.goals[0].beliefs) == steps - 1


def test_few_questions_have_more_actions_than_steps(episodes: list[Episode]) -> None:
    """22 of all 600 have by the study's parser; here a walk and the opening it is for are two."""
    forced = sum(not micro_steps(episode).fits for episode in episodes)
    assert 0 < forced <= 0.1 * len(episodes)


def test_chance_under_the_studys_rule(asked: list[Representation]) -> None:
    """28.2, 21.5 and 75.9 % of the three types of all 600."""
    found = defaultdict(list)
    for one in asked:
        scores = [0.0] * len(study_requests(one))
        found[one.question_type].append(study_verdict(one, scores).chance)
    expected = {"1.1": 0.282, "1.2": 0.215, "1.3": 0.759}
    for kind, share in expected.items():
        assert mean(filter(None, found[kind])) == pytest.approx(share, abs=0.06)


def test_places_that_the_studys_lists_do_not_name(asked: list[Representation]) -> None:
    """29, 26 and 21 of a hundred each."""
    beliefs = [one for one in asked if one.family == "belief"]
    missing = mean(one.place not in one.goals[0].believed(one.last) for one in beliefs)
    assert missing == pytest.approx(0.253, abs=0.1)


def test_every_question_is_asked_in_words_and_as_a_decision(
    episodes: list[Episode], asked: list[Representation]
) -> None:
    for episode, one in zip(episodes, asked, strict=True):
        for requests in (study_requests(one), option_requests(one)):
            decided = study_decisions(episode, requests)
            assert len(decided) == len(requests)
            assert any(decided), episode.id


def test_lines_are_written_and_read(asked: list[Representation], tmp_path: Path) -> None:
    assert read_representations(write_representations(tmp_path / "x.json", asked)) == asked
