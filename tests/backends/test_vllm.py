"""backend=vllm as a component: what it refuses, what it starts, what a run's identity rests on."""

import copy
import json
import subprocess
import sys
from dataclasses import fields
from importlib.metadata import PackageNotFoundError

import peft
import pytest
import vllm_fake
from hf_models import drawing, network, saved, scoring
from hf_models import server as hf_server
from pydantic import BaseModel, ValidationError, model_validator

from tombench.backends.hf.backend import HfBackend
from tombench.backends.vllm.backend import VllmBackend, installed
from tombench.errors import UserError
from tombench.models.base import Model


@pytest.fixture
def vllm(monkeypatch):
    return vllm_fake.install(monkeypatch)


@pytest.fixture
def absent(monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("tombench.backends.vllm.backend.version", missing)
    monkeypatch.setitem(sys.modules, "vllm", None)


def model(**values):
    return Model(name="test", **{"path": str(saved("llama")), **values})


def adapter(folder, **settings):
    """A random LoRA adapter of the small model."""
    settings = {"target_modules": ["q_proj", "v_proj"], "r": 4} | settings
    config = peft.LoraConfig(task_type="CAUSAL_LM", init_lora_weights=False, **settings)
    peft.get_peft_model(copy.deepcopy(network("llama")), config).save_pretrained(folder)
    return folder


def test_nothing_imports_vllm_before_it_is_started():
    code = (
        "import sys\nimport tombench.backends.vllm.backend\n"
        "print([name for name in ('torch', 'transformers', 'vllm') if name in sys.modules])\n"
        "import tombench.backends.vllm.server\nprint('vllm' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "False"]


def test_its_settings_reach_vllm(vllm):
    settings = VllmBackend(
        tensor_parallel_size=2,
        max_model_len=64,
        max_num_seqs=7,
        gpu_memory_utilization=0.5,
        enable_prefix_caching=False,
        enforce_eager=True,
    )
    server = settings.load(model())
    (started,) = vllm.started
    assert started.model == str(saved("llama"))
    assert started.options == {
        "dtype": "float32",
        "trust_remote_code": False,
        "tensor_parallel_size": 2,
        "max_model_len": 64,
        "max_num_seqs": 7,
        "gpu_memory_utilization": 0.5,
        "enable_prefix_caching": False,
        "enforce_eager": True,
        "enable_chunked_prefill": False,  # on a CPU
        "skip_tokenizer_init": True,
        "generation_config": "vllm",
        "use_tqdm_on_load": False,
    }
    assert server.loaded.context_length == 64
    VllmBackend().load(model(dtype="bfloat16"))
    assert "max_num_seqs" not in vllm.started[1].options
    assert vllm.started[1].options["dtype"] == "bfloat16"


def test_the_same_model_is_started_once_and_another_ends_it(vllm):
    first = VllmBackend().load(model())
    assert VllmBackend().load(model()).loaded is first.loaded
    VllmBackend().load(model(template="none"))
    assert [one.is_open for one in vllm.started] == [False, True]


def test_an_adapter_goes_with_every_request(vllm, tmp_path):
    folder = adapter(tmp_path / "lora", r=9)
    server = VllmBackend().load(model(adapter=str(folder)))
    server.generate([drawing("a")])
    scored = server.loglikelihood([scoring("a", " Yes", " the left hook")])[0]
    plain = hf_server(saved("llama")).loglikelihood([scoring("a", " Yes", " the left hook")])[0]
    assert scored.log_likelihoods == pytest.approx(plain.log_likelihoods, abs=1e-4)  # the stand-in
    assert (scored.tokens, scored.greedy) == (plain.tokens, plain.greedy)  # leaves it out
    (started,) = vllm.started
    assert started.options["enable_lora"] is True
    assert started.options["max_lora_rank"] == 16  # vLLM takes some ranks alone
    assert [request.lora_path for request in started.adapters] == [str(folder)]
    assert {request for *_, request in started.asked} == set(started.adapters)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"use_dora": True}, "use_dora"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"rank_pattern": {"q_proj": 2}}, "rank_pattern"),
        ({"bias": "all"}, "bias"),
        ({"r": 600}, "rank 600"),
    ],
)
def test_an_adapter_that_is_no_plain_lora_is_refused(tmp_path, settings, named):
    folder = adapter(tmp_path / "lora", **settings)
    with pytest.raises(UserError, match=named) as refused:
        VllmBackend().check(model(adapter=str(folder)))
    assert len(refused.value.mistakes) == 1 and "backend=hf" in str(refused.value)


