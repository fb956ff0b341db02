"""Figures of stories: who believes what from moment to moment, and a contrast set cell by cell.

    python -m tombench.summary.timeline_figure 2931 docs/images

draws the first contrast set of a seed, in which a thing is moved, and its false-belief story.
"""

import sys
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

from tombench.stories.asking import Asker
from tombench.stories.contrast import CELLS
from tombench.stories.oracles import Oracles
from tombench.stories.queries import answer
from tombench.stories.suite import HEADLINE, ContrastSet, Suite
from tombench.stories.timeline import FACTS
from tombench.summary.timeline_marks import SIZE, Sheet, text_width
from tombench.summary.timeline_rows import (
    GAP,
    MARGIN,
    Told,
    draw_legend,
    draw_rows,
    draw_sentences,
    told,
)

TITLE, BETWEEN, LEGEND = 0.16, 0.30, 0.32  # inches
SAME_OPENING = "(as in A)"


def timeline_figure(story: Told) -> Sheet:
    """Who believes what, from moment to moment, above what is told."""
    sheet = Sheet(story.width, MARGIN + story.height + LEGEND)
    draw_rows(sheet, story, MARGIN - GAP)
    draw_sentences(sheet, story, MARGIN - GAP + story.rows_height, range(len(story.sentences)))
    draw_legend(sheet, [story], sheet.height - 0.14)
    return sheet


def contrast_figure(contrast_set: ContrastSet, variant: str = "original") -> Sheet:
    """One variant's four cells: what is so, what the protagonist believes, and both questions.

    What is told otherwise than in the false-belief story stands in black.
    """
    stories = _stories(contrast_set, variant)
    height = sum(TITLE + story.height + BETWEEN for story in stories.values())
    width = max(story.width for story in stories.values())
    sheet = Sheet(width, MARGIN + height + LEGEND - BETWEEN / 2)
    top, first = MARGIN, next(iter(stories.values()))
    for letter, (cell, story) in zip("ABCD", stories.items(), strict=True):
        title = f"{letter}   {cell.replace('_', ' ').capitalize()}"
        right = MARGIN + text_width(title, SIZE, "bold") + 0.2
        sheet.write(MARGIN, top + 0.06, title, weight="bold")
        sheet.write(right, top + 0.06, headline(contrast_set, cell, variant))
        draw_rows(sheet, story, top + TITLE)
        otherwise = _told_otherwise(first.sentences, story.sentences)
        draw_sentences(sheet, story, top + TITLE + story.rows_height, otherwise)
        top += TITLE + story.height + BETWEEN
        sheet.line((MARGIN, top - 0.18), (width - MARGIN, top - 0.18))
    draw_legend(sheet, list(stories.values()), sheet.height - 0.14)
    return sheet


def headline(contrast_set: ContrastSet, cell: str, variant: str) -> str:
    """A cell's two headline questions, answered."""
    plot = contrast_set.plot(cell, variant)
    asker, oracles = Asker(plot, contrast_set.voice), Oracles(plot)
    who = contrast_set.cast(variant).protagonist.name
    said = []
    for query in contrast_set.queries(who, variant, HEADLINE[contrast_set.paradigm]):
        right = answer(oracles, query)
        said.append(f"{asker.beginning(query, str(right))} {right}.")
    return " ".join(said)


def _stories(contrast_set: ContrastSet, variant: str) -> dict[str, Told]:
    """By cell; how a story opens is told once where it is the same."""
    chains = [FACTS, (contrast_set.cast(variant).protagonist.name,)]
    found: dict[str, Told] = {}
    for cell in CELLS[contrast_set.paradigm]:
        story = told(contrast_set.plot(cell, variant), contrast_set.voice, chains)
        first = next(iter(found.values()), None)
        same = first is not None and first.sentences[0] == story.sentences[0]
        found[cell] = story.opening(SAME_OPENING) if same else story
    return found


def _told_otherwise(first: Sequence[str], other: Sequence[str]) -> set[int]:
    """The sentences that the first story does not have there; of the first story all."""
    numbers = set(range(len(other)))
    if first == other:
        return numbers
    matcher = SequenceMatcher(a=first, b=other, autojunk=False)
    same = {block.b + n for block in matcher.get_matching_blocks() for n in range(block.size)}
    return numbers - same - ({0} if other[0] == SAME_OPENING else set())


def main(words: Sequence[str]) -> int:
    """Writes both figures of a seed as PNG and SVG; exit status 2 for a wrong command."""
    if len(words) != 2:
        print("usage: python -m tombench.summary.timeline_figure SEED FOLDER", file=sys.stderr)
        return 2
    story = Suite(seed=words[0], sets=1).contrast_set(0)
    figures = {
        "story_timeline": timeline_figure(
            told(story.plot("false_belief", "original"), story.voice)
        ),
        "contrast_set": contrast_figure(story),
    }
    for name, sheet in figures.items():
        for kind in ("png", "svg"):
            path = Path(words[1]) / f"{name}.{kind}"
            path.write_bytes(sheet.saved(kind))
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
