"""Score continuations with vLLM: one request for all options that are alike but for their end.

A request reads a *stem*: the context and all tokens of an option but its last. The log-probability
of the last token is that of a token drawn after the stem; those of the tokens before it are vLLM's
log-probabilities of a prompt. So options of one token each cost one request a context, and what
stems begin alike with is read once (prefix caching).

vLLM gives no log-probabilities of prompt tokens that it finds in its cache, and so by default asks
the cache for none. We let it look, and ask again without where it found more than the context.

With LoRA its log-probabilities of a prompt leave the adapter's part in the head out, or fail
(vllm-project/vllm issues 51594, 29955); so there each token of an option is asked for on its own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tombench.backends.hf.scoring import Option, Scored
from tombench.backends.vllm.load import VllmLoaded
from tombench.errors import RunFailed

LAST_TOKENS = 128  # of one request: vLLM's MAX_LOGPROB_TOKEN_IDS


@dataclass(frozen=True)
class Stem:
    """What is read before the last token of an option."""

    read: tuple[int, ...]  # token ids
    scored: int  # how many at their end belong to the option

    @classmethod
    def of(cls, option: Option) -> "Stem":
        before = option.continuation[:-1]
        return cls(option.context + before, len(before))


@dataclass(frozen=True)
class Question:
    """One request: a stem, and the last tokens that are asked for after it."""

    stem: Stem
    last: tuple[int, ...]

    def parameters(self, cached: bool) -> Any:
        """vllm.SamplingParams; `cached`: the stem may be looked for in the prefix cache."""
        from vllm import SamplingParams

        return SamplingParams(
            temperature=0,
            max_tokens=1,
            logprob_token_ids=list(self.last),
            prompt_logprobs=0 if self.stem.scored else None,
            skip_reading_prefix_cache=not cached,
            detokenize=False,
        )

    def is_answered(self, output: Any, cached: bool) -> bool:
        """Does vLLM's output hold the log-probability of each scored token of the stem?"""
        if not self.stem.scored:
            return True
        context = len(self.stem.read) - self.stem.scored
        found = output.num_cached_tokens
        if cached and (found is None or found >= context):
            return False  # what stands there may never have been computed
        given = (output.prompt_logprobs or [])[-self.stem.scored :]
        own = self.stem.read[context:]
        return len(given) == len(own) and all(
            entry is not None and token in entry for token, entry in zip(own, given, strict=True)
        )

    def scores(self, output: Any) -> dict[int, Scored]:
        """The score of the stem with each last token, by that token."""
        own = self.stem.read[len(self.stem.read) - self.stem.scored :]
        given = output.prompt_logprobs[-len(own) :] if own else []
        read = [entry[token] for token, entry in zip(own, given, strict=True)]
        before = sum(entry.logprob for entry in read)
        greedy = all(entry.rank == 1 for entry in read)
        drawn = output.outputs[0]
        return {
            token: Scored(
                _number(before + drawn.logprobs[0][token].logprob),
                greedy and drawn.token_ids[0] == token,
            )
            for token in self.last
        }


def score(loaded: VllmLoaded, options: Sequence[Option]) -> dict[Option, Scored]:
    """Score distinct options."""
    if loaded.adapter is None:
        return _score(loaded, options)
    steps = {option: _steps(option) for option in options}
    scores = _score(loaded, list(dict.fromkeys(step for own in steps.values() for step in own)))
    return {
        option: Scored(
            sum(scores[step].log_likelihood for step in own),
            all(scores[step].greedy for step in own),
        )
        for option, own in steps.items()
    }


def _steps(option: Option) -> list[Option]:
    """An option token by token: each after all that comes before it."""
    return [
        Option(option.context + option.continuation[:place], (token,))
        for place, token in enumerate(option.continuation)
    ]


def _score(loaded: VllmLoaded, options: Sequence[Option]) -> dict[Option, Scored]:
    scores: dict[Stem, dict[int, Scored]] = {}
    left = questions(options)
    for cached in (True, False):
        outputs = loaded.ask(
            [question.stem.read for question in left],
            [question.parameters(cached) for question in left],
        )
        unanswered = []
        for question, output in zip(left, outputs, strict=True):
            if question.is_answered(output, cached):
                scores.setdefault(question.stem, {}).update(question.scores(output))
            else:
                unanswered.append(question)
        left = unanswered
    if left:
        raise RunFailed(
            f"vLLM gave no log-probabilities of {len(left)} prompts; try"
            " backend.enable_prefix_caching=false, or backend=hf"
        )
    return {option: scores[Stem.of(option)][option.continuation[-1]] for option in options}


def questions(options: Sequence[Option]) -> list[Question]:
    """The requests that options need, at most `LAST_TOKENS` last tokens in each."""
    wanted: dict[Stem, dict[int, None]] = {}
    for option in options:
        wanted.setdefault(Stem.of(option), {})[option.continuation[-1]] = None
    return [
        Question(stem, tuple(last)[start : start + LAST_TOKENS])
        for stem, last in wanted.items()
        for start in range(0, len(last), LAST_TOKENS)
    ]


def _number(value: float) -> float:
    """The value; raises RunFailed where the model's numbers have run over."""
    if math.isnan(value):
        raise RunFailed(
            "the model gives NaN in place of logits: its precision does not hold its numbers;"
            " try model.dtype=bfloat16 or float32"
        )
    return value
