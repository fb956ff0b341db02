"""Gradient sets of task=sparsity: found where a run has made them, else made in a run of their own.

outputs/prepare/sparsity/v0001/gradients/{tom,general,matched}/
"""

import logging
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tombench.models.base import Model
from tombench.processes import place
from tombench.progress import progress
from tombench.provenance import hardware
from tombench.records import RunFolder, finished_run, open_run
from tombench.runs import run_folders
from tombench.tasks.preparation import preparation_identity
from tombench.tasks.sparsity_data import GeneralText, TomText

if TYPE_CHECKING:
    from tombench.masking.files import Origin, StoredGradients
    from tombench.masking.squared_gradients import Sample
    from tombench.models.load import Loaded
    from tombench.tasks.sparsity_preview import MaskedPreview

FOLDER = "gradients"  # inside a run folder
WAIT = 1.0  # seconds between looks for what process 0 makes

logger = logging.getLogger("tombench")


@dataclass(frozen=True)
class GradientSettings:
    """How gradients are taken, the same of all sets."""

    statistic: str  # squared_gradient, gradient, activation
    dtype: str  # of squares and sums: float32, float16
    batch_tokens: int  # 1: one sample at a time


@dataclass(frozen=True)
class Gradients:
    """The sets that a run needs of a model."""

    task: str
    sets: Mapping[str, TomText | GeneralText]  # by name
    settings: GradientSettings
    model: Model
    seed: int

    def identity(self) -> dict[str, Any]:
        """Everything that can change them."""
        from tombench.masking.files import weights_digest

        return {
            "gradients": {name: text.digest for name, text in self.sets.items()},
            "statistic": self.settings.statistic,
            "dtype": self.settings.dtype,
            "one_by_one": self.settings.batch_tokens == 1,
            "model": weights_digest(self.model),
            "model_dtype": self.model.dtype,
        }

    def ready(
        self, loaded: "Loaded", root: Path, facts: Mapping[str, Any], quiet: bool
    ) -> "dict[str, StoredGradients]":
        """All sets, made in a run folder under `root` where none of this identity is finished.

        Of several processes the first makes them, the others wait.
        """
        identity = preparation_identity(self.task, self.identity(), self.seed)
        parent = root / "prepare" / self.task
        if not place().leads:
            return self._awaited(parent, identity)
        with open_run(parent, identity, facts) as run:
            if not run.finished:
                logger.info("gradients: made in %s", run.path)
                self.make(loaded, run, quiet)
                run.finish(hardware=hardware())
            return self._stored(run.path)

    def make(self, loaded: "Loaded", run: RunFolder, quiet: bool) -> None:
        """Each set into the run's folder; one that another run holds is taken from there."""
        from tombench.masking.files import INDEX
        from tombench.masking.gathering import Gathering, gather
        from tombench.masking.names import layer_matrices

        for name, text in self.sets.items():
            folder = run.path / FOLDER / name
            samples = text.samples(loaded.encoding)
            origin = self._origin(text, samples)
            if not (folder / INDEX).is_file():
                self._take(run.path.parent, name, origin, folder)
            gathering = Gathering(
                samples=samples,
                statistic=self.settings.statistic,
                reduction="sum",
                dtype=self.settings.dtype,
                batch_tokens=self.settings.batch_tokens,
                names=layer_matrices(loaded.causal_lm),
                origin=origin,
            )
            label = f"{self.settings.statistic.replace('_', ' ')}s · {name}"
            with progress(label, len(samples), quiet=quiet) as bar:
                gather(loaded.causal_lm, gathering, folder, bar.reached)

    def _origin(self, text: TomText | GeneralText, samples: "list[Sample]") -> "Origin":
        from tombench.masking.files import Origin, weights_digest
        from tombench.masking.squared_gradients import samples_digest

        return Origin(
            model=weights_digest(self.model),
            data=samples_digest(samples),
            samples=len(samples),
            sequence_length=max(len(sample.ids) for sample in samples),
            reduction="sum",
            statistic=self.settings.statistic,
            dtype=self.settings.dtype,
            objective=text.label,
        )

    def _take(self, runs: Path, name: str, origin: "Origin", folder: Path) -> None:
        """Link the set from another run that has made the same, whole or not at all."""
        from tombench.masking.files import INDEX, load_gradients

        for run in run_folders(runs):
            other = run / FOLDER / name
            if other == folder or not (other / INDEX).is_file():
                continue
            if load_gradients(other).origin == origin:
                logger.info("gradients: %s is taken from %s", name, run)
                aside = folder.with_name(f".{name}.aside")
                shutil.rmtree(aside, ignore_errors=True)
                shutil.copytree(other, aside, copy_function=_linked)
                shutil.rmtree(folder, ignore_errors=True)  # what a killed run had begun
                aside.rename(folder)
                return

    def _stored(self, run: Path) -> "dict[str, StoredGradients]":
        from tombench.masking.files import load_gradients

        return {name: load_gradients(run / FOLDER / name) for name in self.sets}

    def _awaited(self, parent: Path, identity: Mapping[str, Any]) -> "dict[str, StoredGradients]":
        while (run := finished_run(parent, identity)) is None:
            time.sleep(WAIT)
        return self._stored(run)


@dataclass(frozen=True)
class GradientPreparation:
    """stage=prepare of the sets."""

    gradients: Gradients
    load: Any  # () -> Loaded
    preview: "MaskedPreview"
    quiet: bool = False

    def identity(self) -> Mapping[str, Any]:
        return self.gradients.identity()

    def plan(self) -> list[str]:
        weights = self.preview.inner.estimate([]).weights_bytes
        return self.preview.gradient_notes(weights)

    def make(self, run: RunFolder) -> None:
        self.gradients.make(self.load(), run, self.quiet)

    def show(self, run: RunFolder) -> None:
        from tombench.masking.files import load_gradients

        for name in self.gradients.sets:
            folder = run.path / FOLDER / name
            stored = load_gradients(folder)
            origin = stored.origin
            size = sum(path.stat().st_size for path in folder.rglob("*.safetensors"))
            print(
                f"{name}: {len(stored)} matrices, {origin.samples} samples, {origin.objective}, "
                f"{size / 2**20:.1f} MiB: task.gradients.{name}={run.path}"
            )


def gradients_digest(name: str, path: str) -> str:
    """SHA-256 (hex) of the set that `task.gradients.NAME` names."""
    from tombench.masking.files import find_gradients, load_gradients

    return load_gradients(find_gradients(path, f"task.gradients.{name}", name)).digest


def _linked(source: str, target: str) -> None:
    """A second name of the same bytes; a copy where the file system has no links."""
    with suppress(OSError):
        Path(target).hardlink_to(source)
        return
    shutil.copy2(source, target)
