"""Do the questions about one episode agree? They tell of one apartment and of one beginning."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tombench.planning.episode import Episode, Fault, Place, opened_places


def disagreements(episodes: Sequence[Episode]) -> Iterator[tuple[str, Fault]]:
    """Ids of questions, each with a fault that shows beside others of its episode and theme."""
    clusters: defaultdict[tuple[str, str], list[Episode]] = defaultdict(list)
    for episode in episodes:
        clusters[episode.theme, episode.cluster].append(episode)
    for members in clusters.values():
        if len(members) > 1:
            yield from _contents(members)
            yield from _order(members)


def _contents(members: Sequence[Episode]) -> Iterator[tuple[str, Fault]]:
    """Contents that differ from what most of the questions tell; a draw blames nobody."""
    told: defaultdict[Place, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for episode in members:
        for one in episode.furnishings:
            told[one.place][tuple(sorted(one.contents))] += 1
    for episode in members:
        for one in episode.furnishings:
            own = tuple(sorted(one.contents))
            usual, count = told[one.place].most_common(1)[0]
            if own != usual and count > told[one.place][own]:
                what = f"the {one.place.told} holds {_listed(own)}; elsewhere {_listed(usual)}"
                yield episode.id, Fault("contents_differ", what)
        for place, counts in told.items():
            if place not in episode.places and counts.total() > len(members) / 2:
                what = f"the {place.told} is not told of, and is elsewhere"
                yield episode.id, Fault("contents_differ", what)


def _order(members: Sequence[Episode]) -> Iterator[tuple[str, Fault]]:
    """The longer story of an episode begins with what the shorter one tells was opened."""
    ranked = sorted(members, key=lambda one: (len(opened_places(one.events)), one.id))
    for shorter, longer in pairwise(ranked):
        first, second = opened_places(shorter.events), opened_places(longer.events)
        if second[: len(first)] != first:
            at = next(
                n for n, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]
            )
            what = (
                f"number {at + 1} that is opened is the {second[at].told}; "
                f"in {shorter.id} it is the {first[at].told}"
            )
            yield longer.id, Fault("opened_order", what)


def _listed(things: Sequence[str]) -> str:
    return ", ".join(things) or "nothing"