def test_another_kind_of_adapter_and_a_second_one_are_refused(tmp_path):
    other = tmp_path / "ia3"
    other.mkdir()
    other.joinpath("adapter_config.json").write_text(json.dumps({"peft_type": "IA3"}))
    adapter(tmp_path / "lora").joinpath("adapter_model.safetensors").rename(
        other / "adapter_model.safetensors"
    )
    with pytest.raises(UserError, match="kind IA3"):
        VllmBackend().check(model(adapter=str(other)))
    lora = adapter(tmp_path / "again")
    config = json.loads((lora / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = str(saved("llama"))
    (lora / "adapter_config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match="takes one adapter"):
        VllmBackend().check(model(path=str(lora), adapter=str(lora)))


def test_all_mistakes_are_told_at_once(tmp_path):
    with pytest.raises(UserError) as refused:
        VllmBackend().check(model(quantization="nf4", template=str(tmp_path / "none.jinja")))
    assert len(refused.value.mistakes) == 2


def test_identity_is_hf_s_and_the_version(vllm, monkeypatch):
    identity = VllmBackend().model_identity(model())
    assert identity == {**HfBackend().model_identity(model()), "vllm": "0.0.fake"}
    monkeypatch.setattr("tombench.backends.vllm.backend.version", lambda name: "0.1.fake")
    assert VllmBackend().model_identity(model()) != identity


def test_fields_that_cannot_change_a_result_are_fields():
    names = {field.name for field in fields(VllmBackend)}
    assert names - VllmBackend.not_identity == {"max_model_len"}
    assert VllmBackend.not_identity < names


def test_without_vllm_one_line_says_what_to_do(absent, command):
    outcome = command("backend=vllm", "limit=1")
    assert outcome.status == 2
    (line,) = outcome.lines
    assert "vLLM is not installed" in line and "scripts/install_vllm" in line
    with pytest.raises(UserError):
        installed()


def test_without_vllm_nothing_is_written(absent, command, tmp_path):
    command("backend=vllm", "limit=1")
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_needs_no_vllm(absent, command, tmp_path):
    ours, theirs = (
        command(f"backend={name}", "limit=2", "dry_run=true").out.splitlines()
        for name in ("vllm", "hf")
    )
    assert any("a dry run does not start vLLM" in line for line in ours)
    told = ("time", "memory")
    same = [pair for pair in zip(ours, theirs, strict=True) if not pair[0].startswith(told)]
    assert all(one == other for one, other in same) and len(same) > 5
    assert any(line.startswith("memory") and "of weights" in line for line in ours)
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_a_run_and_finds_it_again(vllm, command):
    words = ("backend=vllm", "limit=2", "task.repetitions=2", "generation.max_new_tokens=4")
    done = command(*words)
    assert done.status == 0, done.err
    records = (done.folder / "records.jsonl").read_text().splitlines()
    assert len(records) == 4 and not any(json.loads(line)["error"] for line in records)
    again = command(*words, "backend.max_num_seqs=3", "backend.enable_prefix_caching=false")
    assert again.folder == done.folder and len(vllm.started) == 1


class Settings(BaseModel):
    """Fails as vLLM's own configuration classes do."""

    @model_validator(mode="after")
    def refuse(self):
        raise ValueError("max_model_len (4096) is greater than the derived max_model_len (128)")


def failures():
    try:
        Settings()
    except ValidationError as error:
        yield error, "max_model_len (4096) is greater"
    yield ValueError("No available memory for the cache blocks.\nTrace"), "gpu_memory_utilization"
    yield RuntimeError(""), "RuntimeError"
    yield ImportError("libcudart.so.13: cannot open shared object file"), "libcudart"


@pytest.mark.parametrize(
    ("error", "named"), list(failures()), ids=lambda value: type(value).__name__
)
def test_a_failed_start_is_one_line(vllm, monkeypatch, error, named):
    monkeypatch.setattr(vllm, "fails", error)
    with pytest.raises(UserError) as refused:
        VllmBackend().load(model())
    (line,) = refused.value.mistakes
    assert "vLLM does not start" in line and named in line and "\n" not in line


def test_stop_tokens_are_those_of_hf(tmp_path):
    from tombench.backends.vllm.load import stop_tokens
    from tombench.models.check import read_config

    for listed in (None, [2, 7]):
        net = network("llama")
        net.save_pretrained(tmp_path)
        if listed:
            config = replace_ends(tmp_path / "generation_config.json", listed)
            assert config["eos_token_id"] == listed
        config = read_config(tmp_path, "x", False)
        assert stop_tokens(tmp_path, config, 5) == tuple(sorted({5, *(listed or [2])}))
    (tmp_path / "generation_config.json").unlink()
    assert stop_tokens(tmp_path, config, None) == (2,)


def replace_ends(file, ids):
    values = json.loads(file.read_text()) | {"eos_token_id": ids}
    file.write_text(json.dumps(values))
    return values


def test_auto_runs_in_the_precision_of_hf(vllm, monkeypatch):
    import torch

    gpu = torch.device("cuda")
    monkeypatch.setattr("tombench.backends.vllm.load.resolve_device", lambda name: gpu)
    VllmBackend().load(model())
    VllmBackend().load(model(dtype="float16"))
    assert [one.options["dtype"] for one in vllm.started] == ["float32", "float16"]
    assert "enable_chunked_prefill" not in vllm.started[0].options


def test_several_processes_are_refused(monkeypatch):
    values = {"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0"}
    values |= {"MASTER_ADDR": "localhost", "MASTER_PORT": "1"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match="without torchrun"):
        VllmBackend().check(model())


def test_the_reader_reads_what_the_model_would():
    reader = VllmBackend().reader(model())
    theirs = hf_server(saved("llama"))
    request = scoring("The key ", "Yes", "the left hook")
    assert reader.prompt_as_sent(request) == theirs.prompt_as_sent(request)
    assert reader.token_ids(request)[0] == theirs.loaded.encoding.encode("The key")
