"""What all of trl's trainers are told, from a recipe's settings."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tombench.errors import UserError
from tombench.processes import place
from tombench.recipes.base import TrainingJob
from tombench.recipes.tuning import TuningSettings

LOG_EVERY = 10  # updates, or a twentieth of a short training
BETAS = (0.9, 0.98)  # AdamW: few updates, so a shorter memory than the usual 0.999
SHARDINGS = {
    "full_shard": {"reshard_after_forward": True},
    "full_shard_offload": {"reshard_after_forward": True, "offload_params": True},
}


@dataclass(frozen=True)
class Course:
    """How long a training is, and how many examples an update sees."""

    updates: int
    effective_batch: int

    @classmethod
    def of(
        cls, settings: TuningSettings, examples: int | None, size: int | None = None
    ) -> "Course":
        """From steps or epochs through so many examples; None: the task writes them without end.

        `size` is the effective batch where that is not what an update reads.
        """
        batch = size or settings.batch_size * settings.accumulation * place().world
        if settings.steps is not None or examples is None:
            return cls(settings.steps or settings.usual_steps, batch)
        return cls(max(1, math.ceil((settings.epochs or 1.0) * examples / batch)), batch)

    @property
    def rows(self) -> int:
        """Examples that are seen in all."""
        return self.updates * self.effective_batch


def training_arguments(
    settings: TuningSettings, job: TrainingJob, course: Course, rate: float
) -> dict[str, Any]:
    """Keywords of SFTConfig, DPOConfig, RewardConfig and GRPOConfig alike."""
    import torch

    on_gpu = torch.cuda.is_available()
    evaluates = bool(settings.validation and settings.evaluate_every)
    checkpoint_every = (
        settings.evaluate_every if settings.early_stopping else settings.checkpoint_every
    )
    return {
        "output_dir": str(job.folder / "checkpoints"),
        "max_steps": course.updates,
        "per_device_train_batch_size": settings.batch_size,
        "per_device_eval_batch_size": settings.batch_size,
        "gradient_accumulation_steps": settings.accumulation,
        "learning_rate": rate,
        "lr_scheduler_type": "constant_with_warmup"
        if settings.schedule == "constant"
        else settings.schedule,
        "warmup_steps": warmup(settings, course.updates),
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.gradient_clip,
        "adam_beta1": BETAS[0],
        "adam_beta2": BETAS[1],
        "seed": job.seed,
        "data_seed": job.seed,
        "use_cpu": not on_gpu,
        "bf16": in_bfloat16(settings),
        "gradient_checkpointing": settings.gradient_checkpointing,
        "logging_steps": max(1, min(LOG_EVERY, course.updates // 20)),
        "logging_nan_inf_filter": False,
        "eval_strategy": "steps" if evaluates else "no",
        "eval_steps": settings.evaluate_every or None,
        "save_strategy": "steps",
        "save_steps": checkpoint_every,
        "save_total_limit": 2,
        "load_best_model_at_end": bool(settings.early_stopping),
        "metric_for_best_model": "loss" if settings.early_stopping else None,
        "greater_is_better": False if settings.early_stopping else None,
        "restore_callback_states_from_checkpoint": True,
        "remove_unused_columns": False,
        "disable_tqdm": True,
        "report_to": ["wandb"] if settings.report == "wandb" else [],  # tensorboard: see fit
        "run_name": f"{job.folder.parent.name}/{job.folder.name}",
        "project": "tombench",
        **_sharding(settings.fsdp),
    }


def warmup(settings: TuningSettings, updates: int) -> int:
    """Updates until the rate is at its peak; a short training has no longer than a fifth of it."""
    return min(settings.warmup, updates // 5)


def in_bfloat16(settings: TuningSettings) -> bool:
    """Are products of matrices taken in bfloat16?"""
    import torch
    from transformers.utils import is_torch_bf16_gpu_available

    if settings.precision == "auto":
        return torch.cuda.is_available() and is_torch_bf16_gpu_available()
    return settings.precision == "bfloat16"


def check_sharding(setting: str | None) -> None:
    """Refuse (UserError) `recipe.fsdp` that names nothing, or that there is no GPU for."""
    if setting is None:
        return
    import torch

    _sharding(setting)
    if not torch.cuda.is_available():
        raise UserError(
            f"recipe.fsdp={setting}: sharding needs CUDA devices, and this machine has none; "
            "leave it out, or run it under torchrun on a machine with GPUs"
        )


def _sharding(setting: str | None) -> dict[str, Any]:
    """Keywords for fully sharded data parallel (FSDP2), one process a GPU under torchrun."""
    if setting is None:
        return {}
    config = SHARDINGS.get(setting)
    if config is None:
        file = Path(setting).expanduser()
        try:
            config = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UserError(
                f"recipe.fsdp={setting}: neither one of {', '.join(SHARDINGS)} nor a readable "
                "JSON file of FSDP settings"
            ) from error
    return {"fsdp": True, "fsdp_config": {"version": 2, **config}}
