"""The policy with its value head, and the reference that it is not to leave too far."""

import inspect
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from tombench.recipes.trainers.network import Pupil

SPREAD = 0.01  # standard deviation of a new value head's weights: it begins near 0


@dataclass(frozen=True)
class Answers:
    """Prompts with what was said to them: prompts end, and answers begin, in one column."""

    ids: Tensor  # (answers, prompt + tokens) prompts padded to the left, answers to the right
    attention: Tensor  # (answers, prompt + tokens) 1 on what is read
    mask: Tensor  # (answers, tokens) 1 on an answer's tokens, its end of text included

    @property
    def length(self) -> int:
        """Tokens of the longest answer."""
        return self.mask.shape[1]

    def rows(self, chosen: Tensor) -> "Answers":
        """Those answers alone."""
        return Answers(self.ids[chosen], self.attention[chosen], self.mask[chosen])

    def said(self) -> Tensor:
        """(answers, tokens) the drawn ids."""
        return self.ids[:, -self.length :]


@dataclass(frozen=True)
class Read:
    """What a network makes of answers: (answers, tokens) each."""

    log_probs: Tensor  # nats, of the drawn tokens, at the sampling temperature
    values: Tensor  # what is expected to be earned from each token on
    entropy: Tensor  # nats, of the distribution that each token was drawn from


class Policy:
    """A network that learns, its value head, its reference."""

    def __init__(self, pupil: Pupil, temperature: float, bfloat16: bool = False) -> None:
        """The head's weights come from torch's random stream.

        Args:
            temperature: at which answers are drawn; log-probabilities are those at it.
            bfloat16: products of matrices; sums and the head are float32.
        """
        self.network: Any = pupil.with_adapter()
        self.temperature, self.bfloat16 = temperature, bfloat16
        self.device = self.network.get_input_embeddings().weight.device
        width = self.network.config.get_text_config().hidden_size
        self.head = nn.Linear(width, 1, dtype=torch.float32, device=self.device)
        nn.init.normal_(self.head.weight, std=SPREAD)
        nn.init.zeros_(self.head.bias)
        self._copy = None
        if pupil.lora is None:
            self._copy = deepcopy(self.network).requires_grad_(False).eval()
        keywords = inspect.signature(self.causal_lm.forward).parameters
        self.keeps = "logits_to_keep" in keywords  # else all logits are computed
        self._placed = "position_ids" in keywords

    @property
    def causal_lm(self) -> Any:
        """The transformers model; an adapter's layers act inside it."""
        peft = hasattr(self.network, "get_base_model")
        return self.network.get_base_model() if peft else self.network

    def learnt(self) -> dict[str, nn.Parameter]:
        """All that learns, by name."""
        own = {n: w for n, w in self.network.named_parameters() if w.requires_grad}
        return own | {f"value/{name}": weight for name, weight in self.head.named_parameters()}

    def read(self, answers: Answers) -> Read:
        """Log-probabilities, values and entropies of answers; differentiable."""
        logits, hidden = self._run(self.network, answers, hidden=True)
        values = self.head(hidden.float()).squeeze(-1)
        log_probs, entropy = _of_drawn(logits, answers.said())
        return Read(log_probs, values * answers.mask, entropy)

    @torch.no_grad()
    def reference(self, answers: Answers) -> Tensor:
        """(answers, tokens) log-probabilities under the reference."""
        with self._as_reference() as network:
            logits, _ = self._run(network, answers, hidden=False)
        return _of_drawn(logits, answers.said())[0]

    @contextmanager
    def _as_reference(self) -> Iterator[Any]:
        """The adapter switched off, or the frozen copy where all weights learn."""
        if self._copy is not None:
            yield self._copy
        else:
            with self.network.disable_adapter():
                yield self.network

    def spare_memory(self) -> None:
        """Activations are computed again in the backward pass in place of being kept."""
        self.causal_lm.gradient_checkpointing_enable({"use_reentrant": False})
        self.causal_lm.enable_input_require_grads()

    def _products(self) -> AbstractContextManager[object]:
        if not self.bfloat16:
            return nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)

    def _run(self, network: Any, answers: Answers, hidden: bool) -> tuple[Tensor, Tensor]:
        """(answers, tokens, vocabulary) logits and last hidden states that foretell the answers."""
        length = answers.length
        keywords: dict[str, Any] = {"logits_to_keep": length + 1} if self.keeps else {}
        if self._placed:
            keywords["position_ids"] = (answers.attention.cumsum(1) - 1).clamp(min=0)
        with self._products():
            out = network(
                input_ids=answers.ids,
                attention_mask=answers.attention,
                use_cache=False,
                output_hidden_states=hidden,
                **keywords,
            )
        logits = out.logits[:, -length - 1 : -1].float() / self.temperature
        return logits, out.hidden_states[-1][:, -length - 1 : -1] if hidden else logits


def _of_drawn(logits: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
    """(answers, tokens) log-probabilities of drawn ids, and entropies."""
    scores = logits.log_softmax(-1)
    drawn = scores.gather(-1, ids[..., None]).squeeze(-1)
    return drawn, -(scores.exp() * scores).sum(-1)
