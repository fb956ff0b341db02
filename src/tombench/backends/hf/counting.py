"""How many tokens a run's requests hold, for `dry_run=true`."""

from collections.abc import Sequence

from tombench.backends.spellings import spelled
from tombench.models.encoding import Encoding
from tombench.schema import ChoiceRequest, GenerateRequest, Request

Items = Sequence[Sequence[Request]]


def prompt_tokens(encoding: Encoding, requests: Items) -> int:
    """Tokens of all distinct prompts and contexts, as sent."""
    texts = {encoding.sent(request) for item in requests for request in item}
    return sum(len(encoding.encode(text)) for text in texts)


def new_tokens(encoding: Encoding, requests: Items) -> int:
    """Tokens drawn at most, thinking among them, and tokens of continuations and options scored."""
    return sum(_new(encoding, request) for item in requests for request in item)


def _new(encoding: Encoding, request: Request) -> int:
    if isinstance(request, GenerateRequest):
        most = encoding.most_thinking + request.sampling.max_new_tokens
        return len(request.seeds) * most
    if isinstance(request, ChoiceRequest):
        return sum(map(len, spelled(encoding, request).sequences))
    encode = encoding.tokenizer.encode
    return sum(len(encode(text, add_special_tokens=False)) for text in request.continuations)
