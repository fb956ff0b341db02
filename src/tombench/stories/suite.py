"""Suites of contrast sets: from a seed to items, the same on any machine.

Each set is one story: its cast, its frame and its voice, told in eight cells and, beside them, in
its alterations. Sets alternate between the paradigms.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from typing import Literal

from tombench.schema import Item
from tombench.stories.alterations import ALTERATIONS, Alteration
from tombench.stories.asked import Form
from tombench.stories.asking import Asker, ask
from tombench.stories.casting import Cast, Frame, draw_cast, draw_frame, draw_voice
from tombench.stories.contrast import CELLS, PARADIGMS, VARIANTS, Paradigm, cell_plot
from tombench.stories.events import Plot
from tombench.stories.lexicon import HELD_OUT, TRAINING, Lexicon, nonsense, scrambled
from tombench.stories.oracles import Oracles
from tombench.stories.queries import Query, answer
from tombench.stories.reading import verify
from tombench.stories.telling import Voice, Wordings, tell

GENERATOR_VERSION = "1"
"""Goes up with every change of what a seed gives."""

Words = Literal["training", "held_out", "nonsense", "scrambled"]
AskedType = Literal[
    *("reality", "memory", "percept", "knowledge", "belief", "action", "belief_2", "belief_3"),
    "belief_from_action",
]
HEADLINE: dict[Paradigm, tuple[str, str]] = {
    "transfer": ("reality", "action"),
    "contents": ("reality", "belief"),
}
"""The two questions a cell whose answers make a contrast set, as in Kosinski (2024)."""


class BrokenStory(Exception):
    """An alteration does not do what it is for: a defect of the generator."""


@dataclass(frozen=True)
class Suite:
    """What a suite is made from; equal suites have equal items."""

    seed: str
    sets: int
    words: Words = "held_out"
    wordings: Wordings = "training"
    form: Form = "next_word"
    questions: tuple[AskedType, ...] = ("reality", "memory", "percept", "belief", "action")
    alterations: bool = True
    header: str = ""

    def items(self) -> list[Item]:
        """All items, those of a set together."""
        return [item for number in range(self.sets) for item in self.contrast_set(number).items()]

    def contrast_set(self, number: int) -> "ContrastSet":
        """One of the suite's sets, by its number."""
        return ContrastSet(self, number)


