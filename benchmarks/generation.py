"""Time the generator on one core: training texts, suites, and what each part of a suite costs.

    python benchmarks/generation.py [--texts 2000] [--sets 40]

Seconds are processor time of this process, so other work on the machine changes them little. Tokens
are those of the shipped tokenizer, and encoding is part of the time. The goal is a million training
tokens in a minute, 16,667 a second. The last row is the plain way: each question of the suite
answered by the second oracle alone, which replays the story from its start each time and keeps
nothing.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterable
from random import Random

from tokenizers import Tokenizer

from tombench.datafile import EMBEDDED
from tombench.stories import replay
from tombench.stories.contrast import CELLS, VARIANTS
from tombench.stories.corpus import draw_texts
from tombench.stories.events import Plot
from tombench.stories.examples import draw_examples
from tombench.stories.queries import Query
from tombench.stories.reading import verify
from tombench.stories.suite import ContrastSet, Suite
from tombench.stories.telling import Voice, tell
from tombench.stories.tracker import track

GOAL = 1_000_000
SUITE_SEED = "benchmark"


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Seconds of this process, and what the work gives."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def texts(draw: Callable[..., Iterable], count: int) -> list[str]:
    """At least `count` training texts."""
    found: list[str] = []
    number = 0
    while len(found) < count:
        found += [t.prompt + t.answer for t in draw(Random(f"benchmark/{number}"), 1.0)]
        number += 1
    return found


def suite_texts(sets: int) -> list[str]:
    """Each item with its answer, as a model reads it."""
    return [f"{i.content.prompt} {i.target}" for i in Suite(SUITE_SEED, sets).items()]


def show_speeds(tokenizer: Tokenizer, count: int, sets: int) -> None:
    print(f"{'':22}{'texts':>8}{'seconds':>9}{'tokens':>10}{'tokens/s':>10}{'s a million':>13}")
    rows = {
        "corpus": lambda: texts(draw_texts, count),
        "examples": lambda: texts(draw_examples, count),
        f"suite of {sets} sets": lambda: suite_texts(sets),
    }
    for name, work in rows.items():
        drawing, found = timed(work)
        encoding, encoded = timed(lambda found=found: tokenizer.encode_batch(found))
        tokens, seconds = sum(len(one.ids) for one in encoded), drawing + encoding
        speed = tokens / seconds
        print(
            f"{name:22}{len(found):8,}{seconds:9.2f}{tokens:10,}{speed:10,.0f}{GOAL / speed:13.1f}"
        )


Asked = tuple[Plot, Voice, list[Query]]


def stories(sets: int) -> list[Asked]:
    """The cells of a suite with what is asked in them."""
    suite = Suite(SUITE_SEED, sets)
    found: list[Asked] = []
    for number in range(sets):
        story = suite.contrast_set(number)
        for variant in VARIANTS:
            queries = asked_in(story, variant)
            for cell in CELLS[story.paradigm]:
                found.append((story.plot(cell, variant), story.voice, queries))
    return found


def asked_in(story: ContrastSet, variant: str) -> list[Query]:
    """The questions whose answer is a belief or the truth."""
    who = story.cast(variant).protagonist.name
    return list(story.queries(who, variant, ("reality", "belief", "action", "belief_2")))


def by_tracker(known: list[Asked]) -> None:
    for plot, _, queries in known:
        tracked = track(plot)
        for query in queries:
            tracked.believed(query.chain, query.subject)


def by_replay(known: list[Asked], shared: bool) -> None:
    for plot, _, queries in known:
        replay._replay.cache_clear()
        for query in queries:
            if not shared:
                replay._replay.cache_clear()
            replay.believed(plot, query.chain, query.subject)


def show_parts(sets: int) -> None:
    known = stories(sets)
    told = [tell(plot, voice) for plot, voice, _ in known]
    rows = {
        "first oracle": lambda: by_tracker(known),
        "second oracle": lambda: by_replay(known, shared=True),
        "telling": lambda: [tell(plot, voice) for plot, voice, _ in known],
        "reading back": lambda: [verify(k[0], text) for k, text in zip(known, told, strict=True)],
        "plain way": lambda: by_replay(known, shared=False),
    }
    print(f"\n{'':22}{'stories':>8}{'seconds':>9}{'ms a story':>12}")
    for name, work in rows.items():
        seconds, _ = timed(work)
        print(f"{name:22}{len(known):8,}{seconds:9.2f}{1000 * seconds / len(known):12.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--sets", type=int, default=40)
    options = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one core
    tokenizer = Tokenizer.from_file(str(EMBEDDED / "models" / "tiny" / "tokenizer.json"))
    suite_texts(2)  # caches of templates
    show_speeds(tokenizer, options.texts, options.sets)
    show_parts(options.sets)


if __name__ == "__main__":
    main()
