"""An episode in a terminal: the apartment, then step by step what was done and what it says."""

from collections.abc import Sequence

from tombench.planning.inference import Inference, StepEvidence, sigmoid
from tombench.summary.grid import Grid
from tombench.summary.planner_episode import Step, Watched
from tombench.summary.planner_posterior import evidence
from tombench.summary.planner_words import counted

NOTE = (
    "log p: of the step, in nats, under either hypothesis; P(a): after it. places, aim: how many "
    "places may hold the goal before the step for all that the person knows, and may the one do so "
    "where the step leads?"
)
UNKNOWN = "The apartment and what was possible are not shown: {why}"


def apartment_grid(story: Watched) -> Grid:
    """Places by room with what they hold, and which steps lead there."""
    ranks = {room: rank for rank, room in enumerate(story.episode.rooms)}
    ordered = sorted(
        story.episode.furnishings, key=lambda one: ranks.get(one.place.room, len(ranks))
    )
    rows = [
        (
            f"{one.place.room}: {one.place.name}",
            _listed(one.contents),
            one.kind,
            ", ".join(str(n) for n, step in enumerate(story.steps, 1) if step.place == one.place),
        )
        for one in ordered
    ]
    start = next((event.room for event in story.episode.events if event.kind == "start"), None)
    notes = (f"{story.episode.person} starts in the {start}.",) if start else ()
    return Grid("The apartment", ("Place", "Holds", "Kind", "Steps"), tuple(rows), notes)


def steps_grid(story: Watched) -> Grid:
    """What each step says of both hypotheses, and what was possible before it."""
    rows = [
        (
            str(number),
            step.action,
            *_numbers(step.log_likelihoods, step.probability_a),
            evidence(step.log_likelihoods),
            *(_possible(step, side) for side in (0, 1)),
        )
        for number, step in enumerate(story.steps, 1)
    ]
    header = ("", "Step", "log p if (a)", "log p if (b)", "P(a)", "says", "places if (a), aim")
    told = (f"({name}) {text}" for name, text in zip("ab", story.options, strict=True))
    notes = (*told, f"P(a) before any step: {story.prior_a:.3f}.", NOTE)
    return Grid(story.question, (*header, "places if (b), aim"), tuple(rows), notes)


def evidence_grid(told: Sequence[StepEvidence], prior_a: float, why: str) -> Grid:
    """What a record itself holds, where its episode cannot be had."""
    over_time = Inference(prior_a, tuple(told)).over_time[1:]
    rows = [
        (
            str(number),
            step.action,
            *_numbers(step.log_likelihoods, sigmoid(odds)),
            evidence(step.log_likelihoods),
        )
        for number, (step, odds) in enumerate(zip(told, over_time, strict=True), 1)
    ]
    header = ("", "Step", "log p if (a)", "log p if (b)", "P(a)", "says")
    return Grid("Step by step", header, tuple(rows), (UNKNOWN.format(why=why),))


def _numbers(log_likelihoods: tuple[float, float], probability_a: float) -> tuple[str, ...]:
    a, b = log_likelihoods
    return f"{a:.3f}", f"{b:.3f}", f"{probability_a:.3f}"


def _possible(step: Step, side: int) -> str:
    """ "12, yes": how many places, and is the step's aim one of them."""
    possible = step.possible[side]
    return f"{len(possible)}, {'yes' if step.place in possible else 'no'}"


def _listed(contents: Sequence[str]) -> str:
    return ", ".join(counted(name, contents) for name in dict.fromkeys(contents)) or "–"
