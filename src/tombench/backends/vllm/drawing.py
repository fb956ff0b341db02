"""Draw rows with vLLM: one request a row, with its own seed; a reasoning model thinks first."""

from collections.abc import Sequence
from typing import Any

from tombench.backends.local import Row
from tombench.backends.thinking import Thought, bound, sample, thought
from tombench.backends.vllm.load import VllmLoaded
from tombench.errors import RunFailed, UserError
from tombench.schema import Sample, Sampling

SEEDS = 2**63  # vLLM's are signed 64-bit numbers
COLDEST, HOTTEST = 0.01, 2.0
"""Temperatures above 0 that vLLM takes as they are; it raises lower ones (sampling_params.py)."""


def check(sampling: Sampling) -> None:
    """Refuse (UserError) a temperature that vLLM would change or refuse."""
    if sampling.temperature and not COLDEST <= sampling.temperature <= HOTTEST:
        raise UserError(
            f"generation.temperature={sampling.temperature}: vLLM draws at 0 or from {COLDEST}"
            f" to {HOTTEST:g}; choose one of these, or use backend=hf"
        )


def draw(loaded: VllmLoaded, rows: Sequence[Row], sampling: Sampling) -> dict[Row, Sample]:
    """Draw distinct rows; all are handed to vLLM at once, which batches them."""
    check(sampling)
    thoughts = _thoughts(loaded, rows, sampling) if loaded.encoding.thinking != "off" else None
    prompts = [t.context for t in thoughts] if thoughts else [row.prompt for row in rows]
    most = sampling.max_new_tokens
    # thinking has used the seed's own stream
    seeds = [row.seed + (1 if thoughts else 0) for row in rows]
    drawn = _continued(loaded, prompts, [_parameters(loaded, sampling, s, most) for s in seeds])
    return {
        row: sample(loaded.encoding, ids, most, before)
        for row, ids, before in zip(rows, drawn, thoughts or [None] * len(rows), strict=True)
    }


def _thoughts(loaded: VllmLoaded, rows: Sequence[Row], sampling: Sampling) -> list[Thought]:
    """What is thought before each row's answer; its prompt ends inside an opened block."""
    closing = loaded.encoding.bare(loaded.encoding.marks.closing)
    ends = closing if len(closing) == 1 else []  # else its text is looked for afterwards
    most = [bound(loaded, len(row.prompt), sampling.max_new_tokens) for row in rows]
    parameters = [
        _parameters(loaded, sampling, row.seed, own, ends)
        for row, own in zip(rows, most, strict=True)
    ]
    drawn = _continued(loaded, [row.prompt for row in rows], parameters, ends)
    return [
        thought(loaded.encoding, row.prompt, ids, own)
        for row, ids, own in zip(rows, drawn, most, strict=True)
    ]


def _parameters(
    loaded: VllmLoaded, sampling: Sampling, seed: int, most: int, ends: Sequence[int] = ()
) -> Any:
    """vllm.SamplingParams for one row of at most so many tokens."""
    from vllm import SamplingParams

    return SamplingParams(
        temperature=sampling.temperature,
        top_k=sampling.top_k,  # 0 keeps all, as ours
        top_p=sampling.top_p,
        max_tokens=most,
        seed=seed % SEEDS,
        stop_token_ids=[*loaded.stop_tokens, *ends],
        detokenize=False,  # our own encoding makes text of the ids
    )


def _continued(
    loaded: VllmLoaded,
    prompts: Sequence[Sequence[int]],
    parameters: Sequence[Any],
    ends: Sequence[int] = (),
) -> list[list[int]]:
    """Ids drawn after each prompt, the one that ended them left out.

    Raises RunFailed where vLLM gave a row up.
    """
    stops = {*loaded.stop_tokens, *ends}
    drawn = []
    for output in loaded.ask(prompts, parameters):
        done = output.outputs[0]
        if done.finish_reason not in ("stop", "length"):
            raise RunFailed(f"vLLM gave a sample up ({done.finish_reason}); run the command again")
        ids = list(done.token_ids)
        if done.finish_reason == "stop" and ids and ids[-1] in stops:
            ids.pop()
        drawn.append(ids)
    return drawn
