"""recipe=sft: the loss of completions, weighed where several sorts are mixed; optional EWC."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import torch
from trl import SFTConfig, SFTTrainer
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from tombench.models.encoding import Encoding
from tombench.recipes.base import TrainingJob
from tombench.recipes.ewc import Ewc, fisher_of
from tombench.recipes.optimizers import muon_with_adamw
from tombench.recipes.sft import Sft
from tombench.recipes.trainers.fit import Setup, fit
from tombench.recipes.trainers.material import Material, material
from tombench.recipes.trainers.network import freeze_embeddings, learning_rate, pupil
from tombench.recipes.trainers.steady import Steady
from tombench.recipes.trainers.streams import Drawn, Replayed
from tombench.recipes.trainers.tokens import Tokens

LATE = 0.99  # the progress of pretraining that is replayed: nothing is easy any more
IGNORED = -100  # a label that carries no loss


class Collator(DataCollatorForLanguageModeling):
    """trl's batch, the weight of each row, and soft labels where a row has some."""

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        weights = torch.tensor([example.pop("weight") for example in examples])
        softs = [(example.pop("soft_ids"), example.pop("shares")) for example in examples]
        labels = [[i for i in example["labels"] if i != IGNORED] for example in examples]
        batch = {**super().torch_call(examples), "weight": weights}
        return batch | soft_targets(labels, softs)


def soft_targets(
    labels: list[list[int]], softs: list[tuple[list[list[int]], list[list[float]]]]
) -> dict[str, torch.Tensor]:
    """What may stand at each labelled place of a batch, row by row; {} where all labels are hard.

    Returns `soft_ids` (int64) and `shares` (float32), each (labelled places, most at a place).
    """
    if not any(ids for ids, _ in softs):
        return {}
    places: list[tuple[list[int], list[float]]] = []
    for row, (ids, shares) in zip(labels, softs, strict=True):
        hard = [([token], [1.0]) for token in row]
        places += list(zip(ids, shares, strict=True)) if ids else hard
    most = max(len(ids) for ids, _ in places)
    padded = [(ids + [0] * (most - len(ids)), s + [0.0] * (most - len(s))) for ids, s in places]
    return {
        "soft_ids": torch.tensor([ids for ids, _ in padded]),
        "shares": torch.tensor([shares for _, shares in padded]),
    }


class SupervisedTrainer(Steady, SFTTrainer):
    """trl's, with weights of rows and with elastic weight consolidation."""

    ewc: Ewc | None = None
    rates: tuple[float, float] | None = None  # of muon: for matrices, for all else

    def create_optimizer(self, *rest: Any) -> Any:
        """AdamW as trl has it, or Muon."""
        if self.rates is None:
            return super().create_optimizer(*rest)
        if self.optimizer is None:
            self.optimizer = muon_with_adamw(self.model, *self.rates, self.args.weight_decay)
        return self.optimizer

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Sum of w_row * -log p(token) over the labels of an update, over how many labels it has.

        Nats a token; in training the penalty of EWC is added once an update.
        """
        weight = inputs.pop("weight")
        if "soft_ids" in inputs:
            outputs = _soft_outputs(model, inputs)
        else:
            outputs = model(**inputs, use_cache=False, fused_lm_head=True)
        count = outputs.label_mask.sum() if num_items_in_batch is None else num_items_in_batch
        loss = -(outputs.log_probs * weight[:, None]).sum() / torch.as_tensor(count).clamp(min=1)
        if num_items_in_batch is not None:  # counts all processes, whose gradients are averaged
            loss = loss * self.accelerator.num_processes
        mode = "train" if model.training else "eval"
        labels = outputs.label_mask.sum()
        accuracy = (outputs.is_top1.sum() / labels.clamp(min=1)).item()
        self._metrics[mode]["mean_token_accuracy"].append(accuracy)
        if self.ewc is not None and mode == "train":
            loss = loss + self.ewc.penalty() / self.current_gradient_accumulation_steps
        return (loss, outputs) if return_outputs else loss


@dataclass(frozen=True)
class SoftOutputs:
    """What the loss reads of a model's outputs, each (rows, length - 1), as of trl's fused head."""

    log_probs: torch.Tensor  # sum over what may stand there: share * log p
    label_mask: torch.Tensor
    is_top1: torch.Tensor  # is the most probable token the one that was drawn?


def _soft_outputs(model: Any, inputs: dict[str, Any]) -> SoftOutputs:
    """The model's outputs against soft labels; only labelled places are projected."""
    ids, shares, labels = (inputs.pop(name) for name in ("soft_ids", "shares", "labels"))
    mask = labels[:, 1:] != IGNORED
    before = torch.cat([mask, torch.zeros_like(mask[:, :1])], 1)  # the place that foretells
    logits = model(**inputs, use_cache=False, logits_to_keep=before).logits
    logits = logits if logits.ndim == 2 else logits[before]
    found = logits.float().log_softmax(-1)
    expected = (found.gather(1, ids) * shares).sum(1)
    log_probs = torch.zeros(mask.shape, dtype=expected.dtype, device=expected.device)
    is_top1 = torch.zeros_like(mask)
    is_top1[mask] = logits.argmax(-1) == labels[:, 1:][mask]
    return SoftOutputs(log_probs.masked_scatter(mask, expected), mask, is_top1)


