"""A model in vLLM that answers requests, and what a dry run tells without it."""

from collections.abc import Sequence

from tombench.backends.base import Estimate, refuse_choices
from tombench.backends.hf.counting import new_tokens, prompt_tokens
from tombench.backends.hf.preview import weights_bytes
from tombench.backends.hf.scoring import Option, Scored
from tombench.backends.local import LocalServer, Row
from tombench.backends.responses.reader import EncodingReader
from tombench.backends.vllm.drawing import draw
from tombench.backends.vllm.load import VllmLoaded
from tombench.backends.vllm.scoring import score
from tombench.models.base import Model
from tombench.models.check import read_config
from tombench.models.device import resolve_device
from tombench.models.hub import folder_of
from tombench.models.locate import locate
from tombench.schema import GenerateRequest, Request, Sample, Sampling


class VllmServer(LocalServer):
    """Hands requests to vLLM, `batch_requests` at once, and lets it batch them."""

    def __init__(self, loaded: VllmLoaded, batch_requests: int) -> None:
        self.loaded = loaded
        self.batch_requests = batch_requests

    def batches(self, requests: Sequence[Sequence[Request]]) -> list[list[int]]:
        """Item indices in batches of whole items, in their order; one item at least."""
        refuse_choices(requests, "vllm")
        batches: list[list[int]] = []
        room = 0
        for index, item in enumerate(requests):
            size = sum(_size(request) for request in item)
            if batches and size <= room:
                batches[-1].append(index)
            else:
                batches.append([index])
                room = self.batch_requests
            room -= size
        return batches

    def draw(self, rows: Sequence[Row], sampling: Sampling) -> dict[Row, Sample]:
        """Draw distinct rows."""
        return draw(self.loaded, rows, sampling)

    def score(self, options: Sequence[Option]) -> dict[Option, Scored]:
        """Score distinct options."""
        return score(self.loaded, options)

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate:
        """As before vLLM was started."""
        return VllmPreview(self.loaded.model).estimate(requests)


class VllmPreview(EncodingReader):
    """The prompts, which are those of `backend=hf`, and the size of the weights."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self._model = model

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate:
        """Tokens and weights; vLLM fills the memory that it is given, and is not timed."""
        refuse_choices(requests, "vllm")
        place = locate(self._model).weights
        code = self._model.trust_remote_code
        config = read_config(folder_of(place, code=code), place.name, code)
        on_cpu = resolve_device("auto").type == "cpu"
        return Estimate(
            prompt_tokens=prompt_tokens(self.encoding, requests),
            new_tokens=new_tokens(self.encoding, requests),
            weights_bytes=weights_bytes(self._model, config, on_cpu),
            seconds=None,
            how="a dry run does not start vLLM",
        )


def _size(request: Request) -> int:
    """Samples or options of a request."""
    if isinstance(request, GenerateRequest):
        return len(request.seeds) if request.sampling.temperature else 1
    return len(request.continuations)
