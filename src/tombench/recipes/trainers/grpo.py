"""recipe=grpo: trl's trainer on prompts of ours, rewarded by a function."""

from collections.abc import Sequence
from typing import Any

from trl import GRPOConfig, GRPOTrainer

from tombench.recipes.base import Reward, TrainingJob
from tombench.recipes.grpo import Grpo
from tombench.recipes.rewards import pay, reward_of
from tombench.recipes.trainers.fit import Setup, fit
from tombench.recipes.trainers.material import Material
from tombench.recipes.trainers.network import pupil
from tombench.recipes.trainers.questions import Asked, questions
from tombench.recipes.trainers.steady import Steady
from tombench.recipes.trainers.streams import as_dataset


class GroupTrainer(Steady, GRPOTrainer):
    """trl's GRPO; prompts are token ids as evaluation encodes them."""

    _get_train_sampler = GRPOTrainer._get_train_sampler  # repeats each prompt; shuffling is off
    ids_of: dict[str, tuple[int, ...]]
    before = 0  # tokens at the batch before

    def _tokenize_prompts(self, prompts: Sequence[str]) -> tuple[list[list[int]], None, dict]:
        return [list(self.ids_of[prompt]) for prompt in prompts], None, {}

    def _count(self, inputs: Any) -> None:
        """Tokens of prompts and answers in all processes, as trl counts them."""
        now = int(self.state.num_input_tokens_seen)
        self.watch.tokens += now - self.before
        self.before = now


def train_grpo(recipe: Grpo, job: TrainingJob) -> dict[str, float]:
    """The whole of it: load, ask, reward, learn, keep."""
    learner = pupil(recipe, job)
    asked = questions(recipe, job, learner.encoding, recipe.generations, reuse=recipe.iterations)
    setup = Setup(recipe, job, learner, Material(asked.stream, (), asked.course, asked.told))
    ids_of: dict[str, tuple[int, ...]] = {}

    def columns(one: Asked) -> dict[str, Any]:
        ids_of[one.text] = one.ids
        return {"prompt": one.text, "answer": one.answer}

    arguments = setup.arguments
    # answers that several updates share are not in a checkpoint: it comes after the last of them
    arguments["save_steps"] = -(-arguments["save_steps"] // recipe.iterations) * recipe.iterations
    size = asked.course.effective_batch // recipe.generations
    updates = -(-asked.course.updates // recipe.iterations)
    trainer = GroupTrainer(
        model=learner.network,
        reward_funcs=rewarding(reward_of("grpo", recipe, job)),
        args=GRPOConfig(
            **arguments,
            num_generations=recipe.generations,
            generation_batch_size=asked.course.effective_batch,
            max_completion_length=recipe.max_new_tokens,
            temperature=recipe.temperature,
            top_k=recipe.top_k,
            top_p=recipe.top_p,
            beta=recipe.beta,
            epsilon=recipe.clip,
            num_iterations=recipe.iterations,
            shuffle_dataset=False,
        ),
        train_dataset=as_dataset(asked.stream, updates * size, size, columns),
        processing_class=learner.encoding.tokenizer,
        peft_config=learner.lora,
    )
    trainer.ids_of = ids_of
    return fit(setup, trainer)


def rewarding(reward: Reward) -> Any:
    """The reward in the form that trl calls it."""

    def rewards(
        prompts: Sequence[str], completions: Sequence[str], answer: Sequence[str | None], **_: Any
    ) -> list[float]:
        return pay(reward, prompts, completions, answer)

    return rewards
