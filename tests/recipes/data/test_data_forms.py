"""Each form of rows by hand, what is left out and told, and each refusal with its line."""

import json

import pytest

from tombench.errors import UserError
from tombench.recipes.data.chats import shared_beginning
from tombench.recipes.data.rows import Completion, Message, Preference, Question
from tombench.recipes.data.settings import DataSettings
from tombench.recipes.data.sources import check_data, read_data

SYSTEM = {"role": "system", "content": "Be brief."}
HI = {"role": "user", "content": "Hi"}
HELLO = {"role": "assistant", "content": "Hello"}
HOW = {"role": "user", "content": "How?"}
SO = {"role": "assistant", "content": "So."}
NOT = {"role": "assistant", "content": "Not."}


def said(*turns: dict) -> tuple[Message, ...]:
    return tuple(Message(turn["role"], turn["content"]) for turn in turns)


@pytest.fixture
def read(tmp_path):
    """Reads rows of one file; keywords are settings."""

    def rows_of(kind, *rows, **settings):
        (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        return read_data(DataSettings(data=str(tmp_path / "a.jsonl"), **settings), kind, seed=0)

    return rows_of


@pytest.fixture
def mistake(tmp_path, read):
    """The one line that rows are refused with, from after the file's name."""

    def line_of(kind, *rows, **settings):
        with pytest.raises(UserError) as error:
            read(kind, *rows, **settings)
        (line,) = error.value.mistakes
        assert "\n" not in line
        return line.replace(str(tmp_path / "a.jsonl"), "FILE")

    return line_of


HISTORY = {"history": [["a?", "b."]], "system": "Be good."}
COMPLETIONS = [
    ({"prompt": "p ", "completion": "c", "messages": [HI]}, [Completion("p ", "c")]),
    ({"prompt": [HI], "completion": [HELLO]}, [Completion(said(HI), "Hello")]),
    ({"prompt": [HI], "completion": "Hello"}, [Completion(said(HI), "Hello")]),
    (
        {"messages": [SYSTEM, HI, HELLO, HOW, SO]},
        [
            Completion(said(SYSTEM, HI), "Hello"),
            Completion(said(SYSTEM, HI, HELLO, HOW), "So."),
        ],
    ),
    ({"messages": [HELLO, HOW, SO]}, [Completion(said(HELLO, HOW), "So.")]),
    ({"instruction": "i", "input": "n", "output": " o"}, [Completion("i\nn", " o")]),
    ({"instruction": "i", "input": " ", "output": " o"}, [Completion("i", " o")]),
    ({"instruction": "i", "input": None, "output": " o"}, [Completion("i", " o")]),
    ({"instruction": "i", "output": " o"} | HISTORY, [Completion("Be good.\na?\nb.\ni", " o")]),
    ({"input": "action: ", "ref": "open fridge"}, [Completion("action: ", "open fridge")]),
    ({"prompt": "p", "chosen": " c", "rejected": " r"}, [Completion("p", " c")]),
    ({"prompt": "Hi", "chosen": [HI, HELLO], "rejected": []}, [Completion(said(HI), "Hello")]),
    ({"prompt": "Hi", "chosen": [HELLO], "rejected": []}, [Completion(said(HI), "Hello")]),
    ({"question": "q", "answer": " a"}, [Completion("q", " a")]),
    ({"question": "q", "response": " r"}, [Completion("q", " r")]),
    ({"text": "Once upon a time."}, [Completion("", "Once upon a time.")]),
]


@pytest.mark.parametrize("row, expected", COMPLETIONS)
def test_completions(read, row, expected):
    assert list(read("completions", row).rows) == expected


PREFERENCES = [
    ({"prompt": "p", "chosen": " c", "rejected": " r"}, Preference("p", " c", " r")),
    (
        {"prompt": [HI, HELLO, HOW], "chosen": [SO], "rejected": [NOT]},
        Preference(said(HI, HELLO, HOW), "So.", "Not."),
    ),
    (
        {"chosen": [HI, HELLO, HOW, SO], "rejected": [HI, HELLO, HOW, NOT]},
        Preference(said(HI, HELLO, HOW), "So.", "Not."),
    ),
    (
        {"prompt": "How?", "chosen": [HOW, SO], "rejected": [HOW, NOT]},
        Preference(said(HOW), "So.", "Not."),
    ),
    (
        {"prompt": [HOW], "chosen": [HOW, SO], "rejected": [HOW, NOT]},
        Preference(said(HOW), "So.", "Not."),
    ),
    (
        {"chosen": "Human: Hi\n\nAssistant: It is", "rejected": "Human: Hi\n\nAssistant: I am"},
        Preference("Human: Hi\n\nAssistant:", " It is", " I am"),
    ),
]


@pytest.mark.parametrize("row, expected", PREFERENCES)
def test_preferences(read, row, expected):
    assert read("preferences", row).rows == (expected,)


QUESTIONS = [
    ({"prompt": "p"}, Question("p", None)),
    ({"prompt": "p", "answer": "a", "completion": "c"}, Question("p", "a")),
    ({"prompt": "p", "completion": "c"}, Question("p", "c")),
    ({"prompt": "p", "ref": "r"}, Question("p", "r")),
    ({"prompt": [HI], "answer": None}, Question(said(HI), None)),
    ({"prompt": "Hi", "chosen": [HI, HELLO]}, Question(said(HI), "Hello")),
    ({"question": "q", "response": "r"}, Question("q", "r")),
    ({"instruction": "i", "input": "n", "output": "o"}, Question("i\nn", "o")),
    ({"input": "action: ", "ref": "open fridge"}, Question("action: ", "open fridge")),
    ({"messages": [HI, HELLO, HOW, SO]}, Question(said(HI, HELLO, HOW), "So.")),
]


@pytest.mark.parametrize("row, expected", QUESTIONS)
def test_questions(read, row, expected):
    assert read("questions", row).rows == (expected,)


def test_columns_are_mapped(read):
    row = {"query": "q", "gold": " g", "text": "t"}
    columns = {"prompt": "query", "completion": "gold"}
    assert read("completions", row, columns=columns).rows == (Completion("q", " g"),)
    assert read("completions", row).rows == (Completion("", "t"),)


def test_a_mapped_column_decides_between_forms(read):
    row = {"prompt": "p", "completion": " c", "body": "b"}
    assert read("completions", row, columns={"text": "body"}).rows == (Completion("", "b"),)


def test_a_format_writes_the_prompt(read):
    row = {"prompt": "Who?", "completion": "I", "story": "Once {x}."}
    data = read("completions", row, prompt="{{{story}}}\n\nQ: {prompt}\nA: ")
    assert data.rows == (Completion("{Once {x}.}\n\nQ: Who?\nA: ", "I"),)


def test_a_format_makes_up_for_a_prompt(read):
    row = {"query": "q", "output": "o"}
    columns = {"question": "query"}
    data = read("completions", {"instruction": "q", "output": "o"}, prompt="{instruction}: ")
    assert data.rows == (Completion("q: ", "o"),)
    data = read("questions", row, columns=columns, prompt="{question}?")
    assert data.rows == (Question("q?", "o"),)
    data = read("preferences", {"q": "a", "chosen": "b", "rejected": "c"}, prompt="{q} ")
    assert data.rows == (Preference("a ", "b", "c"),)


def test_what_is_left_out_is_told(read):
    rows = [{"prompt": "p", "completion": text} for text in (" a", "", " \n", " b")]
    data = read("completions", *rows)
    assert [row.completion for row in data.rows] == [" a", " b"]
    assert data.told[1].endswith(": 2 completions are left out: the completion is blank")
    same = {"prompt": "p", "chosen": " a", "rejected": " a"}
    data = read("preferences", same, same | {"chosen": " b"})
    assert data.rows == (Preference("p", " b", " a"),)
    assert data.told[1].endswith(": 1 preferences are left out: chosen and rejected are the same")


def test_texts_that_nothing_parts_are_told(read):
    told = read("completions", {"prompt": "Who?", "completion": "I"}).told
    assert len(told) == 2 and "nothing parts prompts" in told[1]
    assert len(read("completions", {"prompt": "Who? ", "completion": "I"}).told) == 1
    assert len(read("completions", {"prompt": [HI], "completion": "I"}).told) == 1
    assert len(read("completions", {"text": "I"}).told) == 1


@pytest.mark.parametrize(
    "first, second, alike",
    [
        ("A b c", "A b d", "A b"),
        ("A bc", "A bd", "A"),
        ("A b", "A b c", "A"),
        ("Ab", "Ac", ""),
        ("", "a", ""),
        ("a b", "a b", "a b"),
    ],
)
def test_shared_beginning(first, second, alike):
    assert shared_beginning(first, second) == alike == shared_beginning(second, first)


WRONG = [
    (
        {"prompt": "p", "answer": "a"},
        "FILE: no column 'completion', so no completions; it has prompt, answer; say which is "
        "which, such as recipe.columns.completion=answer",
    ),
    (
        {"id": "1", "prompts": "p", "completions": "a"},
        "FILE: no column 'prompt' or 'completion', so no completions; it has id, prompts, "
        "completions; say which is which, such as recipe.columns.prompt=prompts "
        "recipe.columns.completion=completions",
    ),
    ({"prompt": "p"}, "such as recipe.columns.completion=COLUMN"),
    ({"prompt": "p", "completion": 3}, "FILE line 2: field 'completion' is 3; it must be text"),
    ({"prompt": "p", "completion": None}, "FILE line 2: field 'completion' is null"),
    ({"prompt": {"a": 1}, "completion": "c"}, "line 2: field 'prompt' is {\"a\": 1}"),
    ({"messages": "Hi"}, "field 'messages' is \"Hi\"; it must be a list of {role, content}"),
    ({"messages": []}, "field 'messages' is an empty list"),
    ({"messages": [HI, {"from": "gpt", "value": "x"}]}, "'messages' message 2 has from, value"),
    ({"messages": [HI, "x"]}, "field 'messages' message 2 is \"x\""),
    ({"messages": [{"role": "user", "content": [1]}]}, "message 1: content is [1]; it must be"),
    ({"messages": [HI, HOW]}, "field 'messages' has no message of role 'assistant' that"),
    ({"prompt": "p", "completion": [HI]}, "'completion' ends with a message of role 'user'"),
    ({"prompt": "", "completion": [SO]}, "'completion' is one message alone, and there is no"),
    ({"instruction": "i", "output": "o", "history": ["a"]}, "field 'history' is [\"a\"]; it must"),
]


@pytest.mark.parametrize("row, words", WRONG)
def test_wrong_completions(mistake, row, words):
    fine = {key: [HI, HELLO] if key == "messages" else "x" for key in row} | {"history": []}
    rows = [fine if "history" in row else {key: fine[key] for key in row}, row]
    assert words in mistake("completions", *rows)


@pytest.mark.parametrize(
    "row, words",
    [
        ({"chosen": "c"}, "no column 'rejected', so no preferences"),
        (
            {"chosen": [HI, SO], "rejected": [HOW, NOT]},
            "FILE line 1: field 'rejected' goes on from another prompt than chosen",
        ),
        ({"prompt": "p", "chosen": "c", "rejected": [SO]}, "'rejected' goes on from another"),
        ({"prompt": "p", "chosen": "c", "rejected": None}, "field 'rejected' is null"),
    ],
)
def test_wrong_preferences(mistake, row, words):
    assert words in mistake("preferences", row)


def test_wrong_questions(mistake):
    assert "'prompt', so no questions; it has text" in mistake("questions", {"text": "a"})
    assert "in all of them the prompt is blank" in mistake("questions", {"prompt": " "})


def test_wrong_mappings(mistake):
    row = {"prompt": "p", "answer": "a"}
    assert mistake("completions", row, columns={"completion": "answr"}) == (
        "recipe.columns.completion=answr: no such column in FILE; did you mean 'answer'?; there "
        "are prompt, answer"
    )
    line = mistake("completions", row, columns={"completon": "answer"})
    assert line.startswith("recipe.columns.completon: unknown; did you mean 'completion'?")


def test_wrong_formats(mistake):
    row = {"question": "q", "completion": "c", "level": 3}
    assert mistake("completions", row, prompt="Q: {questoin} ") == (
        "recipe.prompt: FILE has no column 'questoin'; did you mean 'question'?; it has "
        "question, completion, level"
    )
    assert "line 1: field 'level' is 3" in mistake("completions", row, prompt="{level}: ")
    line = mistake("completions", {"messages": [HI, HELLO]}, prompt="{messages}")
    assert line.startswith("recipe.prompt: FILE holds conversations")


def test_files_of_different_forms(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"prompt": "p", "gold": " c"}\n')
    (tmp_path / "b.csv").write_text("question,answer\nq, a\n")
    settings = DataSettings(
        data=(str(tmp_path / "a.jsonl"), str(tmp_path / "b.csv")), columns={"completion": "gold"}
    )
    check_data(settings, "completions")
    data = read_data(settings, "completions", seed=0)
    assert data.rows == (Completion("p", " c"), Completion("q", " a"))
    assert [line.partition(": ")[2] for line in data.told] == [
        "1 completions (prompt, completion)",
        "1 completions (question, answer)",
    ]
