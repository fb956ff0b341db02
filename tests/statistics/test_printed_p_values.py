"""The study's printed p-values come out of its counts by hand."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from tombench.statistics.bias import answer_bias
from tombench.statistics.paired import paired_difference

pytestmark = [
    pytest.mark.upstream,
    pytest.mark.skipif("TOMBENCH_UPSTREAM" not in os.environ, reason="no published data"),
]
SMALLEST = 1e-4  # a printed .0001 may stand for something smaller


def published(name: str) -> dict:
    path = Path(os.environ["TOMBENCH_UPSTREAM"]) / "vignettes" / name
    return json.loads(path.read_text(encoding="utf-8"))


def agrees(found: float, printed: float) -> bool:
    return abs(found - printed) <= 5e-5 or (printed == SMALLEST and found < SMALLEST)


def test_paired_against_base() -> None:
    counts, printed = published("hand_counts.json"), published("printed_p_values.json")
    checked = 0
    for model, by_prompting in counts.items():
        shares = {name: np.array(right) / 20 for name, right in by_prompting.items()}
        for prompting, p in printed[model]["paired"].items():
            found = paired_difference(shares[prompting] - shares["Base"])
            assert agrees(found.p, p), (model, prompting, found.p, p)
            checked += 1
    assert checked == 9


def test_yes_no_bias() -> None:
    counts, printed = published("hand_counts.json"), published("printed_p_values.json")
    scenarios = published("scenarios.json")["scenarios"]
    yes = np.array([scenario["answer"] == "yes" for scenario in scenarios])
    checked = 0
    for model, by_prompting in counts.items():
        for prompting, p in printed[model]["bias"].items():
            shares = np.array(by_prompting[prompting]) / 20
            found = answer_bias(shares[yes], shares[~yes])
            assert agrees(found.p, p), (model, prompting, found.p, p)
            checked += 1
    assert checked == 12
