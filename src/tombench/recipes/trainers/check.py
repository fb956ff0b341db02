"""What can be refused of any fine-tuning before weights load."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from tombench.errors import UserError, gathered
from tombench.models.base import Model
from tombench.models.check import read_config
from tombench.models.digest import model_digest
from tombench.models.hub import folder_of
from tombench.models.locate import locate
from tombench.recipes.base import TrainingJob
from tombench.recipes.data.rows import Kind
from tombench.recipes.data.sources import check_data
from tombench.recipes.trainers.arguments import check_sharding
from tombench.recipes.trainers.network import check_trainable
from tombench.recipes.tuning import TuningSettings


def check_tuning(settings: TuningSettings, job: TrainingJob, kind: Kind) -> None:
    """Raises UserError, all mistakes at once: data, weights, devices, reports."""
    gathered(
        lambda: settings.data is None or check_data(settings, kind),
        lambda: check_trainable(settings, job.model),
        lambda: check_context(settings, job.model),
        lambda: check_sharding(settings.fsdp),
        lambda: check_report(settings.report),
    )


def check_context(settings: TuningSettings, model: Model) -> None:
    """Examples, or prompts with what is drawn after them, are not longer than the model reads."""
    folder = folder_of(locate(model).weights, code=model.trust_remote_code)
    config = read_config(folder, model.path, model.trust_remote_code).get_text_config()
    room = getattr(config, "max_position_embeddings", None)
    wanted = settings.max_length + getattr(settings, "max_new_tokens", 0)
    if room is not None and wanted > room:
        drawn = " with recipe.max_new_tokens" if hasattr(settings, "max_new_tokens") else ""
        raise UserError(
            f"recipe.max_length={settings.max_length}:{drawn} longer than the model's context of "
            f"{room} tokens; give a smaller one"
        )


def check_report(report: str) -> None:
    """The library that reports are sent by is there."""
    if report != "none" and find_spec(report) is None:
        raise UserError(
            f"recipe.report={report}: it is not installed; pip install 'tombench[report]'"
        )


def model_identity(model: Model) -> Mapping[str, Any]:
    """What of a model decides the outcome of its fine-tuning."""
    return {
        "digest": model_digest(model),
        "dtype": model.dtype,
        "quantization": model.quantization,
    }


def fisher_identity(fisher: str | None) -> Mapping[str, Any]:
    """Squared gradients by their content. Raises UserError where there are none."""
    from tombench.masking.files import find_gradients, load_gradients

    if fisher is None:
        return {}
    return {"fisher": load_gradients(find_gradients(fisher, "recipe.fisher")).digest}