@dataclass(frozen=True)
class ContrastSet:
    """One story in all its cells."""

    suite: Suite
    number: int

    @cached_property
    def id(self) -> str:
        """Ten hex digits of sha256(generator version, seed, number): tells nothing of the seed."""
        named = f"{GENERATOR_VERSION}/{self.suite.seed}/{self.number}"
        return hashlib.sha256(named.encode()).hexdigest()[:10]

    @property
    def paradigm(self) -> Paradigm:
        return PARADIGMS[self.number % len(PARADIGMS)]

    @cached_property
    def _drawn(self) -> tuple[Cast, Frame, Voice]:
        rng = Random(f"{GENERATOR_VERSION}/{self.suite.seed}/{self.number}/{self.suite.words}")
        cast, frame = draw_cast(rng, _lexicon(self.suite.words, rng)), draw_frame(rng)
        voice = draw_voice(rng, cast, self.suite.wordings)
        return cast, frame, replace(voice, matched=True)

    def cast(self, variant: str) -> Cast:
        """Who and what it is about; of the reversed variant with its pairs exchanged."""
        cast = self._drawn[0]
        return cast if variant == "original" else cast.reversed()

    @property
    def frame(self) -> Frame:
        return self._drawn[1]

    @property
    def voice(self) -> Voice:
        return self._drawn[2]

    def plot(self, cell: str, variant: str) -> Plot:
        """A cell's or an alteration's plot."""
        cast = self.cast(variant)
        if cell in CELLS[self.paradigm]:
            return cell_plot(self.paradigm, cell, cast, self.frame)
        return ALTERATIONS[self.paradigm][cell].plot(cast, self.frame)

    def items(self) -> list[Item]:
        """Every cell's questions, then those of the alterations that the form can put."""
        return self.cells() + (self.altered() if self.suite.alterations else [])

    def cells(self, variants: Sequence[str] = VARIANTS) -> list[Item]:
        """The questions of the eight cells, or of one variant's four."""
        return [
            item
            for variant in variants
            for cell in CELLS[self.paradigm]
            for item in self._asked(cell, variant, self.voice)
        ]

    def altered(self) -> list[Item]:
        """The question on belief in each alteration."""
        return [
            item
            for variant in VARIANTS
            for name, altered in ALTERATIONS[self.paradigm].items()
            for item in self._altered(name, altered, variant)
        ]

    def queries(self, asked_of: str, variant: str, types: tuple[str, ...]) -> Iterator[Query]:
        """The suite's questions that the paradigm has."""
        cast = self.cast(variant)
        other = cast.protagonist if asked_of == cast.other.name else cast.other
        subject = cast.thing if self.paradigm == "transfer" else cast.container
        for name in types:
            kind, _, order = name.partition("_") if name.startswith("belief_") else (name, "", "")
            if order.isdigit():
                chain = ((other.name, asked_of) * 2)[: int(order)]
                yield Query(kind, subject, chain if order == "2" else (asked_of, *chain[:2]))
            else:
                about = () if name in ("reality", "memory") else (asked_of,)
                yield Query(name, subject, about)

    def _asked(self, cell: str, variant: str, voice: Voice) -> Iterator[Item]:
        who = self.cast(variant).protagonist.name
        plot = self.plot(cell, variant)
        yield from self._put(plot, cell, variant, voice, who, self.suite.questions)

    def _altered(self, name: str, altered: Alteration, variant: str) -> Iterator[Item]:
        cast, voice = self.cast(variant), self.voice
        if altered.on_surfaces:
            voice = replace(voice, surfaces=frozenset(cast.surfaces))
        who = (cast.other if altered.asks_other else cast.protagonist).name
        plot = self.plot(name, variant)
        (query,) = self.queries(who, variant, (HEADLINE[self.paradigm][1],))
        self._check(plot, query, name, altered, variant)
        yield from self._put(plot, name, variant, voice, who, (HEADLINE[self.paradigm][1],))

    def _check(
        self, plot: Plot, query: Query, name: str, altered: Alteration, variant: str
    ) -> None:
        """Raise BrokenStory where an alteration flips and should not, or the other way round."""
        cast = self.cast(variant)
        falsely = (cast.places if self.paradigm == "transfer" else cast.fillings[::-1])[0]
        if altered.on_surfaces:
            falsely = cast.surfaces[0]
        if (answer(Oracles(plot), query) != falsely) != altered.flips:
            raise BrokenStory(f"{self.id}: {name}.{variant} does not do what it is for")

    def _put(
        self, plot: Plot, cell: str, variant: str, voice: Voice, who: str, types: tuple[str, ...]
    ) -> Iterator[Item]:
        """The items of one story; questions without an answer in the suite's form are left out."""
        oracles, asker = Oracles(plot), Asker(plot, voice)
        story, suite = tell(plot, voice), self.suite
        verify(plot, story)
        for query in self.queries(who, variant, types):
            right = answer(oracles, query)
            put = ask(story, query, right, asker, suite.form)
            target = put.options.get(right)
            if target is None:
                continue
            yield Item(
                id=f"{self.id}/{cell}.{variant}/{query.name}",
                cluster=self.id,
                content=replace(put.question, header=suite.header),
                condition={
                    "suite": "generated",
                    "paradigm": self.paradigm,
                    "cell": cell,
                    "variant": variant,
                    "question_type": query.name,
                    "words": suite.words,
                    "wordings": suite.wordings,
                },
                target=target,
                reality=put.options.get(self._by_the_facts(oracles, query, right)),
            )

    @staticmethod
    def _by_the_facts(oracles: Oracles, query: Query, right: str | None) -> str | None:
        """What one says who takes everybody to know the facts."""
        if query.type in ("memory", "percept"):
            return right
        return "yes" if query.type == "knowledge" else oracles.truth(query.subject)


def _lexicon(words: Words, rng: Random) -> Lexicon:
    match words:
        case "training":
            return TRAINING
        case "held_out":
            return HELD_OUT
    return nonsense(rng) if words == "nonsense" else scrambled(rng)
