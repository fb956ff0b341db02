"""What the report carries of records: all if there is room, else a sample that is told."""

import gzip
import json
from base64 import b64decode
from collections import Counter

import pytest
from record_runs import line, made, put_aside

from tombench.summary.columns import shelf
from tombench.summary.report import texts
from tombench.summary.report.packing import pack

ROOM = 1_000_000


def unpacked(block: str):
    return json.loads(gzip.decompress(b64decode(block)))


def level(column, row: int):
    return column["levels"][column["at"][row]]


@pytest.fixture
def packed(tmp_path):
    """Packs runs made of lines."""

    def go(*runs_lines, budget: int = ROOM, **about):
        runs = [made(tmp_path / f"r{n}", own, **about) for n, own in enumerate(runs_lines)]
        with shelf() as aside:
            return pack(runs, put_aside(aside, runs), budget)

    return go


def test_blocks_are_in_the_forms_that_the_page_reads(packed) -> None:
    lines = [
        line("a.1", value=0, answer="no", needs_review=True, log_probs={"yes": -0.123456789}),
        line("a.1", 2, value=1 / 3, category="unparsed", error="late", target=None, log_probs={}),
        line("b.1", condition={"cell": "informed", "m": "2e-06"}, thinking="Hm.", tokens=7),
    ]
    (run,) = packed(lines)
    assert (run.records, run.kept, run.told) == (3, 3, 3)
    assert unpacked(run.rows) == {
        "n": 3,
        "of": 3,
        "columns": {
            "item": {"levels": ["a.1", "b.1"], "at": [0, 0, 1]},
            "cluster": {"levels": ["a", "b"], "at": [0, 0, 1]},
            "answer": {"levels": ["no", "yes"], "at": [0, 1, 1]},
            "target": {"levels": ["yes", None], "at": [0, 1, 0]},
            "category": {"levels": ["answered", "unparsed"], "at": [0, 1, 0]},
            "needs_review": {"levels": [False, True], "at": [1, 0, 0]},
        },
        "condition": {
            "cell": {"levels": ["informed"], "at": [0, 0, 0]},
            "m": {"levels": [None, "2e-06"], "at": [0, 0, 1]},
        },
        "repetition": [1, 2, 1],
        "score": [0, 0.333333, 1],
        "id": None,
        "text": [0, 1, 2],
    }
    assert unpacked(run.texts) == {
        "prompt": {"levels": ["Where is a.1?", "Where is b.1?"], "at": [0, 0, 1]},
        "response": ["Yes.", "Yes.", "Yes."],
        "reason": {"levels": ["the first word"], "at": [0, 0, 0]},
        "thinking": ["", "", "Hm."],
        "error": [None, "late", None],
        "log_probs": [{"yes": -0.1235}, None, {"yes": -0.5, "no": -1.25}],
        "tokens": [2, 2, 7],
        "truncated": [False, False, False],
    }


def test_ids_that_are_not_items_and_numbers_are_told(packed) -> None:
    (run,) = packed([line("q7", 0, id="q7"), line("q8", 0)])
    assert unpacked(run.rows)["id"] == ["q7", "q8/00"]


def test_a_share_is_no_right_answer(packed) -> None:
    (run,) = packed([line("a", n, value=v) for n, v in enumerate([1 - 1e-9, 1e-9, 1.0, 0.0])])
    assert unpacked(run.rows)["score"] == [1 - 1e-9, 1e-9, 1, 0]


def test_a_run_without_records(packed) -> None:
    empty, other = packed([], [line("a")])
    assert (empty.records, empty.kept, empty.told) == (0, 0, 0)
    rows = unpacked(empty.rows)
    assert (rows["n"], rows["of"], rows["score"], rows["condition"]) == (0, 0, [], {})
    assert unpacked(empty.texts)["response"] == [] and other.told == 1


def test_hostile_and_broken_texts_are_carried_as_they_are(packed) -> None:
    hostile = ["</script><script>x", "\x00\x1b[2J\u202e", "half \ud83d", "\u2028é🙂"]
    (run,) = packed([line("a", n, response=r) for n, r in enumerate(hostile)])
    expected = [*hostile[:2], "half \\ud83d", hostile[3]]
    assert unpacked(run.texts)["response"] == expected
    assert set(run.texts) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
    )


