"""What the study asks a model about a question, and what it makes of the scores.

A score is log p(continuation | prompt) divided by the number of the continuation's tokens, in nats.

- Goal: each step's action under either goal; the larger sum over steps is the answer, (a) at a tie.
- Belief: the last step's action alone, with one place taken off the list of beliefs: the place of
  the options, then every other in turn. Where the first score is the smallest, the action speaks
  for that place. The two options are never compared, and the key is not the question's: (a) for
  types 1.1 and 1.2, (b) for 1.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tombench.planning.episode import Answer, Episode
from tombench.planning.situations import VERBS, Situation
from tombench.planning.study.pairs import EVALUATION_HEADER, PairPrompt
from tombench.planning.study.representations import Representation
from tombench.planning.study.wording import graph_words, moment_words

Role = Literal["a", "b", "hypothesis", "alternative"]
"""a, b: one of two options; hypothesis: less the options' place; alternative: less another."""

OPENING = "about to open"
"""The last action, where it begins so, is asked about as a walk."""


@dataclass(frozen=True)
class StudyPrompt:
    """A request to a model, with what it says for a policy that reads no text."""

    prompt: str  # ends with a blank
    continuation: str  # begins with another
    role: Role
    step: int  # from 1
    goal: str
    believed: tuple[str, ...]  # names of places
    action: str  # "walktowards fridge"


@dataclass(frozen=True)
class StudyVerdict:
    """What the study's rule says of one question."""

    picked: Answer
    key: Answer | None  # the study's own
    choices: int  # how many were compared; a guess is right in 1 / choices, or all but it

    @property
    def right(self) -> bool | None:
        """By the study's key; None where there is none."""
        return None if self.key is None else self.picked == self.key

    @property
    def chance(self) -> float | None:
        """How often a model without any preference is right."""
        share = 1 / self.choices
        return None if self.key is None else share if self.key == "a" else 1 - share


def asked_action(asked: Representation, step: int) -> str:
    """The action of a step as it is asked about."""
    action = asked.actions[step]
    opens = step == asked.last and action.startswith(OPENING)
    return action.replace(OPENING, VERBS["walk"], 1) if opens else action


def study_requests(asked: Representation) -> list[StudyPrompt]:
    """All that the study scores, in its order: of (a), then of (b); or hypothesis first."""
    if asked.family == "goal":
        return _goal_requests(asked)
    names = asked.goals[0].believed(asked.last)
    less = [("hypothesis", asked.place), *(("alternative", n) for n in names if n != asked.place)]
    return [
        _request(asked, 0, asked.last, tuple(n for n in names if n != out), role)
        for role, out in less
    ]


def study_verdict(asked: Representation, scores: Sequence[float]) -> StudyVerdict:
    """The study's answer from a score for each of `study_requests`, in nats a token.

    Raises:
        ValueError: as many scores are needed as requests.
    """
    _check(scores, study_requests(asked))
    if asked.family == "goal":
        half = len(scores) // 2
        first, second = sum(scores[:half]), sum(scores[half:])
        return StudyVerdict("a" if first >= second else "b", asked.answer, 2)
    key: Answer = "b" if asked.question_type == "1.3" else "a"
    return StudyVerdict("a" if scores[0] == min(scores) else "b", key, len(scores))


def option_requests(asked: Representation) -> list[StudyPrompt]:
    """The same strings for the question that is asked: (a) against (b), by the last step's action.

    The place of the options is put on the list of beliefs, or taken off it. A goal question is
    asked as the study asks it.

    Raises:
        ValueError: the options of a belief question do not tell which says that the thing is there.
    """
    if asked.family == "goal":
        return _goal_requests(asked)
    if asked.place is None or asked.inside is None:
        raise ValueError("the options do not tell which says that the thing is there")
    names = asked.goals[0].believed(asked.last)
    present = names if asked.place in names else (*names, asked.place)
    absent = tuple(name for name in names if name != asked.place)
    order: tuple[Role, Role] = ("a", "b")
    return [
        _request(asked, 0, asked.last, present if asked.inside == role else absent, role)
        for role in order
    ]


def option_log_odds(asked: Representation, scores: Sequence[float]) -> float:
    """Log odds of (a), in nats: sums of `option_requests`' scores; 0 is a tie.

    Scores may be log-likelihoods here, or the study's, per token.

    Raises:
        ValueError: as many scores are needed as requests.
    """
    _check(scores, option_requests(asked))
    half = len(scores) // 2
    return float(sum(scores[:half]) - sum(scores[half:]))


def situation_prompt(episode: Episode, situation: Situation) -> str:
    """Any situation in the form of the post-training pairs; an action follows after a blank.

    Places of one name in two rooms are listed once. Unlike the study's evaluation, and like its
    training, it tells the room and what stands open.
    """
    names = dict.fromkeys(place.name for place in situation.possible)
    state = graph_words(episode) + moment_words(episode, situation)
    return PairPrompt(situation.goal, state, tuple(names)).text


def _goal_requests(asked: Representation) -> list[StudyPrompt]:
    steps = range(1, asked.last + 1)
    roles: tuple[Role, Role] = ("a", "b")
    return [
        _request(asked, number, step, asked.goals[number].believed(step), role)
        for number, role in enumerate(roles)
        for step in steps
    ]


def _request(
    asked: Representation, number: int, step: int, names: tuple[str, ...], role: Role
) -> StudyPrompt:
    goal, action = asked.goals[number].goal, asked_action(asked, step)
    prompt = PairPrompt(goal, asked.states[step], names, EVALUATION_HEADER).text
    return StudyPrompt(prompt, f" {action}", role, step, goal, names, action)


def _check(scores: Sequence[float], requests: Sequence[StudyPrompt]) -> None:
    if len(scores) != len(requests):
        raise ValueError(f"{len(scores)} scores, and {len(requests)} were asked for")
