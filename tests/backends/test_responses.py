"""The cache of responses: the same everything hits, any difference misses, errors are not kept."""

import dataclasses
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import hf_models
import pytest
from conftest import Outcome, results, run_json

from tombench.backends.api.backend import ApiBackend
from tombench.backends.hf.backend import HfBackend
from tombench.backends.mock import MockBackend
from tombench.backends.responses import key as response_key
from tombench.backends.responses.key import ResponseKey, responder
from tombench.backends.responses.server import BATCH, CachedServer, cache_folder, with_cache
from tombench.backends.responses.store import ResponseStore
from tombench.config import canonical
from tombench.errors import UserError
from tombench.models.base import Model
from tombench.schema import (
    GenerateRequest,
    GenerateResponse,
    Item,
    LikelihoodRequest,
    LikelihoodResponse,
    Request,
    Sample,
    Sampling,
)
from tombench.tasks.base import sample_seed

Command = Callable[..., Outcome]

ITEM = Item("i", "c", None, {"kind": "belief"}, "yes", "no")
SAMPLING = Sampling(0.4, 50, 0.95, 8)
DRAW = GenerateRequest(ITEM, "Does Ilse believe it?", SAMPLING, (1, 2))
SCORE = LikelihoodRequest(ITEM, "Does Ilse believe it?", ("Yes", "No"))


@dataclass
class Counting:
    """A server whose answers tell all that it was asked, and that counts the asking."""

    error: str | None = None
    drawn: list[tuple[str, int]] = field(default_factory=list)
    scored: list[str] = field(default_factory=list)

    def prompt_as_sent(self, request: Request) -> str:
        return f"<{request.text}>"

    def batches(self, requests: Sequence[Sequence[Request]]) -> list[list[int]]:
        return [list(range(len(requests)))[::-1]]

    def generate(self, requests: Sequence[GenerateRequest]) -> list[GenerateResponse]:
        self.drawn += [(request.prompt, seed) for request in requests for seed in request.seeds]
        return [
            GenerateResponse(f"<{r.prompt}>", error=self.error)
            if self.error
            else GenerateResponse(f"<{r.prompt}>", tuple(self._sample(r, s) for s in r.seeds))
            for r in requests
        ]

    def _sample(self, request: GenerateRequest, seed: int) -> Sample:
        return Sample(f"{request.prompt} {seed}\n", 3, seed % 2 == 0, f"thought {seed}", 5)

    def loglikelihood(self, requests: Sequence[LikelihoodRequest]) -> list[LikelihoodResponse]:
        self.scored += [request.context for request in requests]
        return [
            LikelihoodResponse(f"<{r.context}>", error=self.error)
            if self.error
            else LikelihoodResponse(
                f"<{r.context}>", (-1 / 3, float("-inf")), (1, 2), (True, False)
            )
            for r in requests
        ]


def cached(folder: Path, server: Counting, **identity: Any) -> CachedServer:
    return CachedServer(ResponseKey(identity, Counting()), ResponseStore(folder), lambda: server)


def test_the_same_is_answered_without_a_server(tmp_path: Path) -> None:
    first = cached(tmp_path, Counting())
    drawn, scored = first.generate([DRAW]), first.loglikelihood([SCORE])
    assert (drawn, scored) == (Counting().generate([DRAW]), Counting().loglikelihood([SCORE]))
    assert first.usage() == {"cache_hits": 0, "cache_misses": 3}
    second = CachedServer(first.key, ResponseStore(tmp_path), lambda: pytest.fail("loaded"))
    assert second.batches([[DRAW, SCORE]]) == [[0]]
    assert (second.generate([DRAW]), second.loglikelihood([SCORE])) == (drawn, scored)
    assert second.usage() == {"cache_hits": 3, "cache_misses": 0}


def test_only_what_is_missing_is_asked_and_order_is_kept(tmp_path: Path) -> None:
    cached(tmp_path, Counting()).generate([DRAW])
    server, other = Counting(), replace(DRAW, prompt="And now?")
    requests = [replace(DRAW, seeds=(3, 2, 4, 1)), other]
    assert cached(tmp_path, server).generate(requests) == Counting().generate(requests)
    assert server.drawn == [(DRAW.prompt, 3), (DRAW.prompt, 4), ("And now?", 1), ("And now?", 2)]
    scores = [SCORE, replace(SCORE, context="And now?")]
    cached(tmp_path, Counting()).loglikelihood(scores[1:])
    assert cached(tmp_path, server).loglikelihood(scores) == Counting().loglikelihood(scores)
    assert server.scored == [SCORE.context]


def test_the_servers_plan_where_something_is_missing(tmp_path: Path) -> None:
    requests = [[replace(DRAW, prompt=str(n))] for n in range(BATCH + 1)]
    assert cached(tmp_path, Counting()).batches(requests) == [list(range(BATCH, -1, -1))]
    cached(tmp_path, Counting()).generate([own for (own,) in requests])
    plan = cached(tmp_path, Counting()).batches(requests)
    assert plan == [list(range(BATCH)), [BATCH]]
    requests[3] = [replace(DRAW, seeds=(1, 2, 3))]
    assert cached(tmp_path, Counting()).batches(requests) == [list(range(BATCH, -1, -1))]


