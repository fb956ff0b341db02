"""One question as the study hands it to a model: states, actions and lists of beliefs, by step.

Made from an episode, or read from a line of its published file (`lines`).
"""

from dataclasses import dataclass
from typing import Literal

from tombench.planning.episode import Answer, Episode, Query
from tombench.planning.study.beliefs import belief_lists
from tombench.planning.study.steps import MicroSteps, micro_steps, span
from tombench.planning.study.wording import StudyWriter, state_words, study_words


@dataclass(frozen=True)
class StudyGoal:
    """A goal and where it may be under it."""

    goal: str  # a class of things
    beliefs: tuple[tuple[str, ...], ...]  # names of places by step, [0] for step 1
    removed: str | None = None  # the place that a stated belief denies (type 2.1)

    def believed(self, step: int) -> tuple[str, ...]:
        """Names possible at a step (from 1), less the denied one."""
        return tuple(name for name in self.beliefs[step - 1] if name != self.removed)


@dataclass(frozen=True)
class Representation:
    """A question in the study's form. T, the last step, is end_time + 1."""

    question: str
    question_type: str  # "1.1" to "2.4"
    answer: Answer | None
    episode: str
    start_time: int
    end_time: int
    state: str  # what is in the apartment at first
    states: tuple[str, ...]  # T + 1: the state and what is near, by step
    actions: tuple[str, ...]  # T + 1; [0] tells where the person is
    goals: tuple[StudyGoal, ...]  # one in a belief question, two in a goal question: (a), (b)
    place: str | None  # belief questions: the name of the place in the options
    inside: Answer | None  # belief questions: the option that says that it is there

    @property
    def family(self) -> Literal["belief", "goal"]:
        """Is it asked what the person believes, or what the person wants?"""
        return "belief" if len(self.goals) == 1 else "goal"

    @property
    def last(self) -> int:
        """The last step."""
        return len(self.actions) - 1


def represent(episode: Episode, writer: StudyWriter = "study") -> Representation:
    """An episode in the study's form; `writer` says from which text the beliefs are read.

    The states are of that text, too.

    Raises:
        ValueError: no event tells where the person is at first.
    """
    steps, query, times = micro_steps(episode), episode.query, span(episode)
    state = state_words(episode, writer)
    first, second = query.options
    claims = (first.belief, second.belief)
    claim = claims[0]
    goals = (first.goal,) if claim is not None else (first.goal, second.goal)
    return Representation(
        question=study_words(episode.question_text),
        question_type=query.question_type,
        answer=query.key,
        episode=episode.cluster,
        start_time=times.start,
        end_time=len(steps.actions) - 2,
        state=state,
        states=tuple(state + close_words(near) for near in steps.nearby),
        actions=steps.actions,
        goals=tuple(_goal(episode, goal, writer, steps) for goal in goals),
        place=None if claim is None else claim.place.name,
        inside=_inside(query),
    )


def close_words(near: tuple[str, ...]) -> str:
    """What a step's state ends with."""
    return "".join(f"The person is close to the {name}. " for name in near)


def _goal(episode: Episode, goal: str, writer: StudyWriter, steps: MicroSteps) -> StudyGoal:
    lists = belief_lists(episode, goal, writer, steps)[1:]
    stated = episode.query.stated
    denies = stated is not None and stated.thing == goal and not stated.inside
    removed = stated.place.name if stated is not None and denies else None
    return StudyGoal(goal, tuple(tuple(names) for names in lists), removed)


def _inside(query: Query) -> Answer | None:
    claim = query.options[0].belief
    if claim is None:
        return None
    return "a" if claim.inside else "b"
