"""Models that do not share a vocabulary are refused, in one line that says what differs."""

import json
import shutil

import pytest
from hf_models import CHAT, VOCABULARY, saved, tokenizer
from several_models import CPU, trio

from tombench.backends.api.backend import ApiBackend
from tombench.backends.mock import MockBackend
from tombench.backends.several.audit import audit
from tombench.backends.several.server import check_several
from tombench.backends.vllm.backend import VllmBackend
from tombench.errors import UserError
from tombench.models.base import Model


@pytest.fixture
def changed(tmp_path):
    """The small base with another tokenizer beside it."""

    def build(name, change):
        folder = shutil.copytree(saved("llama"), tmp_path / name)
        file = folder / "tokenizer.json"
        known = json.loads(file.read_text())
        change(known)
        file.write_text(json.dumps(known))
        return Model("changed", str(folder))

    return build


def refused(model, *words, **models):
    with pytest.raises(UserError) as told:
        audit(trio(untuned=model) | models)
    (line,) = told.value.mistakes
    for word in ("policy.over=tokens", "tuned (", "untuned (changed", "policy.over=candidates"):
        assert word in line
    for word in words:
        assert word in line, line


def test_models_of_one_family_pass_and_padding_is_cut():
    assert audit(trio()) == max(tokenizer().get_vocab().values()) + 1 <= VOCABULARY


def test_two_tokens_that_change_places(changed):
    def swap(known):
        vocabulary = known["model"]["vocab"]
        a, b = sorted(vocabulary, key=vocabulary.get)[40:42]
        vocabulary[a], vocabulary[b] = vocabulary[b], vocabulary[a]

    refused(changed("swapped", swap), "hashes ", "tokens")


def test_another_added_token(changed):
    last = max(tokenizer().get_vocab().values()) + 1

    def add(known):
        token = dict(known["added_tokens"][-1], id=last, content="<extra>")
        known["added_tokens"].append(token)

    refused(changed("added", add), f"{last:,} and {last + 1:,} tokens")


def test_a_token_that_is_added_here_and_plain_there(changed):
    def add(known):
        vocabulary = known["model"]["vocab"]
        word = sorted(vocabulary, key=vocabulary.get)[-1]
        token = dict(known["added_tokens"][-1], id=vocabulary[word], content=word)
        known["added_tokens"].append(token)

    refused(changed("plain", add), "other added tokens")


def test_another_beginning():
    begun = Model("changed", str(saved("llama", bos=True)))
    refused(begun, "a text begins with ids [] and [1]")


def test_another_chat_template(tmp_path):
    folder = shutil.copytree(saved("llama"), tmp_path / "chat")
    (folder / "chat_template.jinja").write_text(CHAT)
    refused(Model("changed", str(folder)), "other chat templates", "model.template=none")
    audit(trio(untuned=Model("changed", str(folder), template="none")))


def test_other_merges_of_the_same_tokens(changed):
    def unmerge(known):
        known["model"]["merges"] = known["model"]["merges"][:-20]

    refused(changed("merges", unmerge), "cut into them differently")


def test_only_combining_token_by_token_needs_one_vocabulary():
    models = trio(untuned=Model("changed", str(saved("llama", bos=True))))
    check_several(CPU, models)
    with pytest.raises(UserError, match="do not share a vocabulary"):
        check_several(CPU, models, alphas=(1.0,))
    check_several(CPU, trio(), alphas=(1.0,))


def test_mistakes_are_told_of_the_group_that_they_are_in():
    models = trio(
        large=Model("large", "/no/such/large"), untuned=Model("untuned", "/no/such/small")
    )
    with pytest.raises(UserError) as told:
        check_several(CPU, models)
    one, two = told.value.mistakes
    assert one.startswith("large.path=/no/such/large: ")
    assert two.startswith("untuned.path=/no/such/small: ")


def test_a_mistake_of_two_roles_is_told_once():
    models = trio(tuned=Model("tuned", "/no/such"), untuned=Model("untuned", "/no/such"))
    with pytest.raises(UserError) as told:
        check_several(CPU, models)
    (line,) = told.value.mistakes
    assert line.startswith("model.path=/no/such: ")


@pytest.mark.parametrize(
    ("backend", "alphas", "words"),
    [
        (ApiBackend(), (1.0,), "policy.over=tokens: .*backend=hf"),
        (MockBackend(), (1.0,), "policy.over=tokens: .*backend=hf"),
        (ApiBackend(served_name="one"), (), "backend.served_name: .*model.path, large.path"),
        (VllmBackend(), (), "backend=vllm: it holds one model at a time"),
    ],
)
def test_what_a_backend_cannot_do_with_several(backend, alphas, words):
    models = {role: Model(role, role) for role in trio()}
    with pytest.raises(UserError, match=words):
        check_several(backend, models, alphas)


def test_a_server_of_several_names_is_asked_over_candidates():
    check_several(ApiBackend(), {role: Model(role, role) for role in trio()})
