"""A loaded transformers model that answers requests in batches."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from tombench.backends.base import Estimate
from tombench.backends.hf.batching import Size, halving, plan, tell_halved
from tombench.backends.hf.choices import Drawing, Weighed, weigh
from tombench.backends.hf.decoding import decode
from tombench.backends.hf.reading import prefill
from tombench.backends.hf.sampling import uniforms
from tombench.backends.hf.scoring import Option, Scored, batches_of, logits, score
from tombench.backends.hf.sizing import batches
from tombench.backends.local import LocalServer, Row
from tombench.backends.spellings import Spelled, option_probabilities, spelled
from tombench.backends.thinking import Reasoner, new_tokens, sample
from tombench.models.load import Loaded
from tombench.schema import ChoiceRequest, ChoiceResponse, Request, Sample, Sampling


class HfServer(LocalServer):
    """Answers requests with a loaded model; `batch_tokens` bounds rows x (prompt + new tokens)."""

    def __init__(self, loaded: Loaded, batch_tokens: int) -> None:
        self.loaded = loaded
        self.batch_tokens = batch_tokens
        self._budget = batch_tokens  # halved where memory ran out; the plan of items is not

    def batches(self, requests: Sequence[Sequence[Request]]) -> list[list[int]]:
        """Item indices in batches under the token budget, the longest first."""
        return batches(self.loaded, requests, self.batch_tokens)

    def draw(self, rows: Sequence[Row], sampling: Sampling) -> dict[Row, Sample]:
        """Draw distinct rows, prompts of like length together."""
        by_prompt: dict[tuple[int, ...], list[Row]] = {}
        for row in rows:
            by_prompt.setdefault(row.prompt, []).append(row)
        groups = list(by_prompt.values())
        lengths = [len(group[0].prompt) for group in groups]
        new = [new_tokens(self.loaded, length, sampling.max_new_tokens) for length in lengths]
        sizes = [Size(len(g), n + m) for g, n, m in zip(groups, lengths, new, strict=True)]
        samples: dict[Row, Sample] = {}
        for batch in plan(sizes, self._budget):
            some = [row for index in batch for row in groups[index]]
            done = halving(lambda rows: self._draw_batch(rows, sampling), some, self._halve)
            samples.update(zip(some, done, strict=True))
        return samples

    def _draw_batch(self, rows: Sequence[Row], sampling: Sampling) -> list[Sample]:
        """Draw rows whose prompts are read at once; the rows continue as many as fit at once."""
        if self.loaded.encoding.thinking != "off":
            reasoner = Reasoner(self.loaded, sampling, self._budget)
            return reasoner.samples([row.prompt for row in rows], [row.seed for row in rows])
        steps = sampling.max_new_tokens
        prompts = list(dict.fromkeys(row.prompt for row in rows))
        prefix = prefill(self.loaded, prompts, room=steps)
        place = {prompt: index for index, prompt in enumerate(prompts)}
        chunk = max(1, self._budget // (prefix.mask.shape[1] + steps))
        samples: list[Sample] = []
        for start in range(0, len(rows), chunk):
            some = rows[start : start + chunk]
            at = torch.tensor([place[row.prompt] for row in some], device=self.loaded.device)
            numbers = uniforms([row.seed for row in some], steps)
            for ids in decode(self.loaded, prefix.select(at, room=steps), sampling, numbers):
                samples.append(sample(self.loaded.encoding, ids, steps))
        return samples

    def score(self, options: Sequence[Option]) -> dict[Option, Scored]:
        """Score distinct options, those of one context together."""
        scores: dict[Option, Scored] = {}
        for some in batches_of(options, self._budget):
            done = halving(lambda own: score(self.loaded, own, self._budget), some, self._halve)
            scores.update(zip(some, done, strict=True))
        return scores

    def choices(self, requests: Sequence[ChoiceRequest]) -> list[ChoiceResponse]:
        """How probable each option of each request is: computed, nothing is drawn."""
        asked = [spelled(self.loaded.encoding, request) for request in requests]
        errors = [own.error or self._too_long(own) for own in asked]
        drawings = [Drawing(r.sampling, r.repetition_penalty) for r in requests]
        wanted: dict[Drawing, dict[Option, None]] = {}
        for own, error, drawing in zip(asked, errors, drawings, strict=True):
            if error is None:
                options = (Option(own.prompt, tokens) for tokens in own.sequences)
                wanted.setdefault(drawing, {}).update(dict.fromkeys(options))
        weighed = {drawing: self._weigh(list(own), drawing) for drawing, own in wanted.items()}
        return [
            ChoiceResponse(own.text, error=error) if error else _chosen(own, weighed[drawing])
            for own, error, drawing in zip(asked, errors, drawings, strict=True)
        ]

    def _too_long(self, own: Spelled) -> str | None:
        return self._misfit(len(own.prompt), max(map(len, own.sequences)), "option")

    def _weigh(self, options: Sequence[Option], drawing: Drawing) -> dict[Option, Weighed]:
        """Weigh distinct options, those of one prompt together."""
        found: dict[Option, Weighed] = {}
        for some in batches_of(options, self._budget):
            done = halving(
                lambda own: weigh(self.loaded, own, drawing, self._budget), some, self._halve
            )
            found.update(zip(some, done, strict=True))
        return found

    def logits(self, options: Sequence[Option]) -> list[Tensor]:
        """Logits (float32 [tokens, vocabulary]) by which each of a few options is scored."""
        return logits(self.loaded, options, self._budget)

    def _halve(self) -> None:
        self._budget = max(1, self._budget // 2)
        tell_halved(self._budget)

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate:
        """What answering would take, measured on a small share of the planned batches."""
        from tombench.backends.hf.measuring import estimate

        return estimate(self, requests)


def _chosen(own: Spelled, weighed: Mapping[Option, Weighed]) -> ChoiceResponse:
    """A response from what the sequences of its options weigh."""
    found = {tokens: weighed[Option(own.prompt, tokens)] for tokens in own.sequences}
    return ChoiceResponse(
        own.text,
        option_probabilities(own.options, {k: w.probability for k, w in found.items()}),
        option_probabilities(own.options, {k: w.sampled for k, w in found.items()}),
    )
