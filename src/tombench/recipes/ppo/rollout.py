"""What the policy says to a step's prompts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tombench.recipes.ppo.policy import Answers, Policy
from tombench.recipes.ppo.recipe import Ppo
from tombench.recipes.trainers.questions import Asked


@dataclass(frozen=True)
class Drawing:
    """How answers are drawn."""

    max_new_tokens: int
    temperature: float
    top_k: int  # 0: no limit
    top_p: float
    stop: tuple[int, ...]  # ids that end an answer
    pad: int

    @classmethod
    def of(cls, recipe: Ppo, policy: Policy, tokenizer: Any) -> "Drawing":
        """As the recipe says; ends are the tokenizer's and the model's."""
        listed = getattr(policy.network.generation_config, "eos_token_id", None)
        listed = listed if isinstance(listed, list) else [listed]
        stop = {token for token in (tokenizer.eos_token_id, *listed) if token is not None}
        return cls(
            recipe.max_new_tokens,
            recipe.temperature,
            recipe.top_k,
            recipe.top_p,
            tuple(sorted(stop)),
            tokenizer.pad_token_id,
        )


@dataclass(frozen=True)
class Experience:
    """A step's answers with all that does not change while they are learnt from."""

    answers: Answers
    log_probs: Tensor  # (answers, tokens) when they were drawn
    values: Tensor
    advantages: Tensor  # whitened
    returns: Tensor


@torch.no_grad()
def draw(policy: Policy, asked: Sequence[Asked], how: Drawing) -> Answers:
    """An answer to each prompt, from torch's random stream; dropout is off."""
    from transformers import GenerationConfig

    prompts, attention = padded_left([one.ids for one in asked], how.pad, policy.device)
    was_training = policy.network.training
    inner = policy.causal_lm
    own, inner.generation_config = inner.generation_config, GenerationConfig()
    policy.network.eval()
    # generate() fills what is not set from the model's own settings, such as penalties and bans,
    # which the log-probabilities that are learnt from know nothing of
    ids = inner.generate(
        input_ids=prompts,
        attention_mask=attention,
        generation_config=GenerationConfig(
            do_sample=True,
            max_new_tokens=how.max_new_tokens,
            temperature=how.temperature,
            top_k=how.top_k,
            top_p=how.top_p,
            eos_token_id=list(how.stop) or None,
            pad_token_id=how.pad,
        ),
    )
    inner.generation_config = own
    policy.network.train(was_training)
    said = ids[:, prompts.shape[1] :]
    mask = up_to_stop(said, how.stop)
    said = said.masked_fill(mask == 0, how.pad)
    return Answers(torch.cat([prompts, said], 1), torch.cat([attention, mask], 1), mask)


def padded_left(
    rows: Sequence[Sequence[int]], pad: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    """(rows, longest) ids and attention, each row at the right."""
    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest), pad)
    attention = torch.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, longest - len(row) :] = torch.tensor(row)
        attention[number, longest - len(row) :] = 1
    return ids.to(device), attention.to(device)


def up_to_stop(said: Tensor, stop: Sequence[int]) -> Tensor:
    """(answers, tokens) 1 up to and with the first id that ends an answer; int64."""
    ends = torch.isin(said, torch.tensor(list(stop), device=said.device, dtype=said.dtype))
    return (ends.cumsum(1) - ends.long() == 0).long()


def texts(answers: Answers, tokenizer: Any) -> list[str]:
    """What was said, without special tokens."""
    rows = zip(answers.said().tolist(), answers.mask.sum(1).tolist(), strict=True)
    return tokenizer.batch_decode(
        [ids[:count] for ids, count in rows],
        skip_special_tokens=True,
        clean_up_tokenization_spaces=False,
    )
