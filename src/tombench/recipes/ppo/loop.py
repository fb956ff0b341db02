"""recipe=ppo: ask, answer, be paid, learn; kill it anywhere, run it again, same weights."""

import hashlib
import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from tombench.errors import UserError
from tombench.recipes import checkpoint
from tombench.recipes.base import TrainingJob
from tombench.recipes.ppo.advantages import (
    advantages_and_returns,
    masked_mean,
    token_rewards,
    whitened,
)
from tombench.recipes.ppo.judge import SharedJudge, judge
from tombench.recipes.ppo.kl import Kl
from tombench.recipes.ppo.losses import policy_loss, value_loss
from tombench.recipes.ppo.policy import Answers, Policy
from tombench.recipes.ppo.recipe import Ppo
from tombench.recipes.ppo.record import Record
from tombench.recipes.ppo.report import reporter
from tombench.recipes.ppo.rollout import Drawing, Experience, draw, texts
from tombench.recipes.rewards import pay, reward_of
from tombench.recipes.trainers.arguments import BETAS, in_bfloat16, warmup
from tombench.recipes.trainers.fit import memory_told
from tombench.recipes.trainers.identity import training_identity
from tombench.recipes.trainers.network import Pupil, learning_rate, pupil, told_of
from tombench.recipes.trainers.questions import Asked, Questions, questions
from tombench.recipes.trainers.results import Learnt, keep


def train_ppo(recipe: Ppo, job: TrainingJob) -> dict[str, float]:
    """The whole of it: load, train what is left to train, keep."""
    learner = pupil(recipe, job)
    asked = questions(recipe, job, learner.encoding, size=recipe.rollout)
    loop = Loop(recipe, job, learner, asked)
    with memory_told(recipe):
        loop.run()
    rate = learning_rate(recipe, learner.parameters)
    numbers = {"learning rate": rate, "parameters": learner.parameters} | loop.record.conclude()
    if isinstance(loop.judge, SharedJudge):
        loop.judge.leave()
    keep(recipe, job, Learnt(loop.policy.network), learner, numbers)
    return numbers


