"""Load a language model and its tokenizer, or say in one line why not."""

import logging
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.models.base_record import check_base
from tombench.models.check import check, check_head, read_config
from tombench.models.device import resolve_device
from tombench.models.digest import model_digest, place_digest
from tombench.models.encoding import Encoding, chat_template
from tombench.models.hub import folder_of
from tombench.models.locate import Place, locate
from tombench.models.tokenizer import check_matches, first_line, load_tokenizer
from tombench.models.weights import adapter_file, shapes_in, weight_files

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

Head = Literal["causal_lm", "reward", "new_reward"]
"""What stands on a network: a language head, a reward model's scalar, or one yet to be learnt."""
SHOWN = 3  # how many tensor names an error line gives


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model in evaluation mode, ready to run."""

    network: Any  # PreTrainedModel, or PeftModel around it
    encoding: Encoding

    @cached_property
    def causal_lm(self) -> "PreTrainedModel":
        """The transformers model; an adapter's layers act inside it."""
        is_peft = hasattr(self.network, "peft_config") and hasattr(self.network, "get_base_model")
        return self.network.get_base_model() if is_peft else self.network

    @property
    def device(self) -> "torch.device":
        """Where input ids go."""
        return self.causal_lm.get_input_embeddings().weight.device

    @property
    def context_length(self) -> int | None:
        """The longest sequence in tokens, or None where the architecture sets no limit."""
        return getattr(self.causal_lm.config.get_text_config(), "max_position_embeddings", None)

    @cached_property
    def stop_tokens(self) -> tuple[int, ...]:
        """Ids that end a text: the tokenizer's and the generation configuration's."""
        listed = getattr(self.causal_lm.generation_config, "eos_token_id", None)
        listed = listed if isinstance(listed, list) else [listed]
        ids = {self.encoding.tokenizer.eos_token_id, *listed}
        return tuple(sorted(token for token in ids if token is not None))

    @property
    def weights_bytes(self) -> int:
        """Memory that the weights take, in their dtype and quantization."""
        return sum(p.numel() * p.element_size() for p in self.network.parameters())


_last: tuple[Model, str, str, Loaded] | None = None  # sweeps load one model again and again


def load(model: Model, device: str = "auto") -> Loaded:
    """Load a model, or give the last one again if it is the same with the same content.

    Raises UserError, one plain line, for whatever a user can put right.
    """
    global _last
    check(model)
    key = (model, device, model_digest(model))
    if _last is None or _last[:3] != key:
        _last = None  # frees the old weights before the new ones come in
        _last = (*key, load_fresh(model, device))
    return _last[3]


def load_fresh(model: Model, device: str = "auto") -> Loaded:
    """Load a model that nobody else holds, for training; it is not checked as `load` does."""
    quiet()
    check_head(model)
    base, adapters = load_base(model, resolve_device(device)), locate(model).adapters
    network = base.network
    for place in adapters:
        if place is not adapters[0]:
            network = network.merge_and_unload()
        network = put_on(network, place, base_of(model) if place is adapters[0] else None)
    return Loaded(network.eval(), base.encoding)


def load_base(model: Model, device: "torch.device", head: Head = "causal_lm") -> Loaded:
    """A model's weights without its adapters, in evaluation mode."""
    source = locate(model)
    folder = folder_of(source.weights, weights=True, code=model.trust_remote_code)
    for file in weight_files(folder, source.weights.name):
        shapes_in(file)
    network = load_weights(model, folder, device, head)
    tokenizer = load_tokenizer(folder, source.weights.name, model.trust_remote_code)
    check_matches(tokenizer, network.get_input_embeddings().weight.shape[0], source.weights.name)
    template = chat_template(model.template, tokenizer, source.weights.name)
    return Loaded(network.eval(), Encoding(tokenizer, template, model.thinking))


