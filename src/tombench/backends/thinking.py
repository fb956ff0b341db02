"""Draw from a reasoning model: its thinking, up to a bound, and then the answer after it."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tombench.backends.hf.decoding import decode
from tombench.backends.hf.reading import prefill
from tombench.backends.hf.sampling import uniforms
from tombench.models.encoding import Encoding
from tombench.models.load import Loaded
from tombench.schema import Sample, Sampling
from tombench.scorers.thinking import split_thinking

Prompt = tuple[int, ...]


@dataclass(frozen=True)
class Thought:
    """What was thought before one answer."""

    context: Prompt  # prompt, thinking and what closes it: the answer follows
    used: int  # numbers of the seed's stream that its draws took
    tokens: int  # thinking drawn, what closes it not counted
    text: str
    begun: str = ""  # an answer's first letters, drawn in one token with the closing tag


def bound(loaded: Loaded, prompt: int, answer: int) -> int:
    """Tokens of thinking after a prompt of so many: what the user allows and the context holds.

    0 without thinking; below 1 also where the context has no room for any.
    """
    most = loaded.encoding.most_thinking
    if most == 0 or loaded.context_length is None:
        return most
    return min(most, loaded.context_length - prompt - closing_tokens(loaded) - answer)


def new_tokens(loaded: Loaded, prompt: int, answer: int) -> int:
    """Tokens at most after a prompt of so many: thinking, what closes it, the answer."""
    if loaded.encoding.thinking == "off":
        return answer
    return max(1, bound(loaded, prompt, answer)) + closing_tokens(loaded) + answer


def closing_tokens(loaded: Loaded) -> int:
    """Tokens that are put where thinking is cut off, no fewer than where the model ends it."""
    encoding = loaded.encoding
    marks = encoding.marks
    return max(len(encoding.bare(text)) for text in (marks.early, marks.closing + marks.after))


@dataclass(frozen=True, eq=False)
class Reasoner:
    """A loaded model that thinks before it answers; `budget`: tokens (rows x width) at once."""

    loaded: Loaded
    sampling: Sampling
    budget: int

    def samples(self, prompts: Sequence[Prompt], seeds: Sequence[int]) -> list[Sample]:
        """Thinking and answer after each prompt, which ends inside an opened block.

        The answer's draws follow those of the thinking in the seed's stream, so a bound that is
        not reached changes nothing.
        """
        thoughts = self._thoughts(prompts, seeds)
        new = self.sampling.max_new_tokens
        numbers = [
            uniforms([seed], thought.used + new)[:, thought.used :]
            for thought, seed in zip(thoughts, seeds, strict=True)
        ]
        answers = self._continued([t.context for t in thoughts], torch.cat(numbers))
        return [
            sample(self.loaded.encoding, ids, new, thought)
            for ids, thought in zip(answers, thoughts, strict=True)
        ]

    def _thoughts(self, prompts: Sequence[Prompt], seeds: Sequence[int]) -> list[Thought]:
        """The thinking of each row; rows of one bound together."""
        bounds = [bound(self.loaded, len(p), self.sampling.max_new_tokens) for p in prompts]
        closing = self.loaded.encoding.bare(self.loaded.encoding.marks.closing)
        ends = closing if len(closing) == 1 else ()  # else its text is looked for afterwards
        found: dict[int, Thought] = {}
        for most in dict.fromkeys(bounds):
            rows = [row for row, other in enumerate(bounds) if other == most]
            numbers = uniforms([seeds[row] for row in rows], most)
            drawn = self._continued([prompts[row] for row in rows], numbers, ends)
            for row, ids in zip(rows, drawn, strict=True):
                found[row] = thought(self.loaded.encoding, prompts[row], ids, most)
        return [found[row] for row in range(len(prompts))]

    def _continued(
        self, prompts: Sequence[Prompt], numbers: Tensor, ends: Sequence[int] = ()
    ) -> list[list[int]]:
        """Ids drawn after each prompt, as many rows at once as the budget holds."""
        steps = numbers.shape[1]
        chunk = max(1, self.budget // (max(len(prompt) for prompt in prompts) + steps))
        drawn = []
        for start in range(0, len(prompts), chunk):
            some = prompts[start : start + chunk]
            distinct = list(dict.fromkeys(some))
            place = {prompt: row for row, prompt in enumerate(distinct)}
            rows = torch.tensor([place[prompt] for prompt in some], device=self.loaded.device)
            prefix = prefill(self.loaded, distinct, room=steps).select(rows, room=steps)
            own = numbers[start : start + chunk]
            drawn += decode(self.loaded, prefix, self.sampling, own, ends)
        return drawn


def thought(encoding: Encoding, prompt: Prompt, ids: Sequence[int], most: int) -> Thought:
    """Close the thinking that was drawn, in the model's way or, where it was cut off, in ours."""
    marks = encoding.marks
    kept = _up_to(encoding, ids, marks.closing)
    if kept:  # the tag is no token of its own, and the model has written it
        text, begun = encoding.decode(ids[:kept]).split(marks.closing, 1)
        closed = (*ids[:kept], *encoding.bare(marks.after))
        return Thought(prompt + closed, kept, kept, text.strip(), begun.lstrip())
    text = encoding.decode(ids)
    if len(ids) == most:
        early = tuple(encoding.bare(marks.early))
        said = text + marks.early.split(marks.closing)[0]
        return Thought(prompt + tuple(ids) + early, most, most, said.strip())
    closed = (*ids, *encoding.bare(marks.closing + marks.after))
    return Thought(prompt + closed, len(ids) + 1, len(ids), text.strip())


def _up_to(encoding: Encoding, ids: Sequence[int], closing: str) -> int:
    """How many of the ids write the closing tag out, or 0 where all do not."""
    if closing not in encoding.decode(ids):
        return 0
    counts = range(1, len(ids) + 1)
    return counts[bisect_left(counts, True, key=lambda n: closing in encoding.decode(ids[:n]))]


def sample(
    encoding: Encoding, ids: Sequence[int], most: int, before: Thought | None = None
) -> Sample:
    """What was drawn as a sample of at most so many tokens; thinking is left out of its text.

    A model that was not let think may do so all the same: then its tokens are those that the
    answer does not take.
    """
    text = encoding.decode(ids)
    if before is not None:
        text = (before.begun + text).lstrip()
    split = split_thinking(text)
    tokens, truncated = len(ids), len(ids) == most
    if split.answer != text:
        tokens = min(tokens, len(encoding.bare(split.answer)))
    paragraphs = [before.text if before else "", split.thinking]
    return Sample(
        split.answer,
        tokens=tokens,
        truncated=truncated,
        thinking="\n\n".join(text for text in paragraphs if text),
        thinking_tokens=len(ids) - tokens + (before.tokens if before else 0),
    )
