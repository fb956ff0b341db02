"""A model's tokenizer and template alone: what the model would read, without its weights."""

from tombench.backends.spellings import spelled
from tombench.models.base import Model
from tombench.models.encoding import Encoding, chat_template
from tombench.models.hub import folder_of
from tombench.models.locate import locate
from tombench.models.tokenizer import load_tokenizer
from tombench.schema import ChoiceRequest, GenerateRequest, Request


class EncodingReader:
    """Text and token ids of requests, as the loaded model would see them."""

    def __init__(self, model: Model) -> None:
        place = locate(model).weights
        folder = folder_of(place, code=model.trust_remote_code)
        tokenizer = load_tokenizer(folder, place.name, model.trust_remote_code)
        template = chat_template(model.template, tokenizer, place.name)
        self.encoding = Encoding(tokenizer, template, model.thinking)

    def prompt_as_sent(self, request: Request) -> str:
        """The exact text that the model would read."""
        return self.encoding.sent(request)

    def token_ids(self, request: Request) -> list[list[int]]:
        """Of the prompt; of a likelihood request the context's, then each continuation's.

        Of a choice request the prompt's, then each spelling's.
        """
        if isinstance(request, ChoiceRequest):
            own = spelled(self.encoding, request)
            return [list(own.prompt), *map(list, own.sequences)]
        text = self.prompt_as_sent(request)
        if isinstance(request, GenerateRequest):
            return [self.encoding.encode(text)]
        context, continuations = self.encoding.pairs(text, request.continuations)
        return [context, *continuations]
