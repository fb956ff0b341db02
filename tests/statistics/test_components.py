"""Variance that wording causes, from records: designs, gaps, names."""

import numpy as np
import pytest

from tombench.schema import Record, Score
from tombench.statistics.components import wording_metrics, wording_variance


def record(item: str, paraphrase: str, template: str, repetition: int, value: float) -> Record:
    name = f"{item}~{paraphrase}{template}"
    condition = {"paraphrase": paraphrase, "template": template, "kind": "k"}
    score = Score(value, "yes", "")
    return Record(f"{name}/{repetition}", name, repetition, item, condition, "", "", "yes", score)


def crossed(values: np.ndarray) -> list[Record]:
    """Records of scores [items, paraphrases, templates, repetitions]."""
    return [
        record(f"i{i:02d}", str(p), f"t{t}", r, float(value))
        for (i, p, t, r), value in np.ndenumerate(values)
    ]


def binomial(items: int, effects: list[list[float]], each: int) -> np.ndarray:
    """Right or wrong, with probability .5 + an effect of each wording + one of each item."""
    random = np.random.default_rng(0)
    chance = 0.5 + np.array(effects)[None] + random.normal(0, 0.1, items)[:, None, None]
    drawn = random.random((*chance.shape, each)) < np.clip(chance, 0, 1)[..., None]
    return drawn.astype(float)


def test_one_wording_has_no_variance() -> None:
    records = crossed(binomial(8, [[0.0]], 5))
    assert wording_variance(records) is None
    assert wording_metrics(wording_variance(records)) == {}
    assert wording_variance([]) is None


def test_known_effects_are_found() -> None:
    """400 items: paraphrases .2 apart, templates alike."""
    records = crossed(binomial(400, [[-0.1, -0.1], [0.1, 0.1]], 10))
    found = wording_variance(records)
    assert (found.items, found.wordings, found.repetitions, found.answers) == (400, 4, 10, 16_000)
    assert found.spreads["paraphrase"].sd == pytest.approx(0.2 / np.sqrt(2), abs=0.01)
    assert found.spreads["template"].sd == pytest.approx(0.0, abs=0.01)
    assert found.spreads["all"].range == pytest.approx(0.2, abs=0.02)
    assert found.components.paraphrase == pytest.approx(0.02, abs=0.003)
    assert found.components.item == pytest.approx(0.01, abs=0.003)
    assert found.components.residual == pytest.approx(0.25 - 0.01 - 0.01, abs=0.005)


def test_metrics_have_their_names_and_sizes() -> None:
    metrics = wording_metrics(wording_variance(crossed(binomial(16, [[-0.1, 0.0], [0.1, 0.0]], 5))))
    assert list(metrics) == [
        "prompt_sd/paraphrase",
        "prompt_sd/template",
        "prompt_sd/all",
        "prompt_range",
    ]
    for metric in metrics.values():
        assert (metric.n, metric.clusters) == (16 * 4 * 5, 16)
        assert 0 <= metric.low <= metric.value <= metric.high


def test_one_factor_alone() -> None:
    found = wording_variance(crossed(binomial(16, [[-0.1], [0.0], [0.1]], 5)))
    assert set(found.spreads) == {"paraphrase", "all"}
    assert found.components.template is None
    assert found.components.paraphrase_by_template is None
    assert found.spreads["paraphrase"] == found.spreads["all"]


def test_one_answer_a_cell() -> None:
    found = wording_variance(crossed(binomial(16, [[-0.1], [0.1]], 1)))
    assert found.components.item_by_wording is None
    assert found.components.residual > 0


def test_items_that_lack_a_wording_are_left_out_and_told() -> None:
    records = crossed(binomial(6, [[-0.1], [0.1]], 4))
    short = [r for r in records if not (r.cluster == "i03" and r.condition["paraphrase"] == "1")]
    found = wording_variance(short)
    assert (found.items, found.left_out) == (5, ("i03",))
    assert wording_variance([r for r in short if r.cluster in ("i02", "i03")]) is None


def test_unequal_cells_use_what_all_have_and_the_order_does_not_matter() -> None:
    values = binomial(6, [[-0.1], [0.1]], 4)
    records = [r for r in crossed(values) if not r.id.startswith("i02~1t0/3")]
    found = wording_variance(records)
    assert found.repetitions == 3
    assert found == wording_variance(crossed(values[..., :3]))
    assert found == wording_variance(records[::-1])


def test_negative_estimates_are_zero_and_told() -> None:
    values = np.zeros((4, 2, 1, 2))
    values[..., 0] = 1.0  # every cell half right: no spread but that of repetitions
    found = wording_variance(crossed(values)).components
    assert (found.item, found.paraphrase) == (0, 0)
    assert found.negative == ("item × paraphrase",)
    assert found.residual == pytest.approx(0.5)
