"""The posterior by listing every set of exclusions and every target, by the simulator's law."""

from dataclasses import replace
from itertools import product

from tombench.household.agent import Habits, at_hand, target_shares
from tombench.household.law import Hidden, Law, chance_of_exclusion
from tombench.household.posterior import next_rooms
from tombench.household.trace import Apartment
from tombench.planning.beliefs import Tracker
from tombench.planning.episode import Claim, Episode, Place


def exhaustive(
    episode: Episode, apartment: Apartment, hidden: Hidden, law: Law
) -> tuple[float, float]:
    """P(events | goal), and the same together with the asked place's being believed possible."""
    places = episode.places
    held = frozenset(f.place for f in apartment.furnishings if hidden.goal in f.contents)
    knowledge = law.knowledge if held and not hidden.denied else 0.0
    chances = [chance_of_exclusion(place, hidden, law) for place in places]
    total = inside = norm = 0.0
    for drawn in product((False, True), repeat=len(places)):
        weight = 1.0
        for is_out, chance in zip(drawn, chances, strict=True):
            weight *= chance if is_out else 1 - chance
        if all(drawn):
            continue
        norm += weight
        out = frozenset(place for place, is_out in zip(places, drawn, strict=True) if is_out)
        for known, prior in ((frozenset(), 1 - knowledge), (held, knowledge)):
            if weight * prior == 0:
                continue
            walker = Walker(episode, apartment, hidden.goal, law, out - known, known)
            mass = weight * prior * walker.probability()
            total += mass
            inside += mass * (hidden.asked in walker.believed_at_end())
    return total / norm, inside / norm


class Walker:
    """One person, of whom everything is known but the targets."""

    def __init__(
        self,
        episode: Episode,
        apartment: Apartment,
        goal: str,
        law: Law,
        out: frozenset[Place],
        known: frozenset[Place],
    ) -> None:
        self.episode, self.goal, self.law, self.known = episode, goal, law, known
        self.claims = [Claim(goal, place, inside=False) for place in out]
        self.habits = Habits(law.nearness, law.slip, known)
        self.ways = next_rooms(apartment)

    def after(self, number: int) -> Tracker:
        """What the person knows after so many events."""
        tracker = Tracker(self.episode, self.goal, self.claims)
        for event in self.episode.events[:number]:
            tracker.see(event)
        return tracker

    def believed_at_end(self) -> set[Place]:
        possible = set(self.after(len(self.episode.events)).possible)
        return possible & self.known or possible

    def probability(self) -> float:
        return self.standing(1)

    def standing(self, number: int) -> float:
        """P(events from `number` on), for one who has nothing in mind yet."""
        if number == len(self.episode.events):
            return 1.0
        tracker, event = self.after(number), self.episode.events[number]
        situation = tracker.situation()
        action = at_hand(situation, self.known)
        if action is not None:
            same = (action.kind, action.place) == (event.kind, event.place)
            return self.standing(number + 1) if same else 0.0
        shares = target_shares(situation, self.habits)
        if not shares or event.kind not in ("enter", "walk"):
            return 0.0
        others = [place for place in situation.places if place != situation.at]
        total = 0.0
        for place in others:
            slip = self.law.slip / len(others)
            kept = (1 - self.law.slip) * shares.get(place, 0.0)
            total += slip * self.going(number, place, True)
            if kept:
                total += kept * self.going(number, place, False)
        return total

    def going(self, number: int, target: Place, slipped: bool) -> float:
        """P(events from `number` on), for one who is on the way to a target."""
        if number == len(self.episode.events):
            return 1.0
        before, event = self.after(number), self.episode.events[number]
        if target.room == before.view.room:
            same = event.kind == "walk" and event.place == target
            return self.standing(number + 1) if same else 0.0
        if event != replace(event, kind="enter", room=self.ways[before.view.room, target.room]):
            return 0.0
        after = self.after(number + 1)
        news = after.view.seen != before.view.seen and after.view.seen != target
        if news or not (slipped or target in after.possible):
            return self.standing(number + 1)
        return self.going(number + 1, target, slipped)
