"""What is sent: a question and its sampling as the fields of OpenAI's protocol."""

from collections.abc import Mapping, Sequence
from typing import Any

from tombench.backends.api.backend import ApiBackend
from tombench.models.base import Model
from tombench.models.reasoning import MOST
from tombench.schema import Sampling

TOP = 20  # most probable first tokens asked for: the most that servers give by default
SEEDS = 2**31  # servers take 32-bit seeds, some of them signed
CHARACTERS_PER_TOKEN = 4  # of English text, by the usual rule of thumb


class Bodies:
    """Builds the requests of one run."""

    def __init__(self, settings: ApiBackend, model: Model) -> None:
        self.settings = settings
        self.chat = settings.mode == "chat"
        self.most_thinking = {"off": 0, "on": MOST}.get(model.thinking, model.thinking)
        self._fixed = {"model": settings.served(model)} | _thinking_switch(model)
        self._free = settings.extra_body or {}

    def as_sent(self, text: str) -> str:
        """The text of a request; the server's own chat template is not known here."""
        system = self.settings.system
        return text if system is None else f"[system] {system}\n[user] {text}"

    def generate(self, text: str, sampling: Sampling, seeds: Sequence[int]) -> dict[str, Any]:
        """Draw `len(seeds)` samples."""
        body = {**self._asked(text), **self._drawn(sampling), **self._limit(sampling)}
        if sampling.temperature > 0:
            body["seed"] = seeds[0] % SEEDS
        if len(seeds) > 1:
            body["n"] = len(seeds)
        return body | self._free

    def first_token(self, text: str) -> dict[str, Any]:
        """The most probable first tokens of the answer with their log-probabilities."""
        listed = {"logprobs": True, "top_logprobs": TOP} if self.chat else {"logprobs": TOP}
        return {**self._asked(text), **_plainly, **listed} | self._free

    def echo(self, text: str) -> dict[str, Any]:
        """Log-probabilities of a text's own tokens, by the completions protocol."""
        return {**self._asked(text), **_plainly, "echo": True, "logprobs": 1} | self._free

    def prompt_logprobs(self, text: str, continuation: str) -> dict[str, Any]:
        """The same by vLLM's own field; in a chat the continuation begins the answer."""
        if not self.chat:
            return {
                **self._asked(text + continuation),
                **_plainly,
                "prompt_logprobs": 1,
            } | self._free
        asked = self._asked(text)
        begun = {"role": "assistant", "content": continuation}
        asked["messages"] = [*asked["messages"], begun]
        how = {"add_generation_prompt": False, "continue_final_message": True, "prompt_logprobs": 1}
        return {**asked, **_plainly, **how} | self._free

    def expected_tokens(self, body: Mapping[str, Any]) -> int:
        """What a request will take at most, its prompt by the rule of thumb."""
        characters = len(str(body.get("prompt", ""))) + sum(
            len(message["content"]) for message in body.get("messages", ())
        )
        new = int(body.get("max_tokens", 0)) * int(body.get("n", 1))
        return -(-characters // CHARACTERS_PER_TOKEN) + new

    def _asked(self, text: str) -> dict[str, Any]:
        if not self.chat:
            return {**self._fixed, "prompt": text}
        system = self.settings.system
        before = [] if system is None else [{"role": "system", "content": system}]
        return {**self._fixed, "messages": [*before, {"role": "user", "content": text}]}

    def _drawn(self, sampling: Sampling) -> dict[str, Any]:
        """Temperature and filters; all of them, since servers have defaults of their own."""
        if sampling.temperature == 0:
            return {"temperature": 0}
        filters: dict[str, Any] = {"temperature": sampling.temperature, "top_p": sampling.top_p}
        return filters | ({"top_k": sampling.top_k} if self.settings.send_top_k else {})

    def _limit(self, sampling: Sampling) -> dict[str, int]:
        """The protocol's one limit holds for thinking and answer together."""
        return {"max_tokens": sampling.max_new_tokens + self.most_thinking}


_plainly = {"max_tokens": 1, "temperature": 1, "top_p": 1}
"""One token of the model's own distribution: some servers give it after temperature."""


def _thinking_switch(model: Model) -> dict[str, Any]:
    """vLLM and transformers hand this to the chat template; nothing is sent for `off`."""
    if model.thinking == "off":
        return {}
    return {"chat_template_kwargs": {"enable_thinking": True}}
