"""Every figure has words in its place, made of its own numbers; and is the same bytes each time."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest
from summary.games_toy import drawn, school, shares
from summary.planner_toy import run_folder as planner_folder
from summary.sparsity_toy import run_folder as masked_folder

from tombench.cli import run
from tombench.schema import Metric
from tombench.summary.alt_words import count, extremes, listed, percent, signed
from tombench.summary.answers import ItemScores
from tombench.summary.collect import collect
from tombench.summary.figures import HATCHES, MARKERS, MOST_TOLD_APART, SERIES, Figure, style_of
from tombench.summary.pages import task_pages

TITLE = "{http://www.w3.org/2000/svg}title"


def figures_of(root: Path) -> dict[str, Figure]:
    runs = collect([], root / "eval")
    scores = [None if own.games or own.sparsity else _no_scores() for own in runs]
    pages = task_pages(runs, scores)
    return {figure.name: figure for page in pages for figure in page.figures}


def _no_scores() -> ItemScores:
    return ItemScores(means={}, targets={}, answers={}, wording=None, items={}, clusters={})


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outputs")
    masked_folder(folder)
    planner_folder(folder, "observer")
    school(
        folder,
        drawn(shares(0.5, 0.5, 0.5, 0.5), 8),
        drawn(shares(1.0, 1.0, 1.0, 1.0), 8),
        drawn(shares(0.75, 0.75, 0.75, 0.75), 8),
    )
    words = ["stage=eval", f"output_root={folder}", "quiet=true", "backend=mock", "limit=24"]
    told = ["task=vignettes", "task.suite=generated", "backend.mind=reality_biased"]
    assert run([*words, *told]) == 0
    return folder


@pytest.fixture(scope="module")
def figures(root: Path) -> dict[str, Figure]:
    return {name: one for name, one in figures_of(root).items() if one.draw("png")}


def test_every_figure_is_told_in_sentences_with_numbers(figures: dict[str, Figure]):
    assert len(figures) >= 10
    for name, figure in figures.items():
        assert re.search(r"\d", figure.alt), name
        assert figure.alt.endswith(".") and figure.alt.count(". ") >= 1, name
        assert 100 < len(figure.alt) < 2000 and "nan" not in figure.alt, name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("planner_mmtom", "observer 90 % [84, 95]"),
        ("choices_games", "local: prison 75 % [6, 99]"),
        ("gaps_games", "4 cells: student 0.250, untuned 0.500, gap closed +0.50"),
        ("sweep_sparsity", "false belief (share right) −0.20 [−0.30, −0.10]"),
        ("stories_vignettes", "false belief 0 %"),
    ],
)
def test_a_figures_words_have_its_numbers(figures: dict[str, Figure], name: str, told: str):
    assert told in figures[name].alt


@pytest.fixture(scope="module")
def drawings(figures: dict[str, Figure]) -> dict[str, bytes]:
    return {name: figure.draw("svg") or b"" for name, figure in figures.items()}


def test_a_figure_is_the_same_bytes_each_time(root: Path, drawings: dict[str, bytes]):
    again = figures_of(root)
    with matplotlib.rc_context({"axes.titlesize": 30, "font.family": "monospace"}):
        for name, drawing in drawings.items():
            assert again[name].draw("svg") == drawing, name
        assert again["planner_mmtom"].draw("png") == again["planner_mmtom"].draw("png")


def test_an_svg_has_a_title_and_no_date(drawings: dict[str, bytes]):
    for name, drawing in drawings.items():
        title = ElementTree.fromstring(drawing).find(TITLE)
        assert title is not None and title.text, name
        assert b"<dc:date>" not in drawing, name


def test_what_is_compared_differs_in_colour_or_marker():
    told = [style_of(number) for number in range(MOST_TOLD_APART)]
    assert len({*told}) == MOST_TOLD_APART
    assert len(SERIES) * len(MARKERS) == MOST_TOLD_APART
    assert len({*HATCHES}) == len(HATCHES)
    assert all(one[1] != two[1] for one, two in pairwise(told))


def test_words_of_numbers():
    assert percent(Metric(0.505, 0.38, 0.64, 10, 5)) == "50 % [38, 64]"
    assert percent(-0.0001) == "0 %"
    assert signed(-0.2, -0.3, 0.1) == "−0.20 [−0.30, +0.10]"
    assert signed(-0.001) == "+0.00"
    assert listed(["a", "b", "c"], most=2) == "a; b; 1 more in the table"
    assert (count(1, "sink"), count(2, "sink")) == ("1 sink", "2 sinks")
    assert extremes([("a", 0.5), ("b", 0.1), ("c", 0.9)]) == ("b", "c")
