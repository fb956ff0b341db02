"""What `recipe=pretrain` starts with: a tokenizer, a model of random weights, batches."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from random import Random

import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from tombench.models.device import resolve_device
from tombench.models.encoding import Encoding
from tombench.models.load import quiet
from tombench.recipes.base import TrainingJob
from tombench.recipes.packing import Batch, Packer
from tombench.recipes.pretrain import Pretrain
from tombench.recipes.tokenizer import load_tokenizer, train_tokenizer
from tombench.recipes.training import Learner
from tombench.recipes.weights import LossWeights, Vocabulary


@dataclass(frozen=True)
class FreshText:
    """Batches of a corpus that is never read twice, easy first where the corpus is so."""

    packer: Packer
    rows: int
    steps: int
    seed: int

    def batch(self, step: int) -> Batch:
        """The batch of a step: a function of seed and step alone."""
        rng = Random(f"train/{self.seed}/{step}")
        return Batch.of([self.packer.rows(rng, step / self.steps, self.rows)])


def newcomer(recipe: Pretrain, job: TrainingJob) -> Learner:
    """A model that has learnt nothing yet."""
    quiet()
    torch.set_num_threads(recipe.threads)
    tokenizer = tokenizer_of(recipe, job)
    torch.manual_seed(job.seed)
    model = new_model(job.model.architecture, tokenizer).to(resolve_device("auto"))
    weights = LossWeights(
        first_mention=recipe.first_mention_weight,
        content=recipe.content_weight,
        function=recipe.function_weight,
        answer=recipe.answer_weight,
        verdict=recipe.verdict_weight,
    )
    weigh = partial(weights.of, vocabulary=Vocabulary.of(tokenizer, job.content_words))
    packer = Packer(job.text, Encoding(tokenizer, None), weigh, recipe.sequence_length)
    batches = FreshText(packer, recipe.batch_size, recipe.steps, job.seed)
    return Learner(model, tokenizer, batches, identity=recipe.identity(job.model))


def tokenizer_of(recipe: Pretrain, job: TrainingJob) -> PreTrainedTokenizerFast:
    """Learnt at the first start, read again after an interruption."""
    folder = job.folder / "tokenizer"
    if not folder.exists():
        learnt = train_tokenizer(job.text, job.seed, recipe.tokenizer_texts, recipe.vocabulary)
        aside = folder.with_suffix(".partial")
        learnt.save_pretrained(aside)
        aside.rename(folder)
    return load_tokenizer(folder)


def new_model(
    architecture: Mapping[str, int], tokenizer: PreTrainedTokenizerFast
) -> LlamaForCausalLM:
    """A Llama with random weights (from torch's seed) and tied embeddings."""
    ends = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    config = LlamaConfig(
        vocab_size=len(tokenizer), tie_word_embeddings=True, bos_token_id=None, **ends,
        **architecture,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(bos_token_id=None, **ends)
    return model
