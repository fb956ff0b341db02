"""Training examples for language models as policies: a situation as a prompt, its soft label.

An example is one situation of a simulated agent with the probability of every action; the action
that stands as its answer is drawn from them. Twins, which differ by one place, are one group. Some
names are invented, so that a policy copies whatever a place is called.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from tombench.household.agent import ALIKE, Diversity, at_hand, expected_probabilities
from tombench.household.invented import invented_names, renamed
from tombench.household.labelled import Labelling, draw_twin, situations_with_labels
from tombench.household.pairs import draw_success, pairs_of
from tombench.household.themed import themed_trace
from tombench.household.themes import Theme, ThemeName, load_theme
from tombench.planning.policies.base import Labelled
from tombench.planning.prompts import continuation, short_prompt
from tombench.planning.situations import Situation
from tombench.stories.text import Text

TrainPrompt = Literal["short", "study"]
"""short: `planning.prompts`, with soft labels; study: its post-training pairs, actions as taken."""

Ablation = Literal["none", "sampled_labels", "no_twins", "alike_agents", "no_invented_names"]
"""What is left out, to see what it is worth."""

GROUP = 4  # situations of an episode, each with its twin
KEPT_AT_HAND = 0.3
"""Share of situations with something to open, close or grab that are kept: they are learnt soon."""
SHUFFLED = 0.5
"""Share of prompts whose list of places is in no order."""
INVENTED = 0.3
"""Share of groups whose names are invented."""
PAIRS = 8  # of an episode, in the study's form


@dataclass(frozen=True)
class PolicyExamples:
    """Which examples are drawn."""

    prompt: TrainPrompt = "short"
    themes: tuple[ThemeName, ...] = ("home",)
    ablation: Ablation = "none"

    def draw(self, rng: Random, progress: float) -> Sequence[Text]:
        """A group from about one episode; progress of training does not matter."""
        theme = load_theme(rng.choice(self.themes))
        if self.prompt == "study":
            pairs = list(pairs_of(themed_trace(draw_success(rng, self._diversity), theme), rng))
            some = rng.sample(pairs, min(PAIRS, len(pairs)))
            return [Text(pair.prompt.text, f" {pair.action}") for pair in some]
        group = list(self._group(rng))
        invented = self.ablation != "no_invented_names" and rng.random() < INVENTED
        names = invented_names(rng) if invented else nouns_of(theme)
        return [self._text(rng, one, names) for one in group]

    @property
    def _diversity(self) -> Diversity:
        return ALIKE if self.ablation == "alike_agents" else Diversity()

    def _group(self, rng: Random) -> Iterator[Situation]:
        """Situations, each followed by its twin."""
        found = situations_with_labels(rng, Labelling(self._diversity, twins=False))
        kept = 0
        while kept < GROUP:
            situation = next(found).situation
            if at_hand(situation) is not None and rng.random() > KEPT_AT_HAND:
                continue
            kept += 1
            yield situation
            twin = None if self.ablation == "no_twins" else draw_twin(rng, situation)
            if twin is not None:
                yield twin

    def _text(self, rng: Random, situation: Situation, names: Mapping[str, str]) -> Text:
        """What the agents do is told in home's words and written in others."""
        probabilities = tuple(expected_probabilities(situation, self._diversity).tolist())
        own = Labelled(renamed(situation, names), probabilities)
        one = policy_text(rng, own, rng.random() < SHUFFLED)
        return Text(one.prompt, one.answer) if self.ablation == "sampled_labels" else one


def nouns_of(theme: Theme) -> Mapping[str, str]:
    """What each noun of home is called there."""
    kinds = (theme.rooms, theme.places, theme.things)
    return {home: noun.name for kind in kinds for home, noun in kind.items()}


def policy_text(rng: Random, one: Labelled, shuffled: bool = False) -> Text:
    """A prompt with its soft label; the answer is drawn from it."""
    shares = spoken_shares(one)
    answer = rng.choices(list(shares), list(shares.values()))[0]
    prompt = short_prompt(one.situation, rng if shuffled else None)
    return Text(prompt, answer, tuple(shares.items()))


def spoken_shares(one: Labelled) -> Mapping[str, float]:
    """Probabilities of what is said; actions that are called alike count together."""
    found: dict[str, float] = {}
    for action, share in zip(one.situation.candidates, one.probabilities, strict=True):
        text = continuation(action)
        found[text] = found.get(text, 0.0) + share
    return found