class Loop:
    """One training in one folder."""

    def __init__(self, recipe: Ppo, job: TrainingJob, learner: Pupil, asked: Questions) -> None:
        self.recipe, self.job, self.asked = recipe, job, asked
        self.tokenizer = learner.encoding.tokenizer
        self.policy = Policy(learner, recipe.temperature, in_bfloat16(recipe))
        if recipe.gradient_checkpointing:
            self.policy.spare_memory()
        job.log(told_of(self.policy.network))
        self.judge = self._paying(job)
        self.learnt = self.policy.learnt()
        rate = learning_rate(recipe, learner.parameters)
        self.optimizer = torch.optim.AdamW(
            self.learnt.values(), rate, BETAS, weight_decay=recipe.weight_decay
        )
        self.schedule = _schedule(recipe, self.optimizer, asked.course.updates)
        self.how = Drawing.of(recipe, self.policy, self.tokenizer)
        adaptive = recipe.kl_horizon if recipe.kl == "adaptive" else None
        self.kl = Kl(recipe.kl_coefficient, recipe.kl_target, adaptive)
        report = reporter(recipe.report, job)
        self.record = Record(
            job, self.tokenizer, asked.course.updates, recipe.evaluate_every, report
        )

    def run(self) -> None:
        """Every step that is left."""
        path = self.job.folder / "checkpoint" / "training.safetensors"
        optimizers, identity = (
            {"adamw": self.optimizer},
            training_identity(self.recipe, self.job, self.asked.course),
        )
        state = checkpoint.load(path, self.learnt, optimizers, identity)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch wants an optimizer's step before each of these
            for _ in range(state.step):
                self.schedule.step()
        if state.step:
            self.kl = Kl(state.numbers["kl"], self.kl.target, self.kl.horizon)
        if state.step:
            self.job.log(f"goes on after step {state.step}")
        self.record.start(state, self.policy.network)
        updates = self.asked.course.updates
        for step in range(state.step, updates):
            numbers = self.step(step)
            self.record.add(step + 1, numbers, self.policy.network)
            if (step + 1) % self.recipe.checkpoint_every == 0 or step + 1 == updates:
                known = self.record.state() | {"kl": self.kl.coefficient}
                saved = checkpoint.State(step + 1, identity, known)
                checkpoint.save(path, self.learnt, optimizers, saved)
            self.job.progress(step + 1, updates)

    def step(self, step: int) -> dict[str, float]:
        """Ask, draw, pay, learn; what is worth knowing of it."""
        torch.manual_seed(_seed(self.job.seed, step))
        asked = self.asked.stream.block(step)
        answers = draw(self.policy, asked, self.how)
        scores = self._scores(asked, answers)
        if not torch.isfinite(scores).all():
            raise UserError(
                f"step {step + 1}: a score is no finite number; the last good checkpoint stays in "
                f"{self.job.folder / 'checkpoint'}; mend recipe.reward or recipe.reward_model"
            )
        told = self._in_batches(answers)
        reference = self._by_batch(answers, self.policy.reference)
        kl = ((told["log_probs"] - reference) * answers.mask).sum(1).mean().item()
        rewards = token_rewards(
            scores, told["log_probs"], reference, answers.mask, self.kl.coefficient
        )
        advantages, returns = advantages_and_returns(
            rewards, told["values"], answers.mask, self.recipe.gamma, self.recipe.lam
        )
        experience = Experience(
            answers, told["log_probs"], told["values"], whitened(advantages, answers.mask), returns
        )
        learnt = self._learn(experience, step)
        numbers = {
            "reward/mean": scores.mean().item(),
            "reward/deviation": scores.std(correction=0).item(),
            "kl/nats an answer": kl,
            "coefficient of kl/now": self.kl.coefficient,
            "response/tokens": answers.mask.sum(1).float().mean().item(),
            "response/entropy": masked_mean(told["entropy"], answers.mask).item(),
        }
        self.kl = self.kl.after(kl, len(asked))
        rate = self.optimizer.param_groups[0]["lr"]
        self.schedule.step()
        return numbers | learnt | {"rate": rate, "tokens": float(answers.attention.sum())}

    def _learn(self, experience: Experience, step: int) -> dict[str, float]:
        """Some passes over the step's answers, in another order each."""
        recipe, count = self.recipe, len(experience.answers.ids)
        self.policy.network.train()
        seen: list[dict[str, float]] = []
        for _ in range(recipe.ppo_epochs):
            order = torch.randperm(count)
            update = recipe.batch_size * recipe.accumulation
            for start in range(0, count, update):
                batches = order[start : start + update].split(recipe.batch_size)
                for rows in batches:
                    seen.append(self._losses(experience, rows, len(batches), step))
                norm = torch.nn.utils.clip_grad_norm_(self.learnt.values(), recipe.gradient_clip)
                if not torch.isfinite(norm):
                    raise UserError(self._told_of(step, f"gradient norm {norm.item()}"))
                self.optimizer.step()
                self.optimizer.zero_grad()
        return {name: sum(one[name] for one in seen) / len(seen) for name in seen[0]}

    def _losses(
        self, experience: Experience, rows: Tensor, parts: int, step: int
    ) -> dict[str, float]:
        """Add a batch's gradient to that of the update, of which it is one of `parts`."""
        recipe, rows = self.recipe, rows.to(self.policy.device)
        answers = experience.answers.rows(rows)
        read = self.policy.read(answers)
        advantages, mask = experience.advantages[rows], answers.mask
        acted = policy_loss(
            read.log_probs, experience.log_probs[rows], advantages, mask, recipe.clip
        )
        valued = value_loss(
            read.values, experience.values[rows], experience.returns[rows], mask, recipe.value_clip
        )
        loss = acted.value + recipe.value_weight * valued.value
        if not math.isfinite(loss.item()):
            raise UserError(self._told_of(step, f"loss {loss.item()}"))
        (loss / parts).backward()
        return {
            "loss": loss.item(),
            "policy/loss": acted.value.item(),
            "clipped/policy": acted.clipped,
            "value/loss": valued.value.item(),
            "clipped/value": valued.clipped,
        }

    def _scores(self, asked: Sequence[Asked], answers: Answers) -> Tensor:
        """(answers,) what they are paid, clipped and fined as the recipe says."""
        recipe = self.recipe
        if self.judge is not None:
            scores = self._by_batch(answers, self.judge)
        else:
            said = texts(answers, self.tokenizer)
            prompts, right = [one.text for one in asked], [one.answer for one in asked]
            paid = pay(self.reward, prompts, said, right)
            scores = torch.tensor(paid, dtype=torch.float32, device=self.policy.device)
        if recipe.score_clip is not None:
            scores = scores.clamp(-recipe.score_clip, recipe.score_clip)
        if recipe.missing_eos_penalty:
            stop = torch.tensor(self.how.stop, device=answers.ids.device)
            ended = (torch.isin(answers.said(), stop) & (answers.mask == 1)).any(1)
            scores = scores - recipe.missing_eos_penalty * (~ended).float()
        return scores

    def _paying(self, job: TrainingJob) -> Any:
        """The reward model; None where a function pays."""
        if self.recipe.reward_model is None:
            self.reward = reward_of("ppo", self.recipe, job)
            return None
        return judge(self.recipe.reward_model, self.policy, job.model, self.tokenizer)

    @torch.no_grad()
    def _in_batches(self, answers: Answers) -> dict[str, Tensor]:
        """Log-probabilities, values and entropies before anything is learnt; dropout is off."""
        self.policy.network.eval()
        parts = [self.policy.read(answers.rows(rows)) for rows in self._batches(answers)]
        names = ("log_probs", "values", "entropy")
        return {name: torch.cat([getattr(part, name) for part in parts]) for name in names}

    def _by_batch(self, answers: Answers, score: Callable[[Answers], Tensor]) -> Tensor:
        return torch.cat([score(answers.rows(rows)) for rows in self._batches(answers)])

    def _batches(self, answers: Answers) -> Sequence[Tensor]:
        rows = torch.arange(len(answers.ids), device=answers.ids.device)
        return rows.split(self.recipe.batch_size)

    def _told_of(self, step: int, what: str) -> str:
        return (
            f"step {step + 1}: {what}; the last good checkpoint stays in "
            f"{self.job.folder / 'checkpoint'}; lower recipe.learning_rate or recipe.score_clip"
        )


def _schedule(recipe: Ppo, optimizer: torch.optim.Optimizer, updates: int) -> Any:
    from transformers import get_scheduler

    name = "constant_with_warmup" if recipe.schedule == "constant" else recipe.schedule
    return get_scheduler(name, optimizer, warmup(recipe, updates), updates)


def _seed(seed: int, step: int) -> int:
    """Torch's at a step, so that a resumed training draws the same answers."""
    return int.from_bytes(hashlib.sha256(f"ppo/{seed}/{step}".encode()).digest()[:7], "big")
