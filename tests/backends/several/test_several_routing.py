"""Requests go to the model of their role, and come back in their order."""

from dataclasses import dataclass, field

import pytest
from hf_models import drawing
from several_models import asked

from tombench.backends.base import Estimate, answer
from tombench.backends.several.roles import TOKENS
from tombench.backends.several.routing import SeveralPreview, SeveralServer
from tombench.schema import LikelihoodResponse


@dataclass
class Said:
    """A server whose answers tell who gave them, and that keeps what it was asked."""

    value: float
    calls: list[list[str]] = field(default_factory=list)

    def prompt_as_sent(self, request):
        return f"{self.value}: {request.text}"

    def batches(self, requests):
        self.planned = requests
        return [list(range(len(requests)))[::-1]]

    def loglikelihood(self, requests):
        self.calls.append([request.context for request in requests])
        return [
            LikelihoodResponse(self.prompt_as_sent(request), (self.value,), (1,), (True,))
            for request in requests
        ]

    def usage(self):
        return {"calls": len(self.calls)}

    def estimate(self, requests):
        count = sum(map(len, requests))
        return Estimate(10 * count, count, 100, 2.0 * count, "counted", 100 + count, ("paid",))


def three():
    return {"tuned": Said(-1.0), "large": Said(-2.0), "untuned": Said(-3.0)}


def values(responses):
    return [response.log_likelihoods[0] for response in responses]


def test_each_role_is_answered_by_its_model_in_order():
    servers = three()
    one, two = asked("large", prompts=("x", "y"))
    (three_,) = asked("untuned", prompts=("x",))
    responses = SeveralServer(servers).loglikelihood([one, three_, two])
    assert values(responses) == [-2.0, -3.0, -2.0]
    assert [response.prompt for response in responses] == ["-2.0: x", "-3.0: x", "-2.0: y"]
    assert servers["large"].calls == [["x", "y"]]  # one call a model
    assert servers["tuned"].calls == []


def test_two_roles_of_one_model_are_one_call():
    same = Said(-2.0)
    server = SeveralServer({"tuned": Said(-1.0), "large": same, "untuned": same})
    requests = [*asked("untuned", prompts=("x",)), *asked("large", prompts=("y",))]
    assert values(server.loglikelihood(requests)) == [-2.0, -2.0]
    assert same.calls == [["x", "y"]]
    assert server.usage() == {"tuned/calls": 0, "large+untuned/calls": 1}


def test_items_are_planned_by_the_first_model_from_its_own_requests():
    servers = three()
    server = SeveralServer(servers)
    items = [[*asked("large", prompts=("x",)), *asked("tuned", prompts=("y",))], []]
    items += [asked("tuned", prompts=("z",))]
    assert server.batches(items) == [[2, 1, 0]]
    seen = [[request.context for request in item] for item in servers["tuned"].planned]
    assert seen == [["y"], [], ["z"]]
    only_large = [asked("large", prompts=("x",))]
    assert server.batches(only_large) == [[0]]
    assert servers["large"].planned == only_large


def test_nothing_asked_is_a_plan_all_the_same():
    assert SeveralServer(three()).batches([[], []]) == [[0, 1]]


def test_it_is_a_server_to_whoever_answers_items():
    item = [*asked("tuned", prompts=("x",)), *asked("large", prompts=("x",))]
    ((one, two),) = answer(SeveralServer(three()), [item])
    assert values([one, two]) == [-1.0, -2.0]


def test_what_no_model_is_there_for():
    server = SeveralServer(three())
    with pytest.raises(ValueError, match="role 'tokens': models answer as tuned, large, untuned"):
        server.loglikelihood(asked(TOKENS))
    with pytest.raises(ValueError, match="draw"):
        server.generate([drawing("x")])


def test_the_estimate_adds_up_models():
    items = [[*asked("large", prompts=("x", "y")), *asked("tuned", prompts=("x",))]]
    told = SeveralPreview(three()).estimate(items)
    assert (told.prompt_tokens, told.new_tokens, told.seconds) == (30, 3, 6.0)
    assert told.weights_bytes == 200
    assert told.memory_bytes == 200 + 2  # all weights, and the larger batch
    assert told.how == "counted"
    assert [note.split()[0] for note in told.notes] == ["tuned", "large", "tuned:", "large:"]


def test_the_estimate_of_tokens_is_that_of_all_three():
    told = SeveralPreview(three()).estimate([asked(TOKENS, prompts=("x", "y"))])
    assert (told.prompt_tokens, told.new_tokens, told.weights_bytes) == (60, 6, 300)


def test_weights_that_two_roles_share_count_once():
    preview = SeveralPreview(three(), shared=frozenset({"untuned"}))
    items = [[*asked("untuned", prompts=("x",)), *asked("tuned", prompts=("x",))]]
    told = preview.estimate(items)
    assert (told.weights_bytes, told.memory_bytes) == (100, 101)
    assert "shared" in told.notes[1] and "shared" not in told.notes[0]


def test_an_unknown_share_makes_the_whole_unknown():
    class Unknown(Said):
        def estimate(self, requests):
            return Estimate(1, 1, 5, None, "not timed", None)

    told = SeveralPreview(three() | {"large": Unknown(0.0)}).estimate(
        [[*asked("large", prompts=("x",)), *asked("tuned", prompts=("x",))]]
    )
    assert told.seconds is None and told.memory_bytes is None
    assert told.how == "counted; not timed"
