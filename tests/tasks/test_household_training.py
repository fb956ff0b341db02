"""What task=mmtom gives to a training: examples, replayed text, words, and their digest."""

from itertools import islice
from random import Random

import pytest

from tombench import corpus
from tombench.household.layouts import layout_name, split_of
from tombench.household.world import THINGS
from tombench.stories.lexicon import TRAINING
from tombench.tasks.household_probe import probe
from tombench.tasks.household_training import HouseholdTraining
from tombench.tasks.mmtom import MMToM


def test_text_is_the_whole_corpus() -> None:
    assert HouseholdTraining().training_text() is corpus.draw_texts
    words = HouseholdTraining().content_words()
    assert set(THINGS) <= words and TRAINING.content_words() <= words


def test_examples_have_soft_labels_and_are_homes() -> None:
    group = HouseholdTraining().training_examples()(Random(0), 0.0)
    assert group and all(one.distribution for one in group)
    study = HouseholdTraining(train_prompt="study").training_examples()(Random(0), 0.0)
    assert not any(one.distribution for one in study)
    assert all(one.prompt.startswith("goal: ") for one in study)


@pytest.mark.parametrize(
    "changes",
    [
        {"train_prompt": "study"},
        {"train_theme": ("opaque",)},
        {"ablation": "no_twins"},
        {"ablation": "sampled_labels"},
    ],
)
def test_other_examples_have_another_digest(
    changes: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tombench.tasks.household_training.DIGESTED", 3)
    monkeypatch.setattr("tombench.tasks.household_training.corpus_digest", lambda: "corpus")
    plain = HouseholdTraining().training_digest()
    assert HouseholdTraining(**changes).training_digest() != plain
    assert HouseholdTraining().training_digest() == plain
    monkeypatch.setattr("tombench.tasks.household_training.corpus_digest", lambda: "another")
    assert HouseholdTraining().training_digest() != plain


def test_which_questions_are_asked_is_nothing_to_the_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tombench.tasks.household_training.DIGESTED", 2)
    monkeypatch.setattr("tombench.tasks.household_training.corpus_digest", lambda: "corpus")
    asked = MMToM(per_type=3, suite="graded_controls", theme=("opaque",))
    assert asked.training_digest() == MMToM().training_digest()


def test_one_theme_or_several() -> None:
    assert HouseholdTraining(train_theme="opaque").train_theme == ("opaque",)
    with pytest.raises(Exception, match="train_theme"):
        HouseholdTraining(train_theme=())


def test_situations_for_policies_without_text_are_of_training_layouts() -> None:
    found = list(islice(HouseholdTraining().training_situations(Random(0)), 40))
    assert all(sum(one.probabilities) == pytest.approx(1.0) for one in found)
    assert {split_of(layout_name(one.situation.places)) for one in found} == {"train"}


def test_the_probe_is_the_households() -> None:
    assert HouseholdTraining().training_probe() is probe
    assert set(HouseholdTraining.read_by) == {"train_prompt", "train_theme", "ablation"}
    assert MMToM.read_by["pairs"] == "prepare"