def columns(one: Tokens) -> dict[str, Any]:
    """What the trainer reads of an example."""
    labels = [IGNORED] * len(one.prompt) + one.chosen
    return {
        "input_ids": one.prompt + one.chosen,
        "labels": labels,
        "weight": one.weight,
        "soft_ids": one.soft.ids if one.soft else [],
        "shares": one.soft.probabilities if one.soft else [],
    }


def with_replay(recipe: Sft, job: TrainingJob, encoding: Encoding, found: Material) -> Material:
    """Some of the rows are training text of the task, loss on all of it; long ones are cut."""
    if not recipe.replay:
        return found

    def draw(rng: Random, progress: float) -> list[Tokens]:
        texts = job.text(rng, LATE)
        whole = [f"{text.prompt}{text.answer}" for text in texts]
        ids = encoding.tokenizer(whole, add_special_tokens=False)["input_ids"]
        end = encoding.tokenizer.eos_token_id
        room = recipe.max_length - len(encoding.start)
        return [
            Tokens(encoding.start, [*own, *([] if end is None else [end])][:room]) for own in ids
        ]

    course = found.course
    if recipe.data is not None and recipe.steps is None:  # so many passes through the examples
        course = replace(course, updates=math.ceil(course.updates / (1 - recipe.replay)))
    text = Drawn(draw, course.effective_batch, course.updates, job.seed, "replay")
    stream = Replayed(found.stream, text, recipe.replay, course.effective_batch)
    told = f"replay {recipe.replay:.0%} of rows and loss are the task's training text"
    return replace(found, stream=stream, course=course, told=[*found.told, told])


def consolidation(recipe: Sft, job: TrainingJob, encoding: Encoding, network: Any) -> Ewc | None:
    """The penalty for leaving what matters to the task's training text; taken at the start."""
    if not recipe.ewc_lambda:
        return None

    def texts() -> Iterator[list[int]]:
        rng = Random(f"fisher/{job.seed}")
        while True:
            for text in job.text(rng, LATE):
                yield [*encoding.start, *encoding.bare(f"{text.prompt}{text.answer}")]

    return Ewc.of(network, fisher_of(recipe, job, network, texts()), recipe.ewc_lambda)


def train_sft(recipe: Sft, job: TrainingJob) -> dict[str, float]:
    """The whole of it: load, train, keep."""
    learner = pupil(recipe, job)
    if recipe.frozen_embeddings and learner.lora is None:
        freeze_embeddings(learner.network)
    found = with_replay(
        recipe, job, learner.encoding, material(recipe, job, learner.encoding, "completions")
    )
    setup = Setup(recipe, job, learner, found)
    pad = learner.encoding.tokenizer.pad_token_id
    trainer = SupervisedTrainer(
        model=learner.network,
        args=SFTConfig(
            **setup.arguments, max_length=None, dataset_kwargs={"skip_prepare_dataset": True}
        ),
        data_collator=Collator(pad_token_id=pad),
        processing_class=learner.encoding.tokenizer,
        peft_config=learner.lora,
        **setup.datasets(columns),
    )
    if recipe.optimizer == "muon":
        rate = learning_rate(recipe, learner.parameters)
        trainer.rates = (rate, recipe.embedding_learning_rate)
    trainer.ewc = consolidation(recipe, job, learner.encoding, trainer.model)
    return fit(setup, trainer)
