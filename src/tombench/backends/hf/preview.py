"""A dry run of a model whose weights are not on this machine: none are fetched."""

from collections.abc import Sequence

from tombench.backends.base import Estimate
from tombench.backends.hf.counting import new_tokens, prompt_tokens
from tombench.backends.hf.memory import SLACK, Shape, resident
from tombench.backends.hf.sizing import batches, most_held
from tombench.models.base import Model
from tombench.models.check import read_config
from tombench.models.encoding import Encoding, chat_template
from tombench.models.hub import folder_of
from tombench.models.locate import locate
from tombench.models.tokenizer import load_tokenizer
from tombench.schema import Request

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


class HfPreview:
    """The tokenizer and the shape of a model: enough for tokens, memory and prompts."""

    def __init__(self, model: Model, on_cpu: bool, batch_tokens: int) -> None:
        place = locate(model).weights
        folder = folder_of(place, code=model.trust_remote_code)
        tokenizer = load_tokenizer(folder, place.name, model.trust_remote_code)
        template = chat_template(model.template, tokenizer, place.name)
        self.encoding = Encoding(tokenizer, template, model.thinking)
        config = read_config(folder, place.name, model.trust_remote_code)
        self.context_length = getattr(config.get_text_config(), "max_position_embeddings", None)
        self.weights_bytes = weights_bytes(model, config, on_cpu)
        self._shape = Shape.of(config, BYTES[computed(model, config, on_cpu)])
        self._on_cpu, self._batch_tokens = on_cpu, batch_tokens

    def prompt_as_sent(self, request: Request) -> str:
        """The exact text that the model would read."""
        return self.encoding.sent(request)

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate:
        """Tokens and memory; seconds are not known without the weights."""
        return Estimate(
            prompt_tokens=prompt_tokens(self.encoding, requests),
            new_tokens=new_tokens(self.encoding, requests),
            weights_bytes=self.weights_bytes,
            seconds=None,
            how="the weights are not on this machine, and a dry run fetches none",
            memory_bytes=self._memory(requests),
        )

    def _memory(self, requests: Sequence[Sequence[Request]]) -> int | None:
        """Bytes at the peak: on the device, or of the process where that is the CPU."""
        if self._shape is None:
            return None
        planned = batches(self, requests, self._batch_tokens)
        items = [[requests[index] for index in batch] for batch in planned]
        batch = most_held(self, self._shape, items, self._batch_tokens)
        if not self._on_cpu:
            return self.weights_bytes + batch
        return resident() + self.weights_bytes + round(SLACK * batch)


def weights_bytes(model: Model, config: object, on_cpu: bool) -> int:
    """Memory that the weights will take, from the shapes that config.json asks for.

    Quantized are the linear layers inside the decoder; embeddings and head keep their precision.
    """
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        network = AutoModelForCausalLM.from_config(
            config, trust_remote_code=model.trust_remote_code
        )
    dtype = computed(model, config, on_cpu)
    each = {"none": BYTES[dtype], "int8": 1.0, "nf4": 0.5 + 1 / 32}[model.quantization]
    head = network.get_output_embeddings()
    linear = {
        id(layer.weight)
        for layer in network.modules()
        if isinstance(layer, torch.nn.Linear) and layer is not head
    }
    return round(
        sum(p.numel() * (each if id(p) in linear else BYTES[dtype]) for p in network.parameters())
    )


def computed(model: Model, config: object, on_cpu: bool) -> str:
    """The dtype that the model will run in."""
    if model.dtype != "auto":
        return model.dtype
    saved = str(getattr(config, "dtype", None) or "float32").removeprefix("torch.")
    return "float32" if on_cpu else saved
