"""One episode as it is shown: what was done step by step, what was possible, and the posterior."""

from dataclasses import dataclass

from tombench.planning.episode import Episode, Place
from tombench.planning.inference import Inference, Paths, paths, sigmoid
from tombench.summary.planner_words import action_words, option_words, question_words


@dataclass(frozen=True)
class Step:
    """One decision in the light of both hypotheses."""

    action: str  # "walks to the fridge"
    place: Place  # where it leads, or is done
    possible: tuple[frozenset[Place], frozenset[Place]]  # before it, under (a) and (b)
    seen: tuple[Place | None, Place | None]  # where the goal is in sight, under (a) and (b)
    log_likelihoods: tuple[float, float]  # nats, under (a) and (b)
    probability_a: float  # after it


@dataclass(frozen=True)
class Watched:
    """An episode with what was inferred from it."""

    episode: Episode
    prior_a: float
    steps: tuple[Step, ...]

    @property
    def options(self) -> tuple[str, str]:
        """Both hypotheses in words."""
        first, second = self.episode.query.options
        return option_words(self.episode, first), option_words(self.episode, second)

    @property
    def question(self) -> str:
        """What is asked, in words."""
        return question_words(self.episode)


def watched(episode: Episode, inference: Inference, known: Paths | None = None) -> Watched:
    """Each step of the inference with the decision that it is of.

    Raises:
        ValueError: a step is of no decision of the episode.
    """
    both = known or paths(episode)
    decided = {a.event: (a, b) for a, b in zip(both.a, both.b, strict=True)}
    steps = []
    for step, odds in zip(inference.steps, inference.over_time[1:], strict=True):
        if step.event not in decided:
            raise ValueError(f"{episode.id}: nothing is decided by event {step.event}")
        first, second = decided[step.event]
        place, asked = first.action.place, (first.situation, second.situation)
        steps.append(
            Step(
                action=action_words(episode.events[step.event], place),
                place=place,
                possible=(frozenset(asked[0].possible), frozenset(asked[1].possible)),
                seen=(asked[0].seen, asked[1].seen),
                log_likelihoods=step.log_likelihoods,
                probability_a=sigmoid(odds),
            )
        )
    return Watched(episode, inference.prior_a, tuple(steps))
