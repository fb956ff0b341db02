"""Post-training pairs in the study's form, written from simulated episodes.

Each micro-step gives a prompt (goal, what is where, where the person is, what is open, places still
possible) and the action. Episodes end with a grab, and as in the study the goal is the noun of the
last action. The study draws 20,000 pairs from 1,200 episodes.
"""

from collections.abc import Callable, Iterator
from random import Random

from tombench.errors import UserError
from tombench.household.agent import DIVERSE, Diversity, claims_of, draw_agent
from tombench.household.simulate import episode_of, simulate
from tombench.household.trace import Apartment, Step, Trace
from tombench.household.world import draw_apartment
from tombench.planning.beliefs import Tracker
from tombench.planning.episode import Event, Furnishing, Place
from tombench.planning.situations import VERBS
from tombench.planning.study.pairs import Pair, PairPrompt
from tombench.planning.study.wording import graph_words

EPISODES, PAIRS = 1_200, 20_000


def draw_pairs(
    seed: str,
    episodes: int = EPISODES,
    count: int = PAIRS,
    mapped: Callable[[Trace], Trace] = lambda trace: trace,
) -> list[Pair]:
    """Pairs sampled without replacement from simulated episodes of training layouts.

    Args:
        seed: all that they depend on, with the numbers.
        episodes: to simulate; one that does not end with a grab is drawn again.
        count: of pairs.
        mapped: renames what is in an episode: another theme.

    Raises:
        UserError: the episodes have fewer pairs.
    """
    rng = Random(f"pairs/{seed}")
    found = [pair for _ in range(episodes) for pair in pairs_of(mapped(draw_success(rng)), rng)]
    if len(found) < count:
        raise UserError(
            f"{episodes} episodes give {len(found)} pairs, and {count} are asked for: "
            f"ask for more episodes or fewer pairs"
        )
    return rng.sample(found, count)


def draw_success(rng: Random, diversity: Diversity = DIVERSE) -> Trace:
    """An episode of a training layout in which the person gets what it looks for."""
    while True:
        apartment = draw_apartment(rng, split="train")
        agent = draw_agent(rng, apartment, diversity)
        trace = simulate(rng, apartment, agent)
        if trace.events[-1].kind == "grab":
            return trace


def pairs_of(trace: Trace, rng: Random) -> Iterator[Pair]:
    """A pair for each micro-step whose input is not that of the step before; lists are shuffled.

    As in the study, a step is dropped for its input alone, even where the action is another one.
    """
    told, goal = graph_words(episode_of(trace)), trace.steps[-1].action.partition(" ")[2]
    before = None
    for step, possible in zip(trace.steps, _possible(trace), strict=True):
        names = list(dict.fromkeys(place.name for place in possible))
        rng.shuffle(names)
        prompt = PairPrompt(goal, f"{told}{_state_text(trace.apartment, step)}", tuple(names))
        if prompt != before:
            yield Pair(prompt, step.action)
        before = prompt


def _possible(trace: Trace) -> Iterator[tuple[Place, ...]]:
    """Where the goal may be, before each micro-step; steps are read as events once more."""
    tracker = Tracker(episode_of(trace), trace.agent.goal, claims_of(trace.agent))
    tracker.see(Event("start", room=trace.start))
    for step in trace.steps:
        if step.room != tracker.view.room:
            tracker.see(Event("enter", room=step.room))
        yield tracker.possible
        verb, _, name = step.action.partition(" ")
        if verb in (VERBS["open"], VERBS["close"]):
            tracker.see(Event(verb, place=Place(step.room, name)))


def _state_text(apartment: Apartment, step: Step) -> str:
    """Where the person is, what is near, and which containers are open."""
    near = "".join(f"The person is close to the {name}. " for name in step.near)
    states = "".join(
        f"The {one.place.name} is {'open' if one.place in step.opened else 'closed'}. "
        for one in _containers(apartment)
    )
    return f"\nThe person is inside the {step.room}. {near}\n{states}"


def _containers(apartment: Apartment) -> list[Furnishing]:
    return [one for one in apartment.furnishings if one.kind == "container"]
