"""One line a run of every task: which score, which shortcut beside it, what could be found."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from summary import games_toy, planner_toy, sparsity_toy

from tombench.metrics import share
from tombench.schema import Metric, Record, Score
from tombench.statistics.power import expected_sd, minimum_detectable_difference
from tombench.summary.answers import ItemScores, item_scores
from tombench.summary.collect import EvaluatedRun, Stories, collect
from tombench.summary.grid import latex, markdown
from tombench.summary.report.contents import Headline
from tombench.summary.report.headlines import headline_csv, headline_grid, headlines

MEANS = (0.2, 0.4, 0.6, 0.8, 1.0, 0.5, 0.0, 0.9)  # of eight scenarios, ten answers each


def fixed(value: float, n: int = 80, clusters: int = 40) -> Metric:
    return Metric(value, max(0, value - 0.1), min(1, value + 0.1), n, clusters)


def run(metrics: Mapping[str, Metric], **more: object) -> EvaluatedRun:
    made = EvaluatedRun(
        Path("m/v0001"),
        "vignettes",
        "m",
        "base",
        "data=own data_sha256=0",
        "{}",
        "",
        None,
        "",
        "",
        metrics,
    )
    return replace(made, **more)


def answered(means: Sequence[float] = MEANS) -> tuple[dict[str, Metric], ItemScores]:
    """Metrics and scores of scenarios of ten answers each."""
    records = [
        Record(
            f"s{s}/{n}", f"s{s}", n, f"s{s}", {}, "", "", "yes", Score(float(n < 10 * mean), "", "")
        )
        for s, mean in enumerate(means)
        for n in range(10)
    ]
    accuracy = share([r.score.value for r in records], [r.cluster for r in records])
    metrics = {"accuracy": accuracy, "unparsed": fixed(0.125), "baseline/always_yes": fixed(0.25)}
    return metrics | {"baseline/majority": fixed(0.75)}, item_scores(records)


def one(made: EvaluatedRun, own: ItemScores | None = None) -> Headline:
    (found,) = headlines([made], [own])
    return found


def test_answers_under_a_prompting() -> None:
    metrics, own = answered()
    found = one(run(metrics), own)
    assert (found.label, found.how, found.score.name) == ("m", "Base", "accuracy")
    assert found.score.metric is metrics["accuracy"]
    assert found.baseline and found.baseline.name == "constant answer"
    assert found.baseline.metric.value == 0.75
    assert found.unparsed and found.unparsed.value == 0.125
    sd = expected_sd(np.array(MEANS).std(ddof=1))
    assert found.detectable == pytest.approx(minimum_detectable_difference(sd, 8), rel=1e-12)
    assert found.unknown == ""


def test_without_records_the_interval_tells_the_same_spread() -> None:
    metrics, own = answered()
    assert one(run(metrics)).detectable == pytest.approx(
        one(run(metrics), own).detectable, rel=1e-9
    )


@pytest.mark.parametrize(
    ("means", "why"),
    [
        ([0.5] * 8, "all clusters score alike"),
        ([1.0] * 8, "all clusters score alike"),
        ([0.3], "one cluster has no spread"),
        ([0.0, 1.0], "too few clusters for any comparison"),
    ],
)
def test_why_no_least_difference_is_known(means: list[float], why: str) -> None:
    found = one(run(answered(means)[0]), answered(means)[1])
    assert (found.detectable, found.unknown) == (None, why)
    assert headline_grid([found]).notes[-1] == f"No least difference of vignettes m: {why}."
    assert headline_grid([found]).rows[0][-1] == "–"


def test_nothing_was_drawn() -> None:
    found = one(run(answered()[0], put="family=a repetitions=0"))
    assert found.score.name == "forced choice"


def test_a_user_s_task_shows_its_first_metric() -> None:
    metrics = {"mean_rank": Metric(3.0, 2.5, 3.5, 20, 10), "other": fixed(0.5)}
    found = one(run(metrics | {"baseline/guess": fixed(0.1), "baseline/last": fixed(0.2)}))
    assert (found.score.name, found.score.metric.value) == ("mean rank", 3.0)
    assert found.baseline and found.baseline.name == "last"
    assert (found.detectable, found.unparsed) == (None, None)
    assert found.unknown == "not a share, so its interval does not tell the spread"


def test_a_run_without_any_metric_has_a_line() -> None:
    found = one(run({}))
    assert headline_grid([found]).rows[0][3] == "no metric – [–, –]"


def test_stories_by_pairs() -> None:
    pairs = share([1.0, 1, 1, 0, 0, 0, 1, 0], list("aabbccdd"))
    metrics = {"contrast_set_accuracy": fixed(0), "pair_accuracy": pairs, "accuracy": fixed(0.7)}
    metrics |= {"baseline/reality/pair_accuracy": fixed(0.0), "baseline/reality": fixed(0.5)}
    metrics |= {"baseline/first_mentioned/pair_accuracy": fixed(0.01)}
    metrics |= {"baseline/reality/cell_accuracy": fixed(0.75)}
    found = one(run(metrics, prompting="none", stories=Stories("generated", {})))
    assert (found.score.name, found.how) == ("pairs", "generated")
    assert found.baseline and found.baseline.name == "first mentioned"
    sd = np.array([1, 0.5, 0, 0.5]).std(ddof=1)  # of sets
    least = minimum_detectable_difference(expected_sd(sd), 4)
    assert least > 1 and found.unknown == "too few clusters for any comparison"
    without = {name: metric for name, metric in metrics.items() if name != "pair_accuracy"}
    assert one(run(without, stories=Stories("generated", {}))).score.name == "accuracy"


def test_stories_spread_by_their_sets() -> None:
    random = np.random.default_rng(0)
    right = random.integers(0, 2, (40, 2)).astype(float)
    pairs = share(right.ravel().tolist(), np.repeat(np.arange(40), 2).astype(str).tolist())
    found = one(run({"pair_accuracy": pairs}, stories=Stories("generated", {})))
    sd = expected_sd(right.mean(axis=1).std(ddof=1))
    assert found.detectable == pytest.approx(minimum_detectable_difference(sd, 40), rel=1e-9)


def test_planners_beside_the_observer_or_the_best_shortcut(tmp_path) -> None:
    planner_toy.run_folder(tmp_path, "observer")
    policy = {"name": "lm"} | planner_toy.POLICY
    planner_toy.run_folder(tmp_path, "lm", policy=policy, label="tiny", accuracies=(0.6,) * 7)
    runs = collect([], tmp_path / "eval")
    found = {row.run.model: row for row in headlines(runs, [None] * len(runs))}
    beside = {model: row.baseline and row.baseline.name for model, row in found.items()}
    assert beside == {"observer": "last target", "tiny": "observer"}
    assert found["tiny"].how == "seven types" and found["tiny"].label == "lm: tiny"
    assert found["tiny"].score.metric.value == pytest.approx(0.6)
    assert found["tiny"].detectable is not None


def test_masks_beside_masks_with_seeds(tmp_path) -> None:
    sparsity_toy.run_folder(tmp_path)
    (made,) = collect([], tmp_path / "eval")
    effect = Metric(-0.2, -0.3, -0.1, 80, 40)
    metrics = {"effect/false_belief_accuracy": effect, "unparsed": fixed(0.0)}
    metrics |= {"as_harmful/random/false_belief_accuracy": Metric(0.1, 0, 0.4, 10, 10)}
    found = one(replace(made, metrics=metrics))
    assert (found.score.name, found.how) == ("effect on false belief", "masks, false belief")
    assert found.baseline and found.baseline.name == "random masks as harmful"
    error = 0.1 / 1.959963984540054
    least = minimum_detectable_difference(error * np.sqrt(40), 40)
    assert found.detectable == pytest.approx(least, rel=1e-9)
    unmasked = one(replace(made, metrics={"false_belief_accuracy": fixed(0.4)}))
    assert unmasked.score.name == "false belief"


def test_games_by_cooperation_or_the_gap_closed(tmp_path) -> None:
    shares = games_toy.shares(0.1, 0.2, 0.3, 0.8)
    games_toy.run_folder(tmp_path, "law", games_toy.exact(shares))
    (made,) = collect([], tmp_path / "eval")
    found = one(made)
    assert (found.label, found.how, found.score.name) == ("law", "in-sample", "cooperation")
    assert found.baseline and (found.baseline.name, found.baseline.metric.value) == ("coin", 0.5)
    sd = expected_sd(np.array([0.1, 0.2, 0.3, 0.8]).std(ddof=1))
    least = minimum_detectable_difference(sd, 4)
    assert (found.detectable or least) == pytest.approx(least, rel=1e-9)
    assert (found.detectable is None) == (least > 1)
    closed = {
        "gap_closed": fixed(0.6, 216, 108),
        "baseline/coin": fixed(0.1),
        "invalid": fixed(0.05),
    }
    student = one(replace(made, metrics=dict(made.metrics) | closed))
    assert (student.score.name, student.unknown) == (
        "gap closed",
        "a ratio of gaps has no score a cell",
    )
    assert student.baseline and student.baseline.metric.value == 0.1
    assert student.unparsed and student.unparsed.value == 0.05
    nan = closed | {"gap_closed": Metric(float("nan"), 0, 0, 4, 4)}
    assert one(replace(made, metrics=dict(made.metrics) | nan)).score.name == "cooperation"


def test_answers_of_several_models_in_one_folder(tmp_path) -> None:
    cells = games_toy.shares(0.1, 0.2, 0.3, 0.8)
    games_toy.answers_folder(
        tmp_path, {name: games_toy.drawn(cells, 10, model=name) for name in ("7b", "70b")}
    )
    rows = headlines(collect([], tmp_path / "eval"), [None, None])
    assert {row.label for row in rows} == {"7b", "70b"}
    behind = headline_grid(rows).behind
    assert {behind[place, -1].only["model"] for place in range(2)} == {("7b",), ("70b",)}


@pytest.fixture
def rows() -> list[Headline]:
    metrics, own = answered()
    other = run(metrics, task="mmtom", folder=Path("o/v0002"), prompting="cot")
    return headlines([run(metrics), other], [own, None])


def test_the_grid_is_compact(rows) -> None:
    grid = headline_grid(rows)
    assert grid.rows[0] == (
        *(
            "vignettes",
            "m",
            "Base",
            "accuracy 0.55 [0.29, 0.79]",
            "80",
            "8",
            "0.75 constant answer",
        ),
        *("12.5 %", f"{rows[0].detectable:.2f}"),
    )
    assert grid.rules == {1}
    usual = [*grid.rows, ("vignettes", "qwen3-8b", "SbS+CoT", "accuracy 0.55 [0.29, 0.79]")]
    widths = [max(map(len, column)) for column in zip(grid.header, *grid.rows, strict=True)]
    widths[1] = max(len(row[1]) for row in usual)
    assert sum(widths) + 3 * len(widths) <= 120
    assert "least" in grid.header and any(note.startswith("least: ") for note in grid.notes)
    assert "0.75 constant answer" in markdown(grid) and "12.5 \\%" in latex(grid)


def test_what_stands_behind_a_line(rows) -> None:
    behind = headline_grid(rows).behind
    assert behind[1, -1].folder == Path("o/v0002") and behind[1, -1].only == {}
    assert behind[0, 7].only == {"answer": ("unparsed",)}


def test_csv_is_not_rounded(rows) -> None:
    first = headline_csv(rows)[0]
    assert first["value"] == pytest.approx(0.55, abs=1e-12) and first["clusters"] == 8
    assert first["minimum_detectable_difference"] == rows[0].detectable
    assert (first["metric"], first["beside"], first["beside_value"]) == (
        *("accuracy", "constant answer", 0.75),
    )


def test_the_docs_table_of_suites() -> None:
    text = (Path(__file__).parents[3] / "docs" / "statistics.md").read_text(encoding="utf-8")
    table = text.split("| suite | clusters |")[1].split("\n\n")[0]
    told = re.findall(r"^\| (.+) \| (\d+) \| .+ \| (0\.\d\d) \| (0\.\d\d) \|$", table, re.MULTILINE)
    assert len(told) == 11
    for suite, clusters, sd, least in told:
        spread = float(sd) if suite.endswith("an effect") else expected_sd(float(sd))
        assert f"{minimum_detectable_difference(spread, int(clusters)):.2f}" == least, suite
