"""A model that is about to be fine-tuned: its weights, and the fresh adapter that learns."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.models.device import resolve_device
from tombench.models.encoding import Encoding
from tombench.models.load import Head, load_base, put_on, quiet
from tombench.models.locate import locate
from tombench.recipes.base import TrainingJob
from tombench.recipes.tuning import TuningSettings

if TYPE_CHECKING:
    from peft import LoraConfig
    from transformers import PreTrainedModel

SMALL = 100_000_000
"""Parameters below which a model wants a larger learning rate: the embedded ones are below."""
RATES = {(True, True): 2e-3, (True, False): 2e-4, (False, True): 1e-3, (False, False): 1e-5}
"""(adapter, small) -> learning rate where none is set; the large ones as QLoRA's (Dettmers et al.
2023, appendix B) and as is usual for all weights."""


@dataclass(frozen=True, eq=False)
class Pupil:
    """What a trainer gets."""

    network: "PreTrainedModel"  # without adapter
    encoding: Encoding
    lora: "LoraConfig | None"  # of the adapter that is to be put on it; None: all weights learn
    parameters: int  # of the network without adapter; packed ones count as those they stand for

    def with_adapter(self) -> Any:
        """The network as it is trained: with a fresh adapter (torch's random stream), or bare."""
        if self.lora is None:
            return self.network
        from peft import get_peft_model, prepare_model_for_kbit_training

        network = self.network
        if getattr(network, "is_quantized", False):
            network = prepare_model_for_kbit_training(network, use_gradient_checkpointing=False)
        return get_peft_model(network, self.lora)


def check_trainable(settings: TuningSettings, model: Model) -> None:
    """Refuse (UserError), before any weights load, what cannot be trained so."""
    from tombench.models.check import check

    check(model)
    if model.quantization != "none" and settings.lora is None:
        raise UserError(
            f"model.quantization={model.quantization}: quantized weights cannot learn themselves; "
            "give recipe.lora.rank=8 for an adapter, or model.quantization=none"
        )
    if settings.lora is not None and locate(model).adapters:
        raise UserError(
            f"model={model.label}: it has an adapter already, and a second one would need the "
            "first for ever; merge it: tombench stage=finetune recipe=merge model=… "
            "model.adapter=…, then train on that run's folder"
        )


def pupil(settings: TuningSettings, job: TrainingJob, head: Head = "causal_lm") -> Pupil:
    """Load the weights to be trained; in float32 where all of them learn.

    A reward model's new head is random, from the job's seed. Raises UserError as `load`.
    """
    import torch

    quiet()
    if settings.threads:
        torch.set_num_threads(settings.threads)
    torch.manual_seed(job.seed)
    model = job.model
    if settings.lora is None and model.dtype == "auto":
        model = replace(model, dtype="float32")
    loaded = load_base(model, resolve_device("auto"), head)
    network = loaded.network
    if settings.lora is None:
        source = locate(model)
        for place in source.adapters:
            first = source.weights if place is source.adapters[0] else None
            network = put_on(network, place, first).merge_and_unload()
        network.requires_grad_(True)
    tokenizer = loaded.encoding.tokenizer
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    lora = lora_config(settings, network, head)
    return Pupil(network, loaded.encoding, lora, network.num_parameters())


def lora_config(
    settings: TuningSettings, network: "PreTrainedModel", head: Head
) -> "LoraConfig | None":
    """peft's configuration, new each time: peft writes into it.

    Raises UserError for names of layers that the model does not have.
    """
    if settings.lora is None:
        return None
    from peft import LoraConfig

    lora = settings.lora
    named = {name.rpartition(".")[2] for name, _ in network.named_modules()}
    unknown = [name for name in lora.targets or () if name not in named]
    if unknown:
        linear = sorted({n for n in named if n.endswith(("proj", "fc_in", "fc_out", "out", "fc1"))})
        raise UserError(
            f"recipe.lora.targets: the model has no layers named {', '.join(unknown)}; it has "
            f"{', '.join(linear)}"
        )
    return LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=list(lora.targets) if lora.targets else "all-linear",
        task_type="CAUSAL_LM" if head == "causal_lm" else "SEQ_CLS",
    )


def learning_rate(settings: TuningSettings, parameters: int) -> float:
    """The one that is set, else one that suits the model's size and what of it learns."""
    if settings.learning_rate is not None:
        return settings.learning_rate
    return RATES[settings.lora is not None, parameters < SMALL]


def freeze_embeddings(network: "PreTrainedModel") -> None:
    """Input embeddings and output layer take no gradient."""
    for layer in (network.get_input_embeddings(), network.get_output_embeddings()):
        if layer is not None:
            layer.requires_grad_(False)


def told_of(network: Any) -> str:
    """How many weights learn, as a line of the log."""
    learnt = sum(weight.numel() for weight in network.parameters() if weight.requires_grad)
    whole = sum(weight.numel() for weight in network.parameters())
    return f"weights {learnt:,} of {whole:,} learn ({learnt / whole:.2%})"
