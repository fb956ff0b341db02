"""The sparse-parameter study's published tasks and prompts, as task=sparsity reads them."""

import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from tombench.datafile import EMBEDDED
from tombench.models.encoding import Encoding
from tombench.models.tokenizer import load_tokenizer
from tombench.schema import GenerateResponse, LikelihoodResponse, Record, Sample
from tombench.tasks.sparsity import Sparsity
from tombench.tasks.sparsity_data import TomText
from tombench.tasks.sparsity_study import study_rows

pytestmark = [
    pytest.mark.upstream,
    pytest.mark.skipif("TOMBENCH_UPSTREAM" not in os.environ, reason="no TOMBENCH_UPSTREAM"),
]
FOLDER = Path(os.environ.get("TOMBENCH_UPSTREAM", "")) / "false_belief"
NO_MASKS = {"m_start": 0.0, "m_end": 0.0, "m_step": 1e-6, "controls": (), "perplexity": False}


def task(repetitions: int) -> Sparsity:
    path = str(FOLDER / "tasks.json")
    options = {"data": path, "as_published": True, "specificity_sets": 0}
    return Sparsity(**options, **NO_MASKS, repetitions=repetitions)


def answered(task: Sparsity, said) -> list[Record]:
    """The records of one who says `said(item, repetition)`."""
    records = []
    for item in task.items():
        options = item.content.item.content.options
        choice = LikelihoodResponse("", (-1.0,) * len(options), (1,) * len(options))
        texts = [said(item, number) for number in range(task.repetitions)]
        drawn = GenerateResponse("", tuple(Sample(f" {text}.", 2, False) for text in texts))
        records += task.score(item, [], [choice, drawn])
    return records


def test_the_oracle_and_one_word_for_both_prompts() -> None:
    own = task(1)
    (row,) = study_rows(answered(own, lambda item, _: item.target), {})
    told = row.columns
    assert [told[f"{name}_total_mean"] for name in ("contents", "transfer", "irony")] == [
        *(160, 160, 24)
    ]
    assert told["avg_percent_unexpected_transfer"] == 100
    real = {  # the answer to the first prompt of a cell, for both
        item.content.item.id.rsplit("/", 1)[0]: item.target
        for item in own.items()
        if item.condition["question_type"] == "reality"
    }
    (row,) = study_rows(
        answered(own, lambda item, _: real.get(item.content.item.id.rsplit("/", 1)[0], "No")), {}
    )
    told = row.columns
    assert [told[f"{name}_total_mean"] for name in ("contents", "transfer")] == [120, 120]
    assert [told[f"{name}_false_belief_total_mean"] for name in ("contents", "transfer")] == [0, 0]


def test_a_coin_solves_a_quarter() -> None:
    own, rng = task(20), random.Random(0)
    records = answered(own, lambda item, _: rng.choice(item.content.options))
    (row,) = study_rows(records, {})
    for name in ("contents", "transfer"):  # 40 of 160, sd of a total 5.5, of the mean of 20 1.2
        assert row.columns[f"{name}_total_mean"] == pytest.approx(40, abs=4)
        assert row.columns[f"{name}_total_var"] > 0


def test_prompts_are_read_as_the_study_reads_them() -> None:
    path = FOLDER / "tom_training_data.json"
    own = EMBEDDED / "models" / "tiny"
    encoding = Encoding(load_tokenizer(own, "tiny", False), None)
    texts = [entry["txt"] for entry in json.loads(path.read_text(encoding="utf-8"))]
    random.seed(7)  # as the study: its generator, its shuffle
    order = list(range(len(texts)))
    random.shuffle(order)
    expected = [
        tuple(encoding.tokenizer(texts[place], add_special_tokens=False)["input_ids"])
        for place in order[:50]
    ]
    samples = TomText("study", path, 50, 0, 7).samples(encoding)
    assert [sample.ids for sample in samples] == expected
    assert all(sample.first == len(sample.ids) - 1 for sample in samples)
    supervised = Counter(encoding.tokenizer.decode(sample.ids[-1]) for sample in samples)
    assert set(supervised) <= {" of", " the"}  # no answer is ever seen
    short = TomText("study", path, 50, 20, 7).samples(encoding)
    assert [sample.ids for sample in short] == [ids[-20:] for ids in expected]
