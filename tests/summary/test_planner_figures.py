"""Figures of planner runs: what is drawn, and where."""

import pytest
from summary.planner_toy import POLICY, run_folder

from tombench.summary.collect import collect
from tombench.summary.planner_curves import alpha_figure, reliability_figure
from tombench.summary.planner_figures import types_figure, worlds_figure
from tombench.summary.planner_rows import PlannerRow, planner_rows

WORLDS = {"home": 0.9, "opaque": 0.7}
BINS = [
    {"low": 0.0, "high": 0.1, "n": 10, "mean_probability": 0.04, "share": 0.1},
    {"low": 0.9, "high": 1.0, "n": 40, "mean_probability": 0.96, "share": 0.9},
]
ALPHAS = [
    {"alpha": alpha, "accuracy": 0.8, "low": 0.7, "high": 0.9, "log_score": 0.4}
    for alpha in (0.0, 1.0, 2.0)
]
STEERED = {"name": "weak_to_strong", "alpha": 1.0, "sweep": [0.0, 1.0, 2.0], **POLICY}
PARTS = {"large/accuracy": 0.75, "large/log_score": 0.6}


@pytest.fixture(scope="module")
def rows(tmp_path_factory) -> list[PlannerRow]:
    root = tmp_path_factory.mktemp("outputs")
    run_folder(root, "a", task={}, data="questions.jsonl")
    seven = {"suite": "seven_types", "theme": list(WORLDS)}
    run_folder(root, "b", task=seven, themes=WORLDS, reliability=BINS)
    run_folder(
        root,
        "c",
        task={"suite": "graded_controls", "theme": ["home"]},
        policy=STEERED,
        label="tiny on small",
        alpha_sweep=ALPHAS,
        more=PARTS,
    )
    return planner_rows(collect([], root / "eval"))


@pytest.mark.parametrize("draw", [types_figure, worlds_figure, alpha_figure, reliability_figure])
def test_each_is_drawn_in_both_kinds(draw, rows):
    assert draw(rows, "png").startswith(b"\x89PNG")
    assert b"<svg" in draw(rows, "svg")


@pytest.mark.parametrize("draw", [worlds_figure, alpha_figure, reliability_figure])
def test_nothing_is_drawn_of_runs_that_have_nothing(draw, rows):
    assert draw([row for row in rows if row.questions == "questions.jsonl"], "png") is None


@pytest.fixture
def axes(monkeypatch):
    """The panels of the figure that was drawn last."""
    drawn = []
    for module in ("planner_figures", "planner_curves"):
        monkeypatch.setattr(
            f"tombench.summary.{module}.file_of", lambda figure, kind: drawn.append(figure)
        )
    return lambda: drawn[-1].axes


def test_published_marks_stand_under_the_seven_types_alone(rows, axes):
    types_figure(rows, "png")
    marked = {
        panel.get_title().split(":")[0]: [
            name for name in panel.get_legend_handles_labels()[1] if name.startswith("published")
        ]
        for panel in axes()
    }
    three = [
        "published: human, multimodal",
        "published: human, text",
        "published: scaled planner (Llama 3.1 8B to 405B), multimodal",
    ]
    assert {name: sorted(marks) for name, marks in marked.items()} == {
        "questions.jsonl": three,
        "seven types (2 worlds)": three,
        "graded controls": [],
    }


def test_home_comes_first_among_worlds(rows, axes):
    worlds_figure(rows, "png")
    (panel,) = axes()
    assert [label.get_text() for label in panel.get_xticklabels()] == ["home", "opaque"]
    (points,) = panel.containers
    assert points.lines[0].get_ydata() == pytest.approx([0.89, 0.69])  # macro


def test_the_sweep_and_each_part_alone(rows, axes):
    alpha_figure(rows, "png")
    accuracy, log_score = axes()
    curve = next(line for line in accuracy.lines if line.get_label() == "combined")
    assert curve.get_xdata() == pytest.approx([0, 1, 2])
    (large,) = (line for line in log_score.lines if line.get_label() == "large alone")
    assert set(large.get_ydata()) == {0.6}


def test_reliability_is_of_what_was_held_and_what_was_right(rows, axes):
    reliability_figure(rows, "png")
    (panel,) = axes()
    diagonal, curve = panel.lines
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata())
    assert list(curve.get_xdata()) == [0.04, 0.96] and list(curve.get_ydata()) == [0.1, 0.9]
