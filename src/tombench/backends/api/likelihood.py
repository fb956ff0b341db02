"""Which of a server's ways to give log-probabilities works, and scores by it."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tombench.backends.api.backend import ApiBackend
from tombench.backends.api.body import Bodies
from tombench.backends.api.client import Ask, Client, Refusal
from tombench.backends.api.scoring import (
    Continuation,
    Token,
    bounded,
    place_of,
    read_echo,
    read_first_tokens,
    read_prompt_log_probs,
    summed,
)
from tombench.errors import UserError
from tombench.schema import LikelihoodRequest, LikelihoodResponse

NONE = "the server gives no log-probabilities"
logger = logging.getLogger("tombench")


@dataclass(frozen=True)
class Question:
    """A context and what may follow it, trailing blanks moved as `Encoding.pair` does."""

    context: str
    continuations: tuple[str, ...]


Answers = list[Continuation] | Refusal


class Likelihood:
    """Scores continuations; the first question finds out how the server can be asked.

    In order: `echo` (completions) and vLLM's `prompt_logprobs` give any continuation exactly; the
    likely first tokens give options of one token.
    """

    def __init__(self, settings: ApiBackend, bodies: Bodies, client: Client) -> None:
        self.settings, self.bodies, self.client = settings, bodies, client
        self.needed = False  # the task asks for nothing else
        self.bounded = 0  # options of which only a bound is known
        self._ways: list[Callable[[Sequence[Question]], list[Answers]]] = [
            *([] if bodies.chat else [self._by_echo]),
            self._by_prompt_log_probs,
            self._by_first_token,
        ]
        self._found = False
        self._why = "backend.log_probs=false"
        if not settings.log_probs:
            self._ways = []

    def score(self, requests: Sequence[LikelihoodRequest]) -> list[LikelihoodResponse]:
        """Score each request's continuations; `error` says why where that cannot be."""
        questions = [self._question(request) for request in requests]
        distinct = list(dict.fromkeys(questions))
        answers: dict[Question, Answers] = {}
        for question in distinct:
            if self._found or not self._ways:
                break
            answers[question] = self._first(question)
        left = [question for question in distinct if question not in answers]
        if left:
            answers |= zip(left, self._rest(left), strict=True)
        return [
            self._response(request, answers[question])
            for request, question in zip(requests, questions, strict=True)
        ]

    def _question(self, request: LikelihoodRequest) -> Question:
        if self.bodies.chat:
            return Question(request.context, request.continuations)
        stripped = request.context.rstrip()
        moved = request.context[len(stripped) :]
        return Question(stripped, tuple(moved + text for text in request.continuations))

    def _first(self, question: Question) -> Answers:
        """Try one way after the other; those that fail are not tried again."""
        while self._ways:
            before = self.client.tally.requests
            (answer,) = self._ways[0]([question])
            if not (isinstance(answer, Refusal) and answer.whole):
                self._found = self.client.tally.requests > before
                return answer
            self._why = answer.told
            self._ways.pop(0)
        self._refuse_if_needed()
        logger.warning("%s (%s): records hold no log_probs", NONE, self._why)
        return Refusal(NONE)

    def _rest(self, questions: Sequence[Question]) -> list[Answers]:
        if not self._ways:
            self._refuse_if_needed()
            return [Refusal(NONE)] * len(questions)
        return self._ways[0](questions)

    def _refuse_if_needed(self) -> None:
        if self.needed:
            raise UserError(
                f"{NONE} ({self._why}), and nothing else is asked for (task.repetitions=0); ask for"
                " answers, or take a server that gives them: vLLM with backend.mode=completions"
            )

    def _response(self, request: LikelihoodRequest, answer: Answers) -> LikelihoodResponse:
        text = self.bodies.as_sent(request.context)
        if isinstance(answer, Refusal):
            return LikelihoodResponse(text, error=answer.told)
        return LikelihoodResponse(
            text,
            log_likelihoods=tuple(option.log_likelihood for option in answer),
            tokens=tuple(option.tokens for option in answer),
            greedy=tuple(option.greedy for option in answer),
        )

    def _by_echo(self, questions: Sequence[Question]) -> list[Answers]:
        bodies = [
            self.bodies.echo(question.context + text)
            for question in questions
            for text in question.continuations
        ]
        return self._by_tokens(questions, self._asked(bodies, read_echo))

    def _by_prompt_log_probs(self, questions: Sequence[Question]) -> list[Answers]:
        bodies = [
            self.bodies.prompt_logprobs(question.context, text)
            for question in questions
            for text in question.continuations
        ]
        return self._by_tokens(questions, self._asked(bodies, read_prompt_log_probs))

    def _by_tokens(
        self, questions: Sequence[Question], read: Sequence[list[Token] | Refusal | None]
    ) -> list[Answers]:
        """Cut every text's tokens at its continuation; one that fails spoils its question."""
        replies = iter(read)
        return [
            _all([self._cut(question, text, next(replies)) for text in question.continuations])
            for question in questions
        ]

    def _cut(
        self, question: Question, continuation: str, tokens: list[Token] | Refusal | None
    ) -> Continuation | Refusal:
        if not isinstance(tokens, list):
            return tokens or Refusal("none of the prompt's tokens came back", whole=True)
        place = place_of(tokens, continuation)
        if place is None:
            return Refusal("its tokens do not spell the prompt's end", whole=True)
        at = place.at
        if place.straddled:
            alone = self._context_tokens(question)
            if alone is None:
                return Refusal("a token reaches from the context into the continuation")
            at = alone
        found = summed(tokens[at:])
        return Refusal(found, whole="leaves out" in found) if isinstance(found, str) else found

    def _context_tokens(self, question: Question) -> int | None:
        """How many tokens the context has by itself; None where that cannot be asked."""
        if self.bodies.chat:
            return None
        way = (self.bodies.echo(question.context), read_echo)
        if self._ways[0] == self._by_prompt_log_probs:
            way = (self.bodies.prompt_logprobs(question.context, ""), read_prompt_log_probs)
        body, read = way
        (tokens,) = self._asked([body], read)
        return len(tokens) if isinstance(tokens, list) else None

    def _by_first_token(self, questions: Sequence[Question]) -> list[Answers]:
        bodies = [self.bodies.first_token(question.context) for question in questions]
        listed = self._asked(bodies, read_first_tokens)
        return [self._listed(q, found) for q, found in zip(questions, listed, strict=True)]

    def _listed(self, question: Question, listed: dict[str, float] | Refusal | None) -> Answers:
        if not isinstance(listed, dict):
            return listed or Refusal("no likely first tokens came back", whole=True)
        found = bounded(listed, question.continuations)
        if isinstance(found, str):
            return Refusal(found)
        self.bounded += sum(option not in listed for option in question.continuations)
        return found

    def _asked(
        self, bodies: Sequence[dict[str, Any]], read: Callable[[Mapping[str, Any]], Any]
    ) -> list[Any]:
        asks = [Ask(body, self.bodies.expected_tokens(body), optional=True) for body in bodies]
        return self.client.ask(asks, read)


def _all(answers: Sequence[Continuation | Refusal]) -> Answers:
    """The answers, or the first refusal among them."""
    return next((a for a in answers if isinstance(a, Refusal)), None) or list(answers)
