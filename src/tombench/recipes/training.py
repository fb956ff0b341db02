"""The training loop behind `recipe=pretrain`: kill it anywhere, run it again, same weights."""

import hashlib
import json
import shutil
import time
from dataclasses import asdict
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from tombench.errors import UserError
from tombench.models.load import quiet
from tombench.recipes import checkpoint
from tombench.recipes.base import TrainingJob
from tombench.recipes.log import LogRow, append_row, plot_loss, read_log, write_log
from tombench.recipes.muon import Muon
from tombench.recipes.packing import Batch, LossWeights, Packer
from tombench.recipes.pretrain import Pretrain
from tombench.recipes.schedule import learning_rate_factor
from tombench.recipes.tokenizer import load_tokenizer, train_tokenizer

LOG_EVERY = 10  # steps
BETAS = (0.9, 0.98)  # AdamW: few steps, so a shorter memory than the usual 0.999


class Training:
    """One training in one folder."""

    def __init__(self, recipe: Pretrain, job: TrainingJob) -> None:
        quiet()
        torch.set_num_threads(recipe.threads)
        torch.manual_seed(job.seed)
        self.recipe, self.job = recipe, job
        self.tokenizer = self._tokenizer()
        self.model = new_model(job.architecture, self.tokenizer)
        self.optimizers = new_optimizers(recipe, self.model)
        weights = LossWeights(
            recipe.first_mention_weight, recipe.answer_weight, recipe.verdict_weight
        )
        self.packer = Packer(
            job.texts, self.tokenizer, weights, recipe.batch_size, recipe.sequence_length
        )
        self.checkpoint = job.folder / "checkpoint" / "training.safetensors"

    def run(self) -> dict[str, float]:
        """Train what is left to train, then write model and picture."""
        recipe, folder = self.recipe, self.job.folder
        identity = self._identity()
        done = checkpoint.load(self.checkpoint, self.model, self.optimizers, identity)
        rows = read_log(folder / "log.csv", until=done)
        write_log(folder / "log.csv", rows)
        losses: list[float] = []
        earlier, started = (rows[-1].seconds if rows else 0.0), time.monotonic()
        for step in range(done, recipe.steps):
            losses.append(self._step(step))
            finished = step + 1
            if finished % LOG_EVERY == 0 or finished == recipe.steps:
                seconds = earlier + time.monotonic() - started
                rows.append(self._row(finished, losses, seconds, rows))
                append_row(folder / "log.csv", rows[-1])
                losses = []
            if finished % recipe.checkpoint_every == 0 or finished == recipe.steps:
                checkpoint.save(self.checkpoint, self.model, self.optimizers, finished, identity)
            self.job.progress(finished, recipe.steps)
        plot_loss(rows, folder / "figures" / "loss.png")
        self._export(folder / "model")
        parameters = sum(weight.numel() for weight in self.model.parameters())
        return {
            "loss": rows[-1].loss,
            "tokens": rows[-1].tokens,
            "seconds": rows[-1].seconds,
            "parameters": parameters,
        }

    def _step(self, step: int) -> float:
        """One update; returns the loss before it, in nats a token."""
        recipe = self.recipe
        factor = learning_rate_factor(step, recipe.steps, recipe.warmup, recipe.decay)
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * factor
        loss = batch_loss(self.model, self.packer.batch(self.job.seed, step))
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), recipe.gradient_clip)
        if not (torch.isfinite(loss) and torch.isfinite(norm)):
            raise UserError(
                f"step {step + 1}: loss {loss.item()}, gradient norm {norm.item()}; the last good "
                f"checkpoint stays in {self.checkpoint.parent}; lower recipe.learning_rate or "
                "raise recipe.warmup"
            )
        for optimizer in self.optimizers.values():
            optimizer.step()
            optimizer.zero_grad()
        return loss.item()

    def _row(
        self, finished: int, losses: list[float], seconds: float, rows: list[LogRow]
    ) -> LogRow:
        """The log's next row."""
        tokens_a_step = self.recipe.batch_size * self.recipe.sequence_length
        since = max(seconds - (rows[-1].seconds if rows else 0.0), 1e-9)
        rate = next(iter(self.optimizers.values())).param_groups[0]["lr"]
        return LogRow(
            finished,
            round(sum(losses) / len(losses), 5),
            round(rate, 6),
            finished * tokens_a_step,
            round(len(losses) * tokens_a_step / since, 1),
            round(seconds, 2),
        )

    def _tokenizer(self) -> PreTrainedTokenizerFast:
        """Learnt at the first start, read again after an interruption."""
        folder = self.job.folder / "tokenizer"
        if not folder.exists():
            recipe = self.recipe
            tokenizer = train_tokenizer(
                self.job.texts, self.job.seed, recipe.tokenizer_texts, recipe.vocabulary
            )
            partial = folder.with_suffix(".partial")
            tokenizer.save_pretrained(partial)
            partial.rename(folder)
        return load_tokenizer(folder)

    def _identity(self) -> str:
        """Everything but the texts that decides the weights."""
        settings = {
            k: v for k, v in asdict(self.recipe).items() if k not in self.recipe.not_identity
        }
        named = json.dumps([settings, dict(self.job.architecture), self.job.seed], sort_keys=True)
        return hashlib.sha256(named.encode()).hexdigest()

    def _export(self, folder: Path) -> None:
        """Weights in bfloat16, configuration and tokenizer, as transformers reads them."""
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        model = LlamaForCausalLM(self.model.config)
        model.load_state_dict(self.model.state_dict())
        model.generation_config = self.model.generation_config
        model.to(torch.bfloat16).save_pretrained(partial)
        self.tokenizer.save_pretrained(partial)
        partial.rename(folder)


