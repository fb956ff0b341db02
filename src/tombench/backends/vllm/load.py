"""Start vLLM with a model, its adapter and our tokenizer, or say in one line why not."""

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from tombench.backends.hf.preview import computed
from tombench.backends.responses.reader import EncodingReader
from tombench.backends.vllm.check import rank
from tombench.errors import RunFailed, UserError
from tombench.models.base import Model
from tombench.models.check import read_config
from tombench.models.device import resolve_device
from tombench.models.digest import model_digest
from tombench.models.encoding import Encoding
from tombench.models.hub import folder_of
from tombench.models.load import quiet
from tombench.models.locate import Place, locate
from tombench.models.tokenizer import check_matches, first_line

if TYPE_CHECKING:
    from transformers import PretrainedConfig

    from tombench.backends.vllm.backend import VllmBackend

ENVIRONMENT = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",  # in this process: its errors are ours, it ends with us
    "VLLM_WORKER_MULTIPROC_METHOD": "spawn",  # a fork would inherit a GPU that was looked at
    "VLLM_LOGGING_LEVEL": "CRITICAL",  # its errors are raised, too; its own lines are pages long
    "VLLM_LOGGING_STREAM": "ext://sys.stderr",  # standard output is for results
    "VLLM_NO_USAGE_STATS": "1",  # nothing is sent to anybody
}
"""What vLLM reads as it is imported; what the user has set stays."""


@dataclass(frozen=True, eq=False)
class VllmLoaded:
    """A model in a running vLLM."""

    model: Model
    llm: Any  # vllm.LLM
    adapter: Any  # vllm.lora.request.LoRARequest, or None
    encoding: Encoding
    stop_tokens: tuple[int, ...]  # ids that end a text

    @property
    def context_length(self) -> int:
        """The longest sequence in tokens, prompt and answer together."""
        return self.llm.model_config.max_model_len

    def ask(self, prompts: Sequence[Sequence[int]], parameters: Sequence[Any]) -> list[Any]:
        """vLLM's output for each prompt (token ids, distinct or not), in their order.

        Raises RunFailed where memory runs out.
        """
        from vllm import TokensPrompt

        from tombench.backends.hf.batching import is_out_of_memory

        if not prompts:
            return []
        given = [TokensPrompt(prompt_token_ids=list(prompt)) for prompt in prompts]
        try:
            return self.llm.generate(
                given, list(parameters), use_tqdm=False, lora_request=self.adapter
            )
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise RunFailed(
                "out of memory in vLLM: lower backend.max_num_seqs,"
                " backend.gpu_memory_utilization or backend.max_model_len"
            ) from error

    def close(self) -> None:
        """End vLLM and give its memory back."""
        from vllm.distributed.parallel_state import cleanup_dist_env_and_memory

        self.llm.llm_engine.engine_core.shutdown()
        cleanup_dist_env_and_memory()


_last: tuple[Model, "VllmBackend", str, VllmLoaded] | None = None  # a sweep asks one model often


def load(model: Model, backend: "VllmBackend") -> VllmLoaded:
    """Start vLLM, or give the last one again where model, content and settings are the same.

    Raises UserError, one plain line, where it does not start.
    """
    global _last
    key = (model, backend, model_digest(model))
    if _last is None or _last[:3] != key:
        if _last is not None:
            _last[3].close()
        _last = None
        _last = (*key, _load(model, backend))
    return _last[3]


def _load(model: Model, backend: "VllmBackend") -> VllmLoaded:
    quiet()
    source = locate(model)
    folder = folder_of(source.weights, weights=True, code=model.trust_remote_code)
    config = read_config(folder, source.weights.name, model.trust_remote_code)
    encoding = EncodingReader(model).encoding
    check_matches(encoding.tokenizer, config.get_text_config().vocab_size, source.weights.name)
    options = _options(model, backend, config)
    for place in source.adapters:
        options |= {"enable_lora": True, "max_lora_rank": rank(place)}
    llm, adapter = _started(model, folder, source.adapters, options)
    stops = stop_tokens(folder, config, encoding.tokenizer.eos_token_id)
    return VllmLoaded(model, llm, adapter, encoding, stops)


def _options(model: Model, backend: "VllmBackend", config: "PretrainedConfig") -> dict[str, Any]:
    """Keywords of vllm.LLM; tokens in and out are ours, so it needs no tokenizer."""
    options = {} if backend.max_num_seqs is None else {"max_num_seqs": backend.max_num_seqs}
    on_cpu = resolve_device("auto").type == "cpu"
    if on_cpu:
        # a seeded prompt that is read in two parts fails: its generator cannot be put back
        options["enable_chunked_prefill"] = False
    return options | {
        "dtype": computed(model, config, on_cpu),  # its own auto makes bfloat16 of float32
        "trust_remote_code": model.trust_remote_code,
        "tensor_parallel_size": backend.tensor_parallel_size,
        "max_model_len": backend.max_model_len,
        "gpu_memory_utilization": backend.gpu_memory_utilization,
        "enable_prefix_caching": backend.enable_prefix_caching,
        "enforce_eager": backend.enforce_eager,
        "skip_tokenizer_init": True,
        "generation_config": "vllm",  # its own neutral defaults, not the model's
        "use_tqdm_on_load": False,
    }


def stop_tokens(
    folder: Path, config: "PretrainedConfig", tokenizer_end: int | None
) -> tuple[int, ...]:
    """Ids that end a text: the tokenizer's and the generation configuration's, as of hf."""
    from transformers import GenerationConfig

    if (folder / "generation_config.json").is_file():
        listed = GenerationConfig.from_pretrained(folder).eos_token_id
    else:
        listed = GenerationConfig.from_model_config(config).eos_token_id
    ids = {tokenizer_end, *(listed if isinstance(listed, list) else [listed])}
    return tuple(sorted(token for token in ids if token is not None))


def _started(
    model: Model, folder: Path, adapters: Sequence[Place], options: dict[str, Any]
) -> tuple[Any, Any]:
    """vLLM with its weights and the adapter on it."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of torch and of its own parts
            from vllm import LLM
            from vllm.lora.request import LoRARequest

            llm = LLM(model=str(folder), **options)
        adapter = None
        for place in adapters:
            adapter = LoRARequest("adapter", 1, str(folder_of(place, weights=True)))
            llm.llm_engine.add_lora(adapter)
        return llm, adapter
    except Exception as error:  # vLLM, torch, pydantic and the workers each raise their own
        raise UserError(f"model.path={model.path}: vLLM does not start: {_said(error)}") from error


def _said(error: Exception) -> str:
    """What a failed start says, in one line, and what may help."""
    if isinstance(error, ValidationError):
        told = " ".join(error.errors()[0]["msg"].split())
        line = told.removeprefix("Value error, ").split(". ")[0][:200]
    else:
        line = first_line(error)
    if "root cause" in line:  # which a worker has logged
        line += "; VLLM_LOGGING_LEVEL=ERROR shows it"
    if "memory" in line.lower():
        line += (
            "; try backend.gpu_memory_utilization, backend.max_model_len or"
            " backend.tensor_parallel_size"
        )
    return line
