"""A stand-in for vLLM: a real small model behind the part of its interface that is used here.

It keeps a prefix cache of blocks as vLLM does, and gives nothing of use for prompt tokens that it
finds there: V1 of vLLM's model runner leaves rubbish in their place, V2 leaves them out.
"""

import sys
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest
import torch
from transformers import AutoModelForCausalLM

BLOCK = 16


@dataclass
class SamplingParams:
    """The parameters that are used, with vLLM's defaults; any other is refused."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    max_tokens: int = 16
    seed: int | None = None
    stop_token_ids: list[int] = field(default_factory=list)
    logprob_token_ids: list[int] | None = None
    prompt_logprobs: int | None = None
    skip_reading_prefix_cache: bool = False
    detokenize: bool = True

    def __post_init__(self) -> None:
        assert not self.detokenize, "there is no tokenizer"
        assert self.seed is None or 0 <= self.seed < 2**63
        assert len(self.logprob_token_ids or ()) <= 128
        assert self.max_tokens >= 1


@dataclass(frozen=True)
class Logprob:
    logprob: float
    rank: int


@dataclass(frozen=True)
class LoRARequest:
    lora_name: str
    lora_int_id: int
    lora_path: str


class LLM:
    """Runs one request after the other; `asked` holds (prompt, parameters, adapter) of each."""

    started: ClassVar[list["LLM"]] = []
    leaves_out = False  # model runner V2
    fails: Exception | None = None

    def __init__(self, model: str, **options: Any) -> None:
        if LLM.fails is not None:
            raise LLM.fails
        self.model, self.options = model, options
        self.network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
        limit = options["max_model_len"] or self.network.config.max_position_embeddings
        self.model_config = SimpleNamespace(max_model_len=limit)
        self.adapters: list[LoRARequest] = []
        self.is_open = True
        core = SimpleNamespace(shutdown=lambda: setattr(self, "is_open", False))
        self.llm_engine = SimpleNamespace(engine_core=core, add_lora=self.adapters.append)
        self.cache: set[tuple[int, ...]] = set()
        self.asked: list[tuple[list[int], SamplingParams, LoRARequest | None]] = []
        LLM.started.append(self)

    def generate(
        self,
        prompts: list[dict[str, Any]],
        parameters: list[SamplingParams],
        use_tqdm: bool,
        lora_request: LoRARequest | None,
    ) -> list[SimpleNamespace]:
        assert self.is_open and not use_tqdm
        outputs = []
        for prompt, own in zip(prompts, parameters, strict=True):
            ids = prompt["prompt_token_ids"]
            assert lora_request is None or own.prompt_logprobs is None, "wrong with an adapter"
            assert len(ids) + own.max_tokens <= self.model_config.max_model_len
            self.asked.append((ids, own, lora_request))
            outputs.append(self._answer(ids, own))
        return outputs

    @torch.inference_mode()
    def _answer(self, ids: list[int], own: SamplingParams) -> SimpleNamespace:
        found = 0 if own.skip_reading_prefix_cache else self._cached(ids)
        log_probs = self._log_probs(ids)
        drawn, reason = self._drawn(ids, own)
        last = None
        if own.logprob_token_ids is not None:
            last = {t: _entry(log_probs[-1], t) for t in {*own.logprob_token_ids, drawn[0]}}
        done = SimpleNamespace(
            token_ids=drawn, finish_reason=reason, logprobs=None if last is None else [last]
        )
        given = None
        if own.prompt_logprobs is not None:
            pairs = list(zip(log_probs[:-1], ids[1:], strict=True))
            given = [None, *({t: _entry(row, t)} for row, t in pairs[found:])]
            if not self.leaves_out:
                given[1:1] = [{-7: Logprob(-1e9, 1)}] * found
        return SimpleNamespace(outputs=[done], prompt_logprobs=given, num_cached_tokens=found)

    def _cached(self, ids: list[int]) -> int:
        """How many tokens are found in whole blocks; all blocks of the prompt are then there."""
        if not self.options["enable_prefix_caching"]:
            return 0
        whole = range(BLOCK, len(ids), BLOCK)  # the last token is always computed
        found = max((n for n in whole if tuple(ids[:n]) in self.cache), default=0)
        self.cache |= {tuple(ids[:n]) for n in range(BLOCK, len(ids) + 1, BLOCK)}
        return found

    def _log_probs(self, ids: list[int]) -> torch.Tensor:
        return self.network(torch.tensor([ids])).logits[0].float().log_softmax(-1)

    def _drawn(self, ids: list[int], own: SamplingParams) -> tuple[list[int], str]:
        generator = None if own.seed is None else torch.Generator().manual_seed(own.seed)
        drawn: list[int] = []
        while len(drawn) < own.max_tokens:
            row = self._log_probs([*ids, *drawn])[-1]
            if own.temperature == 0:
                token = int(row.argmax())
            else:
                shares = (row / own.temperature).softmax(-1)
                token = int(torch.multinomial(shares, 1, generator=generator))
            drawn.append(token)
            if token in own.stop_token_ids:
                return drawn, "stop"
        return drawn, "length"


def _entry(row: torch.Tensor, token: int) -> Logprob:
    return Logprob(float(row[token]), int((row >= row[token]).sum()))


def install(monkeypatch: pytest.MonkeyPatch) -> type[LLM]:
    """Make this what `import vllm` gives, until the test ends."""
    contents = {
        "vllm": {"LLM": LLM, "SamplingParams": SamplingParams, "TokensPrompt": dict},
        "vllm.lora": {},
        "vllm.lora.request": {"LoRARequest": LoRARequest},
        "vllm.distributed": {},
        "vllm.distributed.parallel_state": {"cleanup_dist_env_and_memory": lambda: None},
    }
    for name, members in contents.items():
        module = ModuleType(name)
        module.__dict__.update(members)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(LLM, "started", [])
    monkeypatch.setattr("tombench.backends.vllm.load._last", None)
    monkeypatch.setattr("tombench.backends.vllm.backend.version", lambda name: "0.0.fake")
    return LLM
