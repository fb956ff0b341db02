"""Sums so far, so that a gathering that was killed goes on: the newest whole set is believed."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from torch import Tensor

from tombench.errors import UserError
from tombench.masking.files import Origin, StoredGradients, load_gradients, save_gradients

CHECKPOINT_SECONDS = 120.0
TIMES_AS_LONG = 10.0  # work between checkpoints beside the writing of one
FOLDER = "partial"


@dataclass(eq=False)
class Checkpoints:
    """Folders `partial/BATCH_TOKENS/SAMPLES`; one is removed when the next is whole.

    Sums hang in their last bits on how samples were batched, so that only a gathering of the same
    batches goes on from them.
    """

    folder: Path  # of the set that is gathered
    origin: Origin  # of the whole set
    batch_tokens: int
    last: float = field(default_factory=time.monotonic)
    took: float = 0.0

    @property
    def _root(self) -> Path:
        return self.folder / FOLDER / str(self.batch_tokens)

    def _origin(self, done: int) -> Origin:
        return replace(self.origin, samples=done, reduction="sum")

    def newest(self) -> StoredGradients | None:
        """The sums of the most samples that stand whole on the disk; `origin` says how many."""
        written = [path for path in self._root.glob("*") if path.name.isdecimal()]
        for path in sorted(written, key=lambda path: int(path.name), reverse=True):
            try:
                stored = load_gradients(path)
            except UserError:  # torn by a kill
                continue
            if stored.origin == self._origin(int(path.name)):
                return stored
        return None

    def keep_when_due(self, done: int, sums: Mapping[str, Tensor]) -> None:
        """Write the sums of the first `done` samples if it is time again.

        Raises:
            RunFailed: the disk is full or cannot be written.
        """
        begun = time.monotonic()
        if begun - self.last < max(CHECKPOINT_SECONDS, TIMES_AS_LONG * self.took):
            return
        save_gradients(self._root / str(done), sums, self._origin(done))
        for path in self._root.iterdir():
            if path.name != str(done):
                shutil.rmtree(path)
        self.last = time.monotonic()
        self.took = self.last - begun

    def remove(self) -> None:
        """All of them; the set is whole."""
        shutil.rmtree(self.folder / FOLDER, ignore_errors=True)
