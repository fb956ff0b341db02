"""What loads, and the one line that says why something does not."""

import json
import shutil
import subprocess
import sys

import pytest
import torch
from hf_models import CHAT, PROMPTS, drawing, network, saved, scoring, server, tokenizer
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from tombench.backends.hf.backend import HfBackend
from tombench.errors import UserError
from tombench.models.base import Model
from tombench.models.check import check
from tombench.models.load import load


@pytest.fixture
def folder(tmp_path):
    """A copy of a saved Llama, to be damaged."""
    return shutil.copytree(saved("llama"), tmp_path / "llama")


@pytest.fixture
def adapter(tmp_path):
    """A LoRA adapter with an effect, for the Llama."""
    base = AutoModelForCausalLM.from_pretrained(saved("llama"))
    torch.manual_seed(1)
    adapted = get_peft_model(
        base, LoraConfig(r=2, target_modules=["q_proj", "v_proj"], init_lora_weights=False)
    )
    adapted.save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


def model(path, **fields):
    return Model(name="test", path=str(path), **fields)


def refused(path, *words, by=check, **fields):
    """One plain line that holds all the words."""
    with pytest.raises(UserError) as told:
        by(model(path, **fields))
    line = str(told.value)
    assert "\n" not in line
    for word in words:
        assert word in line, line


def edit(file, **values):
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def logits(loaded, text=PROMPTS[1]):
    with torch.inference_mode():
        return loaded.causal_lm(torch.tensor([loaded.encoding.encode(text)])).logits.float()


def test_a_missing_folder_and_a_file():
    refused("/no/such/folder", "/no/such/folder", "no such folder")
    refused("./nothing", "no such folder")
    refused(__file__, "this is a file")
    refused("data:models/none", "data:models/none")


def test_a_hub_model_while_offline():
    refused("somebody/something", "somebody/something", "cache", "model.path")


def test_a_folder_without_a_model(tmp_path):
    refused(tmp_path, "config.json", str(tmp_path))


def test_a_folder_without_weights(folder):
    (folder / "model.safetensors").unlink()
    refused(folder, "no weights", "model.safetensors")


