"""Folders of data: what `save_to_disk` wrote, or data files that stand together."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tombench.datafile import digest
from tombench.origins.keys import Keys
from tombench.origins.library import loaded
from tombench.origins.table import Table, table_of_rows

if TYPE_CHECKING:
    from datasets import Dataset

SAVED = ("dataset_info.json", "state.json", "dataset_dict.json")
"""What `save_to_disk` writes beside the rows, some of it new at each saving."""


@dataclass(frozen=True)
class DataFolder:
    """A folder that `save_to_disk` wrote, or that holds data files."""

    name: str  # as the user wrote it
    path: Path
    keys: Keys

    def table(self, split: str) -> Table:
        """Its rows of a split.

        Raises:
            UserError: there is no such split, or it cannot be read.
        """
        rows = loaded(self.name, self.keys, partial(self._load, split))
        return table_of_rows(self.name, rows.to_list())

    def splits(self) -> list[str]:
        """Names of its splits; raises UserError where it cannot be read."""
        return loaded(self.name, self.keys, self._splits)

    def fingerprint(self, split: str) -> Any:
        """Names and bytes of its files, hidden ones aside, and the split."""
        files = [path for path in self.files() if path.name not in SAVED]
        names = [path.relative_to(self.path).as_posix() for path in files]
        return [names, [digest([path]) for path in files], split]

    def files(self) -> list[Path]:
        """All files in it and below, sorted; hidden ones aside."""
        found = sorted(self.path.rglob("*"))
        return [path for path in found if path.is_file() and not _is_hidden(path, self.path)]

    def _load(self, split: str) -> "Dataset":
        from datasets import Dataset, load_dataset, load_from_disk

        if not self._is_saved():
            return load_dataset(str(self.path), split=split)
        saved = load_from_disk(str(self.path))
        if isinstance(saved, Dataset):
            return saved
        if split not in saved:
            raise ValueError(f'Unknown split "{split}". Should be one of {list(saved)}.')
        return saved[split]

    def _splits(self) -> list[str]:
        from datasets import Dataset, get_dataset_split_names, load_from_disk

        if not self._is_saved():
            return get_dataset_split_names(str(self.path))
        saved = load_from_disk(str(self.path))
        return ["train"] if isinstance(saved, Dataset) else list(saved)  # one is read for any

    def _is_saved(self) -> bool:
        return any((self.path / name).is_file() for name in SAVED)


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