def load_weights(
    model: Model, folder: Path, device: "torch.device", head: Head = "causal_lm"
) -> "PreTrainedModel":
    """The base model from a folder of safetensors; no tensor is left to chance but a new head."""
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

    config = read_config(folder, model.path, model.trust_remote_code)
    kind = AutoModelForCausalLM
    if head != "causal_lm":
        kind, config.num_labels = AutoModelForSequenceClassification, 1
    try:
        network, report = kind.from_pretrained(
            folder,
            config=config,
            use_safetensors=True,
            trust_remote_code=model.trust_remote_code,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # reported below, in one line
            **placement(model, device),
        )
    except Exception as error:  # transformers, accelerate and safetensors each raise their own
        if _out_of_memory(error):
            raise UserError(
                f"model.path={model.path}: the weights do not fit the memory of {device};"
                " try model.quantization=nf4, model.device_map=auto or a smaller model"
            ) from error
        raise UserError(
            f"model.path={model.path}: cannot be loaded: {first_line(error)}"
        ) from error
    _refuse_gaps(model, report, new="score." if head == "new_reward" else None)
    return network


def placement(model: Model, device: "torch.device") -> dict[str, Any]:
    """Keywords of from_pretrained for dtype, quantization and device."""
    automatic = "float32" if device.type == "cpu" else "auto"
    options: dict[str, Any] = {"dtype": automatic if model.dtype == "auto" else model.dtype}
    if model.device_map is not None:
        options["device_map"] = model.device_map
    elif device.type != "cpu" or model.quantization != "none":
        options["device_map"] = {"": str(device)}
    if model.quantization != "none":
        options["quantization_config"] = _quantization(model, options["dtype"])
    return options


def _quantization(model: Model, dtype: str) -> Any:
    import torch
    from transformers import BitsAndBytesConfig

    if model.quantization == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=getattr(torch, "bfloat16" if dtype == "auto" else dtype),
        bnb_4bit_use_double_quant=True,
    )


def _refuse_gaps(model: Model, report: dict[str, Any], new: str | None) -> None:
    mismatched = sorted(report["mismatched_keys"])
    if mismatched:
        name, saved, wanted = mismatched[0]
        raise UserError(
            f"model.path={model.path}: {len(mismatched)} tensors do not have the shape that"
            f" config.json asks for, such as {name}: {list(saved)} saved, {list(wanted)} asked;"
            " use the config.json that belongs to the weights"
        )
    missing = sorted(report["missing_keys"])
    if new is not None:
        missing = [name for name in missing if not name.startswith(new)]
    if missing:
        named = ", ".join(missing[:SHOWN]) + (", …" if len(missing) > SHOWN else "")
        raise UserError(
            f"model.path={model.path}: {len(missing)} tensors are missing from the weights"
            f" ({named}); they would be random: fetch or save the model again"
        )


def base_of(model: Model) -> Place:
    """The weights that a model's first adapter goes on."""
    return locate(model).weights


def put_on(network: "PreTrainedModel", place: Place, base: Place | None) -> Any:
    """The base model with a PEFT adapter on it; raises UserError where they do not fit.

    `base` is where the network's weights lie; None where an adapter has been merged into them.
    """
    from peft import PeftModel

    folder = folder_of(place, weights=True)
    if base is not None:
        check_base(folder, place.name, place_digest(base), base.name)
    shapes_in(adapter_file(folder, place.name))
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            adapted = PeftModel.from_pretrained(network, str(folder))
    except Exception as error:  # peft raises RuntimeError, ValueError, KeyError, TypeError
        detail = next((line for line in str(error).splitlines() if "size mismatch" in line), "")
        raise UserError(
            f"{place.name}: this adapter does not fit the model:"
            f" {detail.strip() or first_line(error)}; give the base that it was trained on"
        ) from error
    if any("missing adapter keys" in str(warning.message) for warning in told):
        raise UserError(
            f"{place.name}: the adapter's weights lack tensors that its adapter_config.json"
            " names; give the base that it was trained on, or save the adapter again"
        )
    return adapted


def quiet() -> None:
    """Keep progress bars and notices of the libraries below off standard error."""
    import transformers.utils.logging as chatter

    chatter.set_verbosity_error()
    chatter.disable_progress_bar()
    for name in ("bitsandbytes", "accelerate", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)
    for category in (FutureWarning, UserWarning):
        warnings.filterwarnings("ignore", category=category, module=r"(transformers|trl|peft)\b")


def _out_of_memory(error: Exception) -> bool:
    return "out of memory" in str(error).lower() or "can't allocate memory" in str(error)
