"""What a fine-tuning leaves behind: adapter/ or model/, merged/, each with a card."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tombench.models.base_record import BaseRecord, write_base_record
from tombench.models.digest import place_digest
from tombench.models.hub import folder_of
from tombench.models.locate import Place, locate
from tombench.recipes.base import TrainingJob
from tombench.recipes.merging import merge, stored_dtype
from tombench.recipes.trainers.card import Card, card
from tombench.recipes.trainers.network import Pupil
from tombench.recipes.trainers.saving import aside, save_whole
from tombench.recipes.tuning import TuningSettings


def keep(
    settings: TuningSettings,
    job: TrainingJob,
    network: Any,
    pupil: Pupil,
    numbers: Mapping[str, float],
) -> None:
    """Write what was learnt into the job's folder: whole folders, each at one stroke."""
    tokenizer = pupil.encoding.tokenizer
    if settings.lora is None:
        save_whole(network, tokenizer, job.folder / "model", stored_dtype(job.model))
        _write_card(settings, job, job.folder / "model", numbers)
        return
    save_adapter(job, network, job.folder / "adapter")
    _write_card(settings, job, job.folder / "adapter", numbers)
    if settings.merge:
        merge(job.model, str(job.folder / "adapter"), job.folder / "merged")
        _write_card(settings, job, job.folder / "merged", numbers)


def save_adapter(job: TrainingJob, network: Any, folder: Path) -> None:
    """peft's two files; the base is named as the user named it, and its content by hash."""
    base = locate(job.model).weights
    partial = aside(folder)
    network.save_pretrained(partial)
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
    adapters = "\n".join(f"- {lasting_name(place)}" for place in source.adapters)
    text = (
        f"# {job.folder.parent.name}\n\n{lasting_name(source.weights)} with these adapters merged "
        f"into it, in this order:\n\n{adapters}\n\n    tombench stage=eval model=local "
        f"model.path={job.folder}\n"
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
