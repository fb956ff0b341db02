"""Thinking and answer: each way in which models write them, and what holds of any text."""

import random

import pytest

from tombench.scorers.thinking import PAIRS, Split, split_thinking

FINAL = "<|start|>assistant<|channel|>final<|message|>"

CASES = {
    "no thinking": ("No, she does not. ", Split("", "No, she does not. ", True)),
    "empty": ("", Split("", "", True)),
    "a block": ("<think>\nHm.\n</think>\n\nNo.", Split("Hm.", "No.", True)),
    "an empty block": ("<think>\n\n</think>\n\nNo.", Split("", "No.", True)),
    "a closing tag alone": ("Hm.\n</think>\n\nNo.", Split("Hm.", "No.", True)),
    "cut off": ("<think>\nHm, she", Split("Hm, she", "", False)),
    "several blocks": (
        "<think>Hm.</think>No.<think>Or?</think> Still no.",
        Split("Hm.\n\nOr?", "No.\n\nStill no.", True),
    ),
    "closed twice": ("<think>Hm.</think>Ah.</think>No.", Split("Hm.\n\nAh.", "No.", True)),
    "cut off in a second block": ("No. <think>Or", Split("Or", "No.", False)),
    "text before it": ("Well, <think>hm</think> no.", Split("hm", "Well,\n\nno.", True)),
    "quoted in thinking": (
        '<think>They wrote "</think>" and `<think>`.</think>No.',
        Split('They wrote "</think>" and `<think>`.', "No.", True),
    ),
    "quoted in the answer": ("No: “<think>” is a tag.", Split("", "No: “<think>” is a tag.", True)),
    "another opening inside": ("<think>a <think> b</think>No.", Split("a <think> b", "No.", True)),
    "another closing inside": (
        "<think>a </reasoning> b</think>No.",
        Split("a </reasoning> b", "No.", True),
    ),
    "channels": (
        f"<|channel|>analysis<|message|>Hm.<|end|>{FINAL}No.<|return|>",
        Split("Hm.", "No.", True),
    ),
    "channels after a start": (f"{FINAL}No.<|return|>", Split("", "No.", True)),
    "a remark before the answer": (
        "<|channel|>analysis<|message|>Hm.<|end|>"
        f"<|start|>assistant<|channel|>commentary<|message|>So.<|end|>{FINAL}No.",
        Split("Hm.\n\nSo.", "No.", True),
    ),
    "channels cut off": ("<|channel|>analysis<|message|>Hm", Split("Hm", "", False)),
    "channels without their tags": ("analysisHm.assistantfinalNo.", Split("Hm.", "No.", True)),
    "a word like a channel's": ("analysis says no", Split("", "analysis says no", True)),
}


@pytest.mark.parametrize("name", CASES)
def test_what_models_write(name: str) -> None:
    text, expected = CASES[name]
    assert split_thinking(text) == expected


@pytest.mark.parametrize("pair", PAIRS.items(), ids=list(PAIRS))
def test_each_pair_of_tags(pair: tuple[str, str]) -> None:
    opening, closing = pair
    assert split_thinking(f"{opening}Hm.{closing}No.") == Split("Hm.", "No.", True)
    assert split_thinking(f"Hm.{closing}No.") == Split("Hm.", "No.", True)
    assert split_thinking(f"Hm.{closing}No.", opened=True) == Split("Hm.", "No.", True)
    assert split_thinking(f"{opening}Hm.") == Split("Hm.", "", False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hm", Split("Hm", "", False)),
        ("Hm.</think>No.", Split("Hm.", "No.", True)),
        ("<think>Hm.</think>No.", Split("Hm.", "No.", True)),  # opened by the prompt and again
        ("\n<think>\nHm.", Split("Hm.", "", False)),
        ("", Split("", "", False)),
    ],
)
def test_a_block_that_the_prompt_opened(text: str, expected: Split) -> None:
    assert split_thinking(text, opened=True) == expected


def random_text(rng: random.Random, tags: bool) -> str:
    pieces = ["Yes", "no", ". ", "\n\n", " ", "'", '"', "<", "think>", "é", "[", "|"]
    named = [tag for pair in PAIRS.items() for tag in pair]
    choices = pieces + named * tags
    text = "".join(rng.choice(choices) for _ in range(rng.randrange(12)))
    return text if tags or not any(tag in text for tag in named) else ""


def test_a_text_without_tags_is_its_own_answer() -> None:
    rng = random.Random(0)
    for _ in range(2000):
        text = random_text(rng, tags=False)
        assert split_thinking(text) == Split("", text, True)


def test_any_block_before_any_answer_comes_off() -> None:
    rng = random.Random(1)
    for _ in range(2000):
        thinking, answer = (random_text(rng, tags=False).strip("'\" \n") for _ in range(2))
        opening, closing = rng.choice(list(PAIRS.items()))
        split = split_thinking(f"{opening}\n{thinking}\n{closing}\n\n{answer}")
        assert split == Split(thinking.strip(), answer.strip(), True)
        opened = split_thinking(f"{thinking}\n{closing}\n\n{answer}", opened=True)
        assert opened == split


def test_nothing_but_tags_and_blanks_is_lost() -> None:
    rng = random.Random(2)
    for _ in range(5000):
        text = random_text(rng, tags=True)
        split = split_thinking(text, opened=rng.random() < 0.5)
        kept = sorted(split.thinking + split.answer)
        for tag in (tag for pair in PAIRS.items() for tag in pair):
            text = text.replace(tag, "")
        found = sorted("".join(split.thinking.split() + split.answer.split()))
        assert len(kept) >= len(found) >= len("".join(text.split()))
        assert split_thinking(split.answer).closed or not split.closed
