"""What a run would ask of a server and what that would cost, before anything is sent."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tombench.backends.api.backend import ApiBackend
from tombench.backends.api.body import CHARACTERS_PER_TOKEN, Bodies
from tombench.backends.api.tally import money
from tombench.backends.base import Estimate, refuse_choices
from tombench.models.base import Model
from tombench.schema import GenerateRequest, LikelihoodRequest, Request

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class ApiPreview:
    """Counts calls and tokens; the tokenizer is that of `model.path` where it is a folder."""

    def __init__(self, settings: ApiBackend, model: Model) -> None:
        self.settings, self.model = settings, model
        self.bodies = Bodies(settings, model)

    def prompt_as_sent(self, request: Request) -> str:
        """The text that the server would get; its chat template is its own."""
        return self.bodies.as_sent(request.text)

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate:
        """Calls, tokens, money; seconds are the server's own business."""
        refuse_choices(requests, "api")
        tokenizer = _tokenizer(self.model)
        flat = [request for item in requests for request in item]
        length = {text: _tokens(text, tokenizer) for text in {r.text for r in flat}}
        calls = [self._calls(request) for request in flat]
        asked = sum(n * length[r.text] for n, r in zip(calls, flat, strict=True))
        drawn = sum(self._drawn(request) for request in flat)
        notes = [f"calls      {sum(calls):,}, with {asked:,} prompt tokens in all"]
        price = money(
            asked,
            drawn,
            self.settings.price_per_million_input,
            self.settings.price_per_million_output,
        )
        if price is not None:
            notes.append(
                f"price      at most {price:.2f}, at the prices of backend.price_per_million_*"
            )
        counted = "counted by the tokenizer beside model.path"
        if tokenizer is None:
            counted = f"{CHARACTERS_PER_TOKEN} characters are taken for a token"
        return Estimate(
            prompt_tokens=sum(length.values()),
            new_tokens=drawn,
            weights_bytes=0,
            seconds=None,
            how=f"the server's; tokens: {counted}",
            notes=tuple(notes),
        )

    def _calls(self, request: Request) -> int:
        if isinstance(request, LikelihoodRequest):
            if not self.settings.log_probs:
                return 0
            return len(request.continuations)  # one where first tokens are all that is given
        if request.sampling.temperature == 0:
            return min(1, len(request.seeds))
        return len(request.seeds) if self.settings.samples == "apart" else 1

    def _drawn(self, request: Request) -> int:
        if not isinstance(request, GenerateRequest):
            return self._calls(request)
        samples = 1 if request.sampling.temperature == 0 else len(request.seeds)
        return samples * (request.sampling.max_new_tokens + self.bodies.most_thinking)


def _tokenizer(model: Model) -> "PreTrainedTokenizerBase | None":
    """The tokenizer of a model folder on this machine; nothing is fetched."""
    from tombench.models.tokenizer import FILES, load_tokenizer

    folder = Path(model.path).expanduser()
    if not any((folder / file).is_file() for file in FILES):
        return None
    return load_tokenizer(folder, model.name)


def _tokens(text: str, tokenizer: "PreTrainedTokenizerBase | None") -> int:
    if tokenizer is None:
        return -(-len(text) // CHARACTERS_PER_TOKEN)
    return len(tokenizer.encode(text))