def new_model(architecture: dict[str, int], tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """A Llama with random weights (from torch's seed) and tied embeddings.

    Raises UserError if `architecture` is empty: the model named is not one to train from scratch.
    """
    if not architecture:
        raise UserError(
            "recipe=pretrain: the model has no architecture; take one that has (model=tiny), or "
            "set model.architecture={hidden_size: 128, …}"
        )
    ends = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    config = LlamaConfig(
        vocab_size=len(tokenizer), tie_word_embeddings=True, bos_token_id=None, **ends,
        **architecture,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(bos_token_id=None, **ends)
    return model


def new_optimizers(recipe: Pretrain, model: LlamaForCausalLM) -> dict[str, torch.optim.Optimizer]:
    """Muon for the matrices inside the network, AdamW for embeddings and norms; or AdamW alone."""
    named = list(model.named_parameters())
    inner = [weight for name, weight in named if _is_inner(name, weight)]
    outer = [weight for name, weight in named if not _is_inner(name, weight)]
    rate, decay = recipe.learning_rate, recipe.weight_decay
    first: torch.optim.Optimizer = (
        Muon(inner, rate, decay)
        if recipe.optimizer == "muon"
        else torch.optim.AdamW(inner, rate, betas=BETAS, weight_decay=decay)
    )
    second = torch.optim.AdamW(outer, recipe.embedding_learning_rate, betas=BETAS, weight_decay=0.0)
    for optimizer in (first, second):
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return {"inner": first, "outer": second}


def _is_inner(name: str, weight: torch.Tensor) -> bool:
    return weight.ndim == 2 and "embed_tokens" not in name


def batch_loss(model: LlamaForCausalLM, batch: Batch) -> torch.Tensor:
    """The weighted mean cross-entropy of a batch, in nats a token."""
    logits = model(input_ids=batch.inputs, attention_mask=batch.mask, use_cache=False).logits
    each = cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), reduction="none")
    weights = batch.weights.flatten()
    return (each * weights).sum() / weights.sum()