def test_pickled_weights(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    refused(folder, "pickled", "pytorch_model.bin")


def test_a_missing_shard(folder):
    (folder / "model.safetensors").unlink()
    index = {"weight_map": {"lm_head.weight": "model-00001-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    refused(folder, "model-00001-of-00002.safetensors", "missing")


@pytest.mark.parametrize("size", [0, 5, 200, -100])
def test_cut_off_weights(folder, size):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:size])
    refused(folder, "model.safetensors", "fetch")


def test_weights_that_are_no_safetensors(folder):
    (folder / "model.safetensors").write_bytes(b"\x80\x04 a pickle, renamed" * 100)
    refused(folder, "model.safetensors")


def test_missing_tensors_are_not_made_up(folder):
    tensors = load_file(folder / "model.safetensors")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    refused(folder, "missing", "model.layers.1.mlp.up_proj.weight", by=load)


def test_shapes_that_differ(folder):
    edit(folder / "config.json", intermediate_size=48)
    refused(folder, "shape", "[32, 64]", "[32, 48]", by=load)


def test_a_broken_config(folder):
    (folder / "config.json").write_text("{")
    refused(folder, "config.json")
    (folder / "config.json").write_text('{"model_type": "no_such_architecture"}')
    refused(folder, "config.json")


def test_code_is_not_run_unasked(folder):
    auto = {"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"}
    edit(folder / "config.json", auto_map=auto, model_type="own")
    (folder / "own.py").write_text("raise SystemExit('ran')")
    refused(folder, "trust_remote_code")


def test_no_tokenizer(folder):
    for file in folder.glob("*token*"):
        file.unlink()
    refused(folder, "no tokenizer", "tokenizer.json")


def test_a_broken_tokenizer(folder):
    (folder / "tokenizer.json").write_text("{}")
    refused(folder, "tokenizer", "cannot be read")


def test_a_tokenizer_of_another_model(folder):
    core = json.loads((folder / "tokenizer.json").read_text())
    core["model"]["vocab"]["extra"] = 5000
    (folder / "tokenizer.json").write_text(json.dumps(core))
    refused(folder, "5000", "400")


def test_a_template_file(tmp_path):
    refused(saved("llama"), "no.jinja", template=str(tmp_path / "no.jinja"))
    broken = tmp_path / "broken.jinja"
    broken.write_text("a\n{% for %}")
    refused(saved("llama"), "broken.jinja:2", template=str(broken))


def test_a_device_that_is_not_there():
    for device in ("cuda:9", "mps", "abacus"):
        with pytest.raises(UserError, match=f"backend.device={device}"):
            HfBackend(device=device).check(model(saved("llama")))


def test_quantization_without_bitsandbytes(monkeypatch):
    monkeypatch.setattr("tombench.models.check.find_spec", lambda name: None)
    refused(saved("llama"), "bitsandbytes", "pip install", quantization="nf4")


def test_gaps_of_an_adapter(adapter, tmp_path):
    refused(saved("llama"), "adapter_config.json", adapter=str(tmp_path))
    refused(saved("qwen2"), "no such folder", adapter="/no/such/adapter")
    (adapter / "adapter_model.safetensors").write_bytes(b"short")
    refused(saved("llama"), "adapter_model.safetensors", adapter=str(adapter))


def test_an_adapter_of_another_base(adapter):
    refused(saved("opt"), "trained on", adapter=str(adapter), by=load)
    edit(adapter / "adapter_config.json", r=4)
    refused(saved("llama"), "does not fit", "size mismatch", adapter=str(adapter), by=load)


def test_an_adapter_acts(adapter):
    base = logits(load(model(saved("llama")), "cpu"))
    adapted = load(model(saved("llama"), adapter=str(adapter)), "cpu")
    assert (logits(adapted) - base).abs().max() > 0.1
    run = server(saved("llama"), adapter=str(adapter))
    context, option = tokenizer().encode(PROMPTS[1]), tokenizer().encode(" oat")
    with torch.inference_mode():
        full = run.loaded.causal_lm(torch.tensor([context + option])).logits[0].log_softmax(-1)
    wanted = sum(float(full[len(context) - 1 + i, t]) for i, t in enumerate(option))
    scored = run.loglikelihood([scoring(PROMPTS[1], " oat")])[0].log_likelihoods[0]
    assert scored == pytest.approx(wanted, abs=1e-4)


def test_a_run_folder_holds_a_model_or_an_adapter(adapter, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "run.json").write_text("{}")
    refused(run, "no weights", "model/")
    shutil.copytree(adapter, run / "adapter")
    alone = logits(load(model(run), "cpu"))
    on_top = logits(load(model(saved("llama"), adapter=str(run)), "cpu"))
    assert torch.equal(alone, on_top)
    shutil.copytree(saved("llama"), run / "merged")
    assert torch.equal(logits(load(model(run), "cpu")), logits(load(model(saved("llama")), "cpu")))


@pytest.mark.parametrize("quantization", ["int8", "nf4"])
def test_quantized_weights_are_near_and_smaller(quantization):
    """On `tiny`: on some processors bitsandbytes wants rows of whole blocks, 64 weights each."""
    plain = load(model("data:models/tiny"), "cpu")
    exact, size = logits(plain).softmax(-1), plain.weights_bytes
    small = load(model("data:models/tiny", quantization=quantization), "cpu")
    assert small.weights_bytes < size
    assert (logits(small).softmax(-1) - exact).abs().sum(-1).mean() < 0.6
    assert not torch.equal(logits(small).softmax(-1), exact)


def test_dtype_is_float32_on_the_cpu_unless_set(folder):
    network("llama").to(torch.float32).save_pretrained(folder)
    edit(folder / "config.json", dtype="bfloat16")
    assert next(load(model(folder), "cpu").causal_lm.parameters()).dtype == torch.float32
    loaded = load(model(folder, dtype="bfloat16"), "cpu")
    assert next(loaded.causal_lm.parameters()).dtype == torch.bfloat16


def test_chat_templates(folder, tmp_path, caplog):
    assert load(model(folder)).encoding.as_sent("Hi") == "Hi"
    edit(folder / "tokenizer_config.json", chat_template=CHAT)
    assert load(model(folder)).encoding.as_sent("Hi") == "<u>Hi</u><a>"
    assert not caplog.records
    assert load(model(folder, template="none")).encoding.as_sent("Hi") == "Hi"
    assert "chat template" in caplog.text
    own = tmp_path / "own.jinja"
    own.write_text("Q: {{ messages[0]['content'] }}")
    assert load(model(folder, template=str(own))).encoding.as_sent("Hi") == "Q: Hi"


def test_a_template_writes_its_own_beginning_token(tmp_path):
    folder = shutil.copytree(saved("llama", bos=True), tmp_path / "llama")
    assert load(model(folder)).encoding.encode("a")[0] == 1
    edit(folder / "tokenizer_config.json", chat_template="<s>" + CHAT)
    run = server(folder)
    sent = run.prompt_as_sent(drawing("a"))
    assert run.loaded.encoding.encode(sent).count(1) == 1
    assert run.generate([drawing("a")])[0].prompt == sent == "<s><u>a</u><a>"


def test_end_tokens_of_the_generation_config(folder):
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": [7, 2]}))
    assert load(model(folder)).stop_tokens == (2, 7)


def test_loading_says_nothing_on_standard_error():
    code = (
        "from tombench.backends.hf.backend import HfBackend\n"
        "from tombench.models.base import Model\n"
        f"HfBackend(device='cpu').load(Model(name='a', path={str(saved('llama'))!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