def test_long_texts_are_cut_and_say_so(packed) -> None:
    long = "x" * 10_000_000
    (run,) = packed([line("a", response=long, thinking=long, prompt=long)])
    block = unpacked(run.texts)
    told = "x" * texts.LONGEST + "\n[9,980,000 more characters stand in the run's records.jsonl]"
    assert block["response"] == block["thinking"] == block["prompt"]["levels"] == [told]


def test_log_probabilities_that_are_no_numbers_are_null(packed) -> None:
    (run,) = packed([line("a", log_probs={"yes": float("nan"), "no": None, "zero": 0.0})])
    assert unpacked(run.texts)["log_probs"] == [{"yes": None, "no": None, "zero": 0.0}]


def many(items: int, repetitions: int = 2, wrong: str = "", tag: str = ""):
    """Lines that do not compress: every response has its own letters."""
    return [
        line(f"i{item:03d}", n, value=float(f"i{item:03d}" != wrong),
             condition={"cell": f"c{item % 5}", "item_too": str(item)},
             response=" ".join(f"{tag}{hash_of(item, n, word)}" for word in range(30)))
        for item in range(items) for n in range(1, repetitions + 1)
    ]  # fmt: skip


def hash_of(*parts: int) -> str:
    number = 1
    for part in parts:
        number = (number * 1_000_003 + part * 7_919 + 12_345) % (2**61 - 1)
    return f"{number * number % (2**61 - 1):x}"


def told_items(run) -> Counter:
    rows = unpacked(run.rows)
    told = [row for row in range(rows["n"]) if rows["text"][row] >= 0]
    return Counter(level(rows["columns"]["item"], row) for row in told)


def test_what_there_is_no_room_for_is_sampled(packed) -> None:
    """Whole items, the same in both runs, and both kinds of answers of each run among them."""
    budget = 60_000
    runs = packed(many(200, wrong="i017"), many(200, wrong="i093", tag="z"), budget=budget)
    assert budget * 0.6 < sum(len(run.rows) + len(run.texts) for run in runs) <= budget
    first, second = map(told_items, runs)
    assert set(first.values()) == {2} and first == second
    assert {"i017", "i093"} <= set(first)
    assert 2 * 5 < len(first) < 200
    for run in runs:
        rows = unpacked(run.rows)
        assert (run.records, run.kept, rows["n"]) == (400, 400, 400)
        assert run.told == sum(place >= 0 for place in rows["text"])
        responses = unpacked(run.texts)["response"]
        assert sorted(place for place in rows["text"] if place >= 0) == list(range(len(responses)))


def test_rows_point_at_their_own_texts(packed) -> None:
    lines = many(60, repetitions=1)
    (run,) = packed(lines, budget=12_000)
    rows, block = unpacked(run.rows), unpacked(run.texts)
    known = {one["item"]: one["response"] for one in lines}
    told = [row for row in range(rows["n"]) if rows["text"][row] >= 0]
    assert 3 < len(told) < 60
    for row in told:
        item = level(rows["columns"]["item"], row)
        assert block["response"][rows["text"][row]] == known[item]
        assert level(block["prompt"], rows["text"][row]) == f"Where is {item}?"


def test_a_small_run_is_whole_beside_a_large_one(packed) -> None:
    small, large = packed(many(5), many(400), budget=40_000)
    assert (small.kept, small.told) == (10, 10)
    assert large.told < large.records == 800


def test_rows_are_sampled_where_even_they_have_no_room(packed) -> None:
    (run,) = packed(many(3_000), budget=20_000)
    assert 0 < run.told <= run.kept < run.records == 6_000
    rows = unpacked(run.rows)
    assert (rows["n"], rows["of"]) == (run.kept, 6_000)
    assert {level(rows["condition"]["cell"], row) for row in range(rows["n"])} == {
        f"c{n}" for n in range(5)
    }
    assert len(run.rows) + len(run.texts) <= 20_000


@pytest.mark.parametrize("budget", [0, -5])
def test_no_room_at_all(packed, budget) -> None:
    (run,) = packed(many(3), budget=budget)
    assert (run.records, run.kept, run.told) == (6, 0, 0)
    assert unpacked(run.rows)["of"] == 6 and unpacked(run.texts)["response"] == []


def test_the_same_records_give_the_same_bytes(packed) -> None:
    lines = many(100)
    assert packed(lines, budget=30_000) == packed(lines, budget=30_000)
