"""Examples of belief in the prompt of the evaluation for base models: a share, none by default."""

from random import Random

from tombench.stories.examples import draw_examples, examples_digest
from tombench.tasks.vignettes import Vignettes

HEADER = "Read the scenario and answer the following question:\n\nScenario: "


def test_all_of_them() -> None:
    answers = set()
    for number in range(40):
        group = draw_examples(Random(f"prompted/{number}"), 0.0, prompted=1.0)
        assert len(group) >= 4
        for text in group:
            assert text.prompt.startswith(HEADER) and text.prompt.endswith("? Answer: ")
            assert text.prompt.count("Question: ") == 1
            answers.add(text.answer)
    assert answers == {"Yes.", "No."}


def test_a_group_asks_the_same_of_cells_that_answer_otherwise() -> None:
    for number in range(40):
        answers: dict[str, set[str]] = {}
        for text in draw_examples(Random(f"group/{number}"), 0.0, prompted=1.0):
            question = text.prompt.partition(" Question: ")[2]
            answers.setdefault(question, set()).add(text.answer)
        assert {"Yes.", "No."} in answers.values()


def test_a_share_of_groups() -> None:
    groups = [draw_examples(Random(f"share/{number}"), 0.0, prompted=0.25) for number in range(200)]
    prompted = [all(text.prompt.startswith(HEADER) for text in group) for group in groups]
    mixed = [any(text.prompt.startswith(HEADER) for text in group) for group in groups]
    assert prompted == mixed
    assert 30 <= sum(prompted) <= 70  # 50 expected, standard deviation 6.1


def test_none_by_default() -> None:
    for number in range(40):
        stream, other = Random(f"none/{number}"), Random(f"none/{number}")
        assert draw_examples(stream, 0.0) == draw_examples(other, 0.0, prompted=0.0)
        assert stream.getstate() == other.getstate()
    task = Vignettes()
    assert task.training_examples()(Random("x"), 0.0) == draw_examples(Random("x"), 0.0)
    assert task.training_digest() == Vignettes(prompted_examples=0.0).training_digest()


def test_the_task_gives_the_share_and_its_digest_tells_it() -> None:
    task = Vignettes(prompted_examples=1.0)
    group = task.training_examples()(Random("x"), 0.0)
    assert all(text.prompt.startswith(HEADER) for text in group)
    assert examples_digest(1.0) != examples_digest()
    assert task.training_digest() != Vignettes().training_digest()
