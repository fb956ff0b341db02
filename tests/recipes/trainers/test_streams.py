"""Which examples an update sees: functions of seed and number, replay in its share."""

from random import Random

import pytest

from tombench.recipes.trainers.streams import ByLength, Drawn, Listed, Replayed, as_dataset
from tombench.recipes.trainers.tokens import Tokens


def one(number: int, length: int = 2) -> Tokens:
    return Tokens([0], [number] * length)


def numbers(block: list[Tokens]) -> list[int]:
    return [example.chosen[0] for example in block]


def test_each_epoch_holds_every_example_once_in_another_order() -> None:
    stream = Listed([one(n) for n in range(6)], size=4, seed=0)
    seen = [number for block in range(3) for number in numbers(stream.block(block))]
    assert sorted(seen[:6]) == sorted(seen[6:]) == [0, 1, 2, 3, 4, 5]
    assert seen[:6] != seen[6:]
    assert numbers(Listed(stream.examples, 4, seed=1).block(0)) != numbers(stream.block(0))


def test_drawn_examples_keep_groups_together_and_follow_from_seed_and_number() -> None:
    def pair(rng: Random, progress: float) -> list[Tokens]:
        number = rng.randrange(1000)
        return [one(number), one(number)]

    stream = Drawn(pair, size=4, updates=10, seed=5)
    block = numbers(stream.block(3))
    assert block[0] == block[1] and block[2] == block[3] and block[0] != block[2]
    assert numbers(stream.block(3)) == block != numbers(stream.block(4))
    assert numbers(Drawn(pair, 4, 10, seed=6).block(3)) != block


def test_a_task_is_told_how_far_the_training_is() -> None:
    seen: list[float] = []

    def draw(rng: Random, progress: float) -> list[Tokens]:
        seen.append(progress)
        return [one(0)]

    Drawn(draw, size=1, updates=4, seed=0).block(3)
    assert seen == [0.75]


@pytest.mark.parametrize(("share", "expected"), [(0.25, [1, 1, 1, 1]), (0.375, [1, 2, 1, 2])])
def test_replay_has_its_share_of_rows_and_of_the_loss(share: float, expected: list[int]) -> None:
    examples = Drawn(lambda rng, progress: [Tokens([0] * 9, [1, 1])], 4, 10, 0)
    text = Drawn(lambda rng, progress: [one(9, length=10)], 4, 10, 0)
    stream = Replayed(examples, text, share, size=4)
    for number, count in enumerate(expected):
        block = stream.block(number)
        assert numbers(block) == [1] * (4 - count) + [9] * count
        weighed = [len(row.chosen) * row.weight for row in block]
        assert sum(weighed) == pytest.approx(sum(len(row.chosen) for row in block))
        assert sum(weighed[4 - count :]) / sum(weighed) == pytest.approx(share)


def test_no_listed_example_is_passed_over_for_replay() -> None:
    examples = Listed([one(n) for n in range(9)], size=4, seed=0)
    text = Drawn(lambda rng, progress: [one(99)], 4, 10, 0)
    stream = Replayed(examples, text, 0.25, size=4)
    seen = [n for number in range(3) for n in numbers(stream.block(number)) if n != 99]
    assert sorted(seen) == list(range(9))


def test_replayed_text_is_no_longer_than_the_examples_beside_it() -> None:
    examples = Drawn(lambda rng, progress: [Tokens([0] * 5, [1, 1])], 4, 10, 0)
    text = Drawn(lambda rng, progress: [one(9, length=100)], 4, 10, 0)
    block = Replayed(examples, text, 0.5, size=4).block(0)
    assert [row.length for row in block] == [7, 7, 7, 7]


def test_an_update_holds_the_same_examples_by_their_lengths() -> None:
    lengths = {0: 5, 1: 2, 2: 9, 3: 1, 4: 2, 5: 7, 6: 3, 7: 4}
    stream = Listed([one(n, length) for n, length in lengths.items()], size=4, seed=0)
    for number in range(4):
        before, after = stream.block(number), list(ByLength(stream).block(number))
        assert [row.length for row in after] == sorted(row.length for row in before)
        assert sorted(numbers(after)) == sorted(numbers(list(before)))
    assert any(
        numbers(list(ByLength(stream).block(number))) != numbers(list(stream.block(number)))
        for number in range(4)
    )


def test_of_a_length_examples_stay_in_their_order() -> None:
    stream = Listed([one(n, 3) for n in range(6)], size=6, seed=0)
    assert numbers(list(ByLength(stream).block(1))) == numbers(list(stream.block(1)))


def test_rows_of_a_dataset_are_made_when_they_are_asked_for() -> None:
    asked: list[int] = []

    class Counting:
        def block(self, number: int) -> list[Tokens]:
            asked.append(number)
            return [one(10 * number), one(10 * number + 1)]

    dataset = as_dataset(Counting(), 6, 2, lambda example: {"ids": example.chosen})
    assert len(dataset) == 6 and asked == []
    assert [dataset[index]["ids"][0] for index in (5, 4, 0)] == [21, 20, 0]
    assert asked == [2, 0]
