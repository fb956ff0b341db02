"""recipe=sft: the loss of completions, weighed where several sorts are mixed; optional EWC."""

import math
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import torch
from trl import SFTConfig, SFTTrainer
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from tombench.models.encoding import Encoding
from tombench.recipes.base import TrainingJob
from tombench.recipes.ewc import Ewc, fisher_of
from tombench.recipes.sft import Sft
from tombench.recipes.trainers.fit import Setup, fit
from tombench.recipes.trainers.material import Material, material
from tombench.recipes.trainers.network import freeze_embeddings, pupil
from tombench.recipes.trainers.steady import Steady
from tombench.recipes.trainers.streams import Drawn, Replayed
from tombench.recipes.trainers.tokens import Tokens

LATE = 0.99  # the progress of pretraining that is replayed: nothing is easy any more
IGNORED = -100  # a label that carries no loss


class Collator(DataCollatorForLanguageModeling):
    """trl's batch, and the weight of each row."""

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        weights = torch.tensor([example.pop("weight") for example in examples])
        return {**super().torch_call(examples), "weight": weights}


class SupervisedTrainer(Steady, SFTTrainer):
    """trl's, with weights of rows and with elastic weight consolidation."""

    ewc: Ewc | None = None

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


def columns(one: Tokens) -> dict[str, Any]:
    """What the trainer reads of an example."""
    labels = [IGNORED] * len(one.prompt) + one.chosen
    return {"input_ids": one.prompt + one.chosen, "labels": labels, "weight": one.weight}


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
    trainer.ewc = consolidation(recipe, job, learner.encoding, trainer.model)
    return fit(setup, trainer)
