"""What can be refused before any weights load: paths, configuration, tokenizer, template."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tombench.errors import UserError, gathered
from tombench.models.base import Model
from tombench.models.encoding import Encoding, chat_template, check_thinking, read_template
from tombench.models.hub import folder_of
from tombench.models.locate import Place, adapter_place, weights_source
from tombench.models.tokenizer import check_matches, first_line, load_tokenizer
from tombench.models.weights import adapter_file, shapes_in, weight_files

if TYPE_CHECKING:
    from transformers import PretrainedConfig

PROMPT_LEARNING = ("PROMPT_TUNING", "PREFIX_TUNING", "P_TUNING", "MULTITASK_PROMPT_TUNING", "CPT")


def check(model: Model, answers: bool = True) -> None:
    """Refuse with one plain line (UserError) what cannot load; reads no tensor.

    Of a Hub repository the small files alone are fetched, its weights are not looked at.

    Args:
        answers: whether it shall answer, which a reward model cannot.
    """
    gathered(
        lambda: answers and check_head(model),
        lambda: check_quantization(model),
        lambda: model.template in ("auto", "none") or read_template(model.template),
        lambda: check_weights(weights_source(model.path, model.revision).weights, model),
        lambda: check_adapters(model),
    )


def check_head(model: Model) -> None:
    """Refuse (UserError) a reward model, or an adapter that makes one, where text is asked for."""
    source = weights_source(model.path, model.revision)
    adapters = [*source.adapters, *([adapter_place(model.adapter)] if model.adapter else [])]
    kinds = [_named(folder_of(place) / "adapter_config.json", "task_type") for place in adapters]
    kinds += _named(folder_of(source.weights) / "config.json", "architectures") or []
    for kind in kinds:
        if kind == "SEQ_CLS" or str(kind).endswith("ForSequenceClassification"):
            raise UserError(
                f"model={model.label}: this is a reward model, which scores texts and writes none; "
                "give it as recipe.reward_model=RUN, or another model"
            )


def _named(file: Path, key: str) -> Any:
    """What a JSON file has under a key; None where there is nothing to read."""
    try:
        return json.loads(file.read_text(encoding="utf-8")).get(key)
    except (OSError, ValueError, AttributeError):
        return None


def check_quantization(model: Model) -> None:
    """bitsandbytes is there where it is asked for."""
    if model.quantization != "none" and find_spec("bitsandbytes") is None:
        raise UserError(
            f"model.quantization={model.quantization} needs bitsandbytes: pip install bitsandbytes"
        )


def check_weights(place: Place, model: Model) -> None:
    """Config, weight files' headers and tokenizer of the base model."""
    folder = folder_of(place, code=model.trust_remote_code)
    config = read_config(folder, place.name, model.trust_remote_code)
    if place.folder is not None:
        for file in weight_files(folder, place.name):
            shapes_in(file)
    tokenizer = load_tokenizer(folder, place.name, model.trust_remote_code)
    rows = getattr(config.get_text_config(), "vocab_size", None)
    if rows:
        check_matches(tokenizer, rows, place.name)
    if model.thinking != "off":
        template = chat_template(model.template, tokenizer, place.name)
        check_thinking(model, Encoding(tokenizer, template))


def check_adapters(model: Model) -> None:
    """Config and weight file of each adapter."""
    adapters = [] if model.adapter is None else [adapter_place(model.adapter)]
    if Path(model.path).expanduser().is_dir():  # which may itself hold an adapter
        adapters = [*weights_source(model.path, model.revision).adapters, *adapters]
    if len(adapters) > 1 and model.quantization != "none":
        raise UserError(
            f"model.adapter={model.adapter}: a second adapter cannot go on quantized weights;"
            " merge the first (recipe=merge) or set model.quantization=none"
        )
    for place in adapters:
        folder = folder_of(place)
        kind = adapter_kind(folder, place.name)
        if kind in PROMPT_LEARNING:
            raise UserError(f"{place.name}: adapters of kind {kind} are not supported; use LoRA")
        if place.folder is not None:
            shapes_in(adapter_file(folder, place.name))


def adapter_kind(folder: Path, name: str) -> str:
    """PEFT's name for an adapter's kind, such as LORA; raises UserError where it has none."""
    file = folder / "adapter_config.json"
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["peft_type"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{name}: {file} is no PEFT configuration; save the adapter again"
        ) from error


def read_config(folder: Path, name: str, trust_remote_code: bool) -> "PretrainedConfig":
    """The model's config.json as transformers reads it; raises UserError where it cannot."""
    from transformers import AutoConfig

    file = folder / "config.json"
    if not file.is_file():
        raise UserError(f"{name}: no model in {folder} (no config.json)")
    try:
        return AutoConfig.from_pretrained(folder, trust_remote_code=trust_remote_code)
    except Exception as error:  # transformers raises many kinds here
        if "trust_remote_code" in str(error):
            raise UserError(
                f"{name}: this model brings Python code of its own;"
                " set model.trust_remote_code=true if you trust it"
            ) from error
        raise UserError(f"{file}: cannot be read: {first_line(error)}") from error
