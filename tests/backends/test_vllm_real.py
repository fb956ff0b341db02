"""backend=vllm with vLLM itself, where it is installed (scripts/install_vllm … test)."""

import os
import signal
import time
from importlib.util import find_spec

import pytest
from conftest import end, results, start
from hf_models import drawing, scoring

from tombench.backends.hf.backend import HfBackend
from tombench.backends.vllm.backend import VllmBackend
from tombench.models.base import Model

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("vllm") is None, reason="vLLM is not installed here"),
]
BOUND = 1e-3  # nats
SCENES = [
    f"{name} puts the {thing} in the box and goes out. {other} moves the {thing} to the jar."
    f" Question: Where does {name} look for the {thing}? Answer:"
    for name in ("Anna", "Omar", "Mia", "Paul")
    for other, thing in (("Ben", "key"), ("Ruth", "letter"), ("Tom", "apple"))
]
LONG = " It is where it was put at first, since nobody who is away can see that it was moved" * 8
OPTIONS = (" yes", " no", " Yes", " No", ".", " in the jar", " In the box, of course.", "a", LONG)
EXTENDED = LONG + ", as anybody who is away has to believe"  # found in the cache beyond its context
REQUESTS = [scoring(scene, *OPTIONS, EXTENDED) for scene in SCENES]


@pytest.fixture(autouse=True)
def small_memory(monkeypatch):
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "1")  # GiB; read on a CPU alone


def agrees(adapter=None):
    """The largest difference in nats between vLLM and transformers over all options."""
    model = Model(name="tiny", path="data:models/tiny", dtype="float32", adapter=adapter)
    ours = VllmBackend(enforce_eager=True, max_model_len=512).load(model)
    theirs = HfBackend().load(model)
    drawn = [drawing(scene, seeds=(1, 2), new=24) for scene in SCENES]
    assert ours.generate(drawn) == theirs.generate(drawn)
    differences = []
    pairs = zip(ours.loglikelihood(REQUESTS), theirs.loglikelihood(REQUESTS), strict=True)
    for one, other in pairs:
        assert (one.prompt, one.tokens, one.greedy) == (other.prompt, other.tokens, other.greedy)
        values = zip(one.log_likelihoods, other.log_likelihoods, strict=True)
        differences += [abs(a - b) for a, b in values]
    assert len(differences) > 100
    return max(differences), ours, theirs


def test_values_and_greedy_texts_are_those_of_hf():
    largest, ours, _ = agrees()
    print(f"log-probabilities differ by at most {largest:.1e}")
    assert largest < BOUND
    request = drawing(SCENES[0], seeds=(1, 2, 1), temperature=1.0)
    one, other, again = ours.generate([request])[0].samples
    assert one == again and one.text != other.text


def test_an_adapter_changes_them_as_with_hf(tmp_path):
    import peft
    import torch

    base = HfBackend().load(Model(name="tiny", path="data:models/tiny", dtype="float32"))
    before = base.loglikelihood(REQUESTS[:1])[0].log_likelihoods
    torch.manual_seed(0)
    config = peft.LoraConfig(
        task_type="CAUSAL_LM", r=4, target_modules="all-linear", init_lora_weights=False
    )
    peft.get_peft_model(base.loaded.causal_lm, config).save_pretrained(tmp_path)
    largest, _, theirs = agrees(adapter=str(tmp_path))
    print(f"log-probabilities differ by at most {largest:.1e}")
    assert largest < BOUND
    after = theirs.loglikelihood(REQUESTS[:1])[0].log_likelihoods
    assert abs(after[0] - before[0]) > 10 * BOUND


def test_killed_and_continued_is_the_same_as_uninterrupted(tmp_path):
    words = ["backend=vllm", "backend.enforce_eager=true", "backend.batch_requests=50", "seed=3"]
    words += ["task.repetitions=10", "generation.max_new_tokens=32"]
    whole = end(start(*words, "output_root=whole", cwd=tmp_path))
    assert whole.status == 0, whole.err
    process = start(*words, "output_root=killed", cwd=tmp_path)
    folder = tmp_path / "killed" / whole.folder.relative_to("whole")
    patience = time.monotonic() + 100
    while not (folder / "records.jsonl").exists() and time.monotonic() < patience:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL and not (folder / "metrics.json").exists()
    assert end(start(*words, "output_root=killed", cwd=tmp_path)).status == 0
    assert results(folder) == results(tmp_path / whole.folder)
