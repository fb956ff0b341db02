"""What requests take of a batch, told from the tokenizer alone; and which items go together."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from tombench.backends.hf.batching import Size, plan
from tombench.backends.hf.families import families
from tombench.backends.hf.memory import Batch, Shape, peak, rows_at_once
from tombench.backends.hf.scoring import Option, batches_of
from tombench.backends.spellings import spelled
from tombench.backends.thinking import new_tokens
from tombench.models.encoding import Encoding
from tombench.schema import ChoiceRequest, GenerateRequest, LikelihoodRequest, Request

Items = Sequence[Sequence[Request]]
NOTHING = Size(0, 0)


class Reader(Protocol):
    """A model, loaded or not, as far as the sizes of requests go."""

    @property
    def encoding(self) -> Encoding: ...

    @property
    def context_length(self) -> int | None: ...


def batches(reader: Reader, requests: Items, budget: int) -> list[list[int]]:
    """Item indices in batches of at most `budget` tokens, longest first, like beginnings together.

    Depends on the requests and the budget alone.
    """
    sizes = [item_size(reader, item) for item in requests]
    return plan(sizes, budget, families([_first_prompt(reader, item) for item in requests]))


def item_size(reader: Reader, item: Sequence[Request]) -> Size:
    """Rows and longest row (tokens) of an item; its kinds of request are answered in turn."""
    sizes = [(type(request), request_size(reader, request)) for request in item]
    rows = [sum(s.rows for kind, s in sizes if kind is wanted) for wanted in _KINDS]
    return Size(max(rows), max((size.length for _, size in sizes), default=0))


def request_size(reader: Reader, request: Request) -> Size:
    """Rows and longest row of one request: a context, and a row an option of several tokens."""
    tokens = len(reader.encoding.encode(reader.encoding.sent(request)))
    if isinstance(request, GenerateRequest):
        new = new_tokens(reader, tokens, request.sampling.max_new_tokens)
        return Size(len(request.seeds), tokens + new)
    later = _later_tokens(reader, request)
    return Size(1 + sum(count > 0 for count in later), tokens + max(later, default=0))


def _later_tokens(reader: Reader, request: LikelihoodRequest | ChoiceRequest) -> list[int]:
    """Tokens of each continuation that are read to score it: all but its last."""
    if isinstance(request, ChoiceRequest):
        texts = [text for option in request.options for text in option]
    else:
        texts = request.continuations
    return [max(0, len(reader.encoding.bare(text)) - 1) for text in texts]


def most_held(reader: Reader, shape: Shape, planned: Sequence[Items], budget: int) -> int:
    """Bytes that the largest of the planned batches takes, weights not counted."""
    own = (batch for items in planned for batch in held(reader, items, budget, shape.vocabulary))
    return max((peak(shape, batch) for batch in own), default=0)


def held(reader: Reader, items: Items, budget: int, vocabulary: int) -> list[Batch]:
    """What one planned batch holds in memory at a time; scoring cuts it again."""
    flat = [request for item in items for request in item]
    draws = [request for request in flat if isinstance(request, GenerateRequest)]
    rows = [request_size(reader, request) for request in draws]
    width = max((size.length for size in rows), default=1)
    drawn = min(sum(size.rows for size in rows), max(1, budget // width))
    drawing = Batch(_read(reader, draws), Size(drawn, width), NOTHING, NOTHING)
    scores = [request for request in flat if isinstance(request, LikelihoodRequest | ChoiceRequest)]
    pieces = batches_of(_options(reader, scores), budget)
    return [drawing, *(_scoring(piece, budget, vocabulary) for piece in pieces)]


def _options(reader: Reader, requests: Sequence[LikelihoodRequest | ChoiceRequest]) -> list[Option]:
    """The distinct options that can be scored, as the server finds them."""
    found = {}
    for request in requests:
        if isinstance(request, ChoiceRequest):
            own = spelled(reader.encoding, request)
            found.update((Option(own.prompt, tokens), None) for tokens in own.sequences)
            continue
        text = reader.encoding.sent(request)
        context, continuations = reader.encoding.pairs(text, request.continuations)
        options = [Option(tuple(context), tuple(own)) for own in continuations]
        if all(option.continuation for option in options):
            found.update(dict.fromkeys(options))
    return list(found)


def _scoring(options: Sequence[Option], budget: int, vocabulary: int) -> Batch:
    """What options that are scored together hold."""
    contexts = {option.context for option in options}
    longest = max(map(len, contexts))
    later = [len(option.continuation) - 1 for option in options if len(option.continuation) > 1]
    rows, read = len(later), max(later, default=0)
    if rows:
        rows = min(rows, rows_at_once(budget, longest + read, read, vocabulary))
    return Batch(NOTHING, NOTHING, Size(len(contexts), longest), Size(rows, read))


def _read(reader: Reader, requests: Sequence[Request]) -> Size:
    """Distinct texts that are read before anything is drawn or scored."""
    texts = {reader.encoding.sent(request) for request in requests}
    return Size(len(texts), max((len(reader.encoding.encode(t)) for t in texts), default=0))


_KINDS = (GenerateRequest, LikelihoodRequest, ChoiceRequest)


def _first_prompt(reader: Reader, item: Sequence[Request]) -> np.ndarray:
    """Token ids of an item's first request, or none."""
    ids = reader.encoding.encode(reader.encoding.sent(item[0])) if item else []
    return np.array(ids, dtype=np.uint32)