def test_errors_are_not_kept(tmp_path: Path) -> None:
    failing = cached(tmp_path, Counting(error="too long"))
    assert failing.generate([DRAW])[0].error == "too long"
    assert failing.loglikelihood([SCORE])[0].error == "too long"
    server = Counting()
    again = cached(tmp_path, server)
    assert again.generate([DRAW])[0].error is None
    assert again.loglikelihood([SCORE])[0].error is None
    assert (len(server.drawn), len(server.scored)) == (2, 1)


def test_the_servers_own_counts_stand_beside_the_caches(tmp_path: Path) -> None:
    class Billing(Counting):
        def usage(self) -> dict[str, int]:
            return {"prompt_tokens": 7}

    server = cached(tmp_path, Billing())
    server.generate([DRAW])
    assert server.usage() == {"prompt_tokens": 7, "cache_hits": 0, "cache_misses": 2}


# --- any difference misses ---


@dataclass(frozen=True)
class Case:
    """Who is asked what."""

    request: Request = DRAW
    model: Model = field(default_factory=lambda: Model("m", str(hf_models.saved("llama"))))
    backend: Any = field(default_factory=lambda: HfBackend(device="cpu"))

    def key(self) -> str:
        identity = responder(self.backend, self.model)
        return ResponseKey(identity, self.backend.reader(self.model)).of(self.request)


class OtherBackend(HfBackend):
    """The same settings, another class."""


OTHER: dict[str, Any] = {"temperature": 0.5, "top_k": 49, "top_p": 0.9, "max_new_tokens": 9}


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Sampling)])
def test_any_other_sampling_misses(name: str) -> None:
    sampling = replace(SAMPLING, **{name: OTHER[name]})
    assert Case(replace(DRAW, sampling=sampling)).key() != Case().key()


@pytest.mark.parametrize(
    "request_",
    [
        replace(DRAW, prompt=DRAW.prompt + " "),
        LikelihoodRequest(ITEM, DRAW.prompt, ()),
        SCORE,
        replace(SCORE, context="Does she?"),
        replace(SCORE, continuations=("No", "Yes")),
        replace(SCORE, continuations=("Yes",)),
        replace(SCORE, continuations=("Yes", "no")),
        replace(SCORE, continuations=("YesNo",)),
    ],
)
def test_any_other_question_misses(request_: Request) -> None:
    others = [DRAW, SCORE] if request_ is not SCORE else [DRAW]
    assert Case(request_).key() not in {Case(other).key() for other in others}


@pytest.mark.parametrize("changed", [(1, "item", 2), (0, "other", 2), (0, "item", 3)])
def test_any_other_seed_item_or_repetition_misses(
    tmp_path: Path, changed: tuple[int, str, int]
) -> None:
    one, other = sample_seed(0, "item", 2), sample_seed(*changed)
    cached(tmp_path, Counting()).generate([replace(DRAW, seeds=(one,))])
    server = Counting()
    cached(tmp_path, server).generate([replace(DRAW, seeds=(one, other))])
    assert server.drawn == [(DRAW.prompt, other)]


def adapter(folder: Path, weights: bytes) -> str:
    folder.mkdir()
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "b"}')
    (folder / "adapter_model.safetensors").write_bytes(weights)
    return str(folder)


def test_any_other_weights_precision_template_or_thinking_misses(tmp_path: Path) -> None:
    model = Case().model
    copy = shutil.copytree(hf_models.saved("llama"), tmp_path / "copy")
    same = Case(model=replace(model, path=str(copy), name="renamed")).key()
    template = tmp_path / "chat.jinja"
    template.write_text("{{ messages[0]['content'] }}", encoding="utf-8")  # leaves the text alone
    weights = shutil.copytree(copy, tmp_path / "weights") / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    changes = [
        {"dtype": "bfloat16"},
        {"dtype": "float16"},
        {"quantization": "int8"},
        {"quantization": "nf4"},
        {"template": str(template)},
        {"template": "none"},
        {"thinking": "on"},
        {"thinking": 7},
        {"adapter": adapter(tmp_path / "one", b"1")},
        {"adapter": adapter(tmp_path / "two", b"2")},
        {"path": str(weights.parent)},
        {"path": str(hf_models.saved("llama", bos=True))},
        {"path": str(hf_models.saved("qwen2"))},
    ]
    request = SCORE  # what is scored is put without thinking: the text as sent is the same
    keys = [Case(request, replace(model, **change)).key() for change in changes]
    assert same == Case().key()  # content counts, not where it lies
    assert Case(request).key() not in keys
    assert len(set(keys)) == len(changes)


def test_other_token_ids_of_one_text_miss() -> None:
    class Reader(Counting):
        def token_ids(self, request: Request) -> list[list[int]]:
            return [[7]]

    class OtherReader(Counting):
        def token_ids(self, request: Request) -> list[list[int]]:
            return [[7, 8]]

    assert ResponseKey({}, Reader()).of(DRAW) != ResponseKey({}, OtherReader()).of(DRAW)


