"""What a fine-tuning leaves behind: adapter/ or model/, merged/, each with a card."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tombench.models.base_record import BaseRecord, write_base_record
from tombench.models.digest import place_digest
from tombench.models.hub import folder_of
from tombench.models.locate import Place, locate
from tombench.recipes.base import TrainingJob
from tombench.recipes.merging import head_of, merge, stored_dtype
from tombench.recipes.trainers.card import Card, card
from tombench.recipes.trainers.network import Pupil
from tombench.recipes.trainers.saving import aside, save_whole
from tombench.recipes.tuning import TuningSettings


@dataclass(frozen=True, eq=False)
class Learnt:
    """A network after its training."""

    network: Any  # a PeftModel, or all weights
    state: Mapping[str, Any] | None = None  # its weights gathered, where they are sharded


def keep(
    settings: TuningSettings,
    job: TrainingJob,
    learnt: Learnt,
    pupil: Pupil,
    numbers: Mapping[str, float],
) -> None:
    """Write what was learnt into the job's folder: whole folders, each at one stroke."""
    tokenizer = pupil.encoding.tokenizer
    if settings.lora is None:
        dtype = stored_dtype(job.model)
        save_whole(learnt.network, tokenizer, job.folder / "model", dtype, learnt.state)
        _write_card(settings, job, job.folder / "model", numbers)
        return
    save_adapter(job, learnt, job.folder / "adapter")
    _write_card(settings, job, job.folder / "adapter", numbers)
    if settings.merge:
        merge(job.model, str(job.folder / "adapter"), job.folder / "merged")
        _write_card(settings, job, job.folder / "merged", numbers)


def save_adapter(job: TrainingJob, learnt: Learnt, folder: Path) -> None:
    """peft's two files; the base is named as the user named it, and its content by hash."""
    base = locate(job.model).weights
    partial = aside(folder)
    learnt.network.save_pretrained(partial, state_dict=learnt.state)
    file = partial / "adapter_config.json"
    config = json.loads(file.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = lasting_name(base)
    config["revision"] = folder_of(base).name if base.folder is None else None  # the commit
    file.write_text(json.dumps(config, indent=2, sort_keys=True), encoding="utf-8")
    write_base_record(partial, BaseRecord(lasting_name(base), place_digest(base)))
    (partial / "README.md").unlink(missing_ok=True)  # peft's own card is a form to fill in
    partial.rename(folder)


def write_merge_card(job: TrainingJob) -> None:
    """Which adapters stand in merged/ by now."""
    source = locate(job.model)
    use = f"stage=eval model=local model.path={job.folder}"
    if head_of(list(source.adapters)) != "causal_lm":
        use = f"stage=finetune recipe=ppo model=… recipe.reward_model={job.folder}"
    adapters = "\n".join(f"- {lasting_name(place)}" for place in source.adapters)
    text = (
        f"# {job.folder.parent.name}\n\n{lasting_name(source.weights)} with these adapters merged "
        f"into it, in this order:\n\n{adapters}\n\n    tombench {use}\n"
    )
    (job.folder / "merged" / "README.md").write_text(text, encoding="utf-8")


def lasting_name(place: Place) -> str:
    """A Hub id or packaged name as it is; a folder by its whole path."""
    packaged = place.name.startswith("data:")
    return place.name if place.folder is None or packaged else str(place.folder)


def _write_card(
    settings: TuningSettings, job: TrainingJob, folder: Path, numbers: Mapping[str, float]
) -> None:
    base = locate(job.model).weights
    (folder / "README.md").write_text(
        card(Card(folder, settings, job, lasting_name(base), numbers)), encoding="utf-8"
    )
