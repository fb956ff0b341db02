"""What `recipe=sft` starts with: a model that has learnt already, and batches with replay."""

from dataclasses import dataclass, replace
from functools import partial
from random import Random

import torch
from transformers import PreTrainedModel

from tombench.models.base import Model
from tombench.models.encoding import Encoding, chat_template
from tombench.models.hub import folder_of
from tombench.models.load import load_fresh
from tombench.models.locate import locate
from tombench.models.tokenizer import load_tokenizer
from tombench.recipes.base import TrainingJob
from tombench.recipes.forward import can_pack
from tombench.recipes.packing import Batch, Packer
from tombench.recipes.sft import Sft
from tombench.recipes.training import Learner
from tombench.recipes.weights import AnswerWeights, LossWeights, Vocabulary

LATE = 0.99  # the progress of pretraining that is replayed: nothing is easy any more


@dataclass(frozen=True)
class Replayed:
    """Batches of examples, some of whose rows are training text instead.

    `share` is that of the rows and that of the loss: the weights within each kind are its own.
    """

    examples: Packer
    text: Packer | None
    share: float
    rows: int  # a batch
    steps: int
    seed: int

    def batch(self, step: int) -> Batch:
        """The batch of a step: a function of seed and step alone."""
        replayed = self.replayed_rows(step)
        parts = []
        if replayed < self.rows:
            rng = Random(f"examples/{self.seed}/{step}")
            rows = self.examples.rows(rng, step / self.steps, self.rows - replayed)
            parts.append(rows.normalised(1 - replayed / self.rows))
        if replayed:
            rng = Random(f"replay/{self.seed}/{step}")
            rows = self.text.rows(rng, LATE, replayed)
            parts.append(rows.normalised(replayed / self.rows))
        return Batch.of(parts)

    def replayed_rows(self, step: int) -> int:
        """How many rows of a step are replay; over the steps they come to the share."""
        if self.text is None:
            return 0
        wanted = self.share * self.rows
        return int((step + 1) * wanted + 1e-9) - int(step * wanted + 1e-9)


def pupil(recipe: Sft, job: TrainingJob) -> Learner:
    """The model in float32, its adapters merged into it, and what it is trained on."""
    torch.set_num_threads(recipe.threads)
    loaded = load_fresh(replace(job.model, dtype="float32"), "auto")
    model, encoding = loaded.network, loaded.encoding
    if model is not loaded.causal_lm:
        model = model.merge_and_unload()
    model.requires_grad_(True)  # an adapter had frozen its base
    if recipe.frozen_embeddings:
        freeze_embeddings(model)
    packed = can_pack(model)
    weigh = AnswerWeights(recipe.prompt_weight).of
    examples = Packer(job.examples, encoding, weigh, recipe.sequence_length, packed)
    examples.check()
    text = None
    if recipe.replay:
        vocabulary = Vocabulary.of(encoding.tokenizer, job.content_words)
        weigh = partial(LossWeights().of, vocabulary=vocabulary)
        text = Packer(job.text, encoding, weigh, recipe.sequence_length, packed)
    batches = Replayed(examples, text, recipe.replay, recipe.batch_size, recipe.steps, job.seed)
    return Learner(model, encoding.tokenizer, batches, packed, recipe.identity(job.model))


def freeze_embeddings(model: PreTrainedModel) -> None:
    """Input embeddings and output layer take no gradient."""
    for layer in (model.get_input_embeddings(), model.get_output_embeddings()):
        if layer is not None:
            layer.requires_grad_(False)


def encoding_of(model: Model) -> Encoding:
    """Tokenizer and chat template of a model whose weights are not needed."""
    place = locate(model).weights
    folder = folder_of(place, code=model.trust_remote_code)
    tokenizer = load_tokenizer(folder, place.name, model.trust_remote_code)
    return Encoding(tokenizer, chat_template(model.template, tokenizer, place.name))