def test_another_version_backend_or_device_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [Case().key(), Case(backend=OtherBackend(device="cpu")).key()]
    assert Case(backend=HfBackend(device="cpu", batch_tokens=99)).key() == keys[0]
    with monkeypatch.context() as patched:
        patched.setattr(response_key, "__version__", "0.0.0")
        keys.append(Case().key())
    for library in response_key.LIBRARIES:
        with monkeypatch.context() as patched:
            real = response_key.version
            patched.setattr(
                response_key,
                "version",
                lambda name, own=library, real=real: "0.0" if name == own else real(name),
            )
            keys.append(Case().key())
    with monkeypatch.context() as patched:
        patched.setattr(response_key, "_device", lambda name: "NVIDIA H100")
        keys.append(Case().key())
    assert len(set(keys)) == len(keys) == 4 + len(response_key.LIBRARIES)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values in a tree of dicts and lists."""
    if isinstance(value, dict | list) and value:
        keys = value if isinstance(value, dict) else range(len(value))
        return [leaf for key in keys for leaf in leaves(value[key], (*path, key))]
    return [path]


def test_a_key_that_differs_in_any_one_value_is_not_believed(tmp_path: Path) -> None:
    store = ResponseStore(tmp_path)
    key = Case(SCORE).key()
    store.put([(key, {"all": 1})])
    assert store.get(canonical(json.loads(key))) == {"all": 1}
    paths = leaves(json.loads(key))
    assert {path[0] for path in paths} == {
        *("identity", "prompt", "token_ids", "kind", "continuations"),
    }
    for path in paths:
        tree = node = json.loads(key)
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = "another"
        assert store.get(canonical(tree)) == {}, path


@pytest.mark.parametrize(
    "change",
    [
        {"id": "j"},
        {"cluster": "d"},
        {"condition": {"kind": "desire"}},
        {"target": "no"},
        {"reality": "yes"},
    ],
)
def test_a_known_mind_reads_the_item(tmp_path: Path, change: dict[str, Any]) -> None:
    mind = with_cache(MockBackend(), Model("m", "unread"), tmp_path)
    assert mind.generate([DRAW])[0].samples[0].text == "Yes."
    other = replace(DRAW, item=replace(ITEM, **change))
    assert mind.key.of(other) != mind.key.of(DRAW)
    said = "No." if change == {"target": "no"} else "Yes."
    assert mind.generate([other])[0].samples[0].text == said


# --- a service, the command ---


def test_a_service_has_to_be_pinned() -> None:
    backend, model = ApiBackend(), Model("local", "served")
    with pytest.raises(UserError, match=r"cache: .*model\.revision="):
        responder(backend, model)
    keys = {
        json.dumps(responder(asked, replace(model, revision=pin)), sort_keys=True)
        for asked in (backend, ApiBackend(system="Be brief."), ApiBackend(mode="completions"))
        for pin in ("2026-01", "2026-02")
    }
    assert len(keys) == 6


def test_where_the_cache_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder(True) == tmp_path / "tombench" / "responses"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder(True) == Path.home() / ".cache" / "tombench" / "responses"
    assert cache_folder("~/mine") == Path.home() / "mine"
    assert cache_folder(None) is None and cache_folder(False) is None


WORDS = ("model=tiny", "limit=3", "task.repetitions=2", "generation.max_new_tokens=8")
WORDS += ("backend.device=cpu", "quiet=true")


def test_a_second_run_reads_no_weights(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    plainly = command(*WORDS, "output_root=plainly").folder
    first = command(*WORDS, "cache=kept", "output_root=first").folder
    monkeypatch.setattr("tombench.models.load.load", lambda *words: pytest.fail("weights"))
    done = command(*WORDS, "cache=kept", "output_root=second")
    assert done.status == 0, done.err
    assert results(done.folder) == results(first) == results(plainly)
    assert run_json(first)["usage"] == {"cache_hits": 0, "cache_misses": 9}
    assert run_json(done.folder)["usage"] == {"cache_hits": 9, "cache_misses": 0}
    assert run_json(done.folder)["configuration"]["cache"] == "kept"
    assert run_json(plainly)["usage"] == {}
    hashes = {run_json(folder)["identity_hash"] for folder in (plainly, first, done.folder)}
    assert len(hashes) == 1  # a cache is no part of what a run is


def test_more_repetitions_draw_only_the_new_ones(command: Command) -> None:
    command(*WORDS, "cache=kept")
    more = (*WORDS, "task.repetitions=3")
    done = command(*more, "cache=kept")
    assert run_json(done.folder)["usage"] == {"cache_hits": 9, "cache_misses": 3}
    assert results(done.folder) == results(command(*more, "output_root=plainly").folder)


def test_a_service_is_refused_by_the_command(command: Command) -> None:
    refused = command("backend=api", "model=local", "model.path=served", "cache=true")
    assert refused.status == 2
    assert "model.revision=" in refused.lines[-1]


def test_no_is_off(command: Command) -> None:
    done = command("backend=mock", "limit=1", "cache=no")
    assert done.status == 0, done.err
    assert run_json(done.folder)["configuration"]["cache"] is False
    assert not Path("no").exists()
