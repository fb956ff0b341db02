"""Data sets of the Hub; a commit that is in the local cache is not moved on."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tombench.origins.keys import Keys
from tombench.origins.library import loaded
from tombench.origins.table import Table, table_of_rows

if TYPE_CHECKING:
    from datasets import Dataset

HUB_NAME = re.compile(r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?::([\w.+-]+))?")
"""OWNER/NAME, or OWNER/NAME:CONFIGURATION where a repository has several."""
TIMEOUT = 20.0  # seconds that the Hub may take to answer


@dataclass(frozen=True)
class HubDataSet:
    """A data set of the Hub, at the commit that is in the local cache, else at the newest."""

    name: str  # as the user wrote it
    repository: str
    configuration: str | None
    keys: Keys
    near: str = ""  # a hint for one who meant a file

    def table(self, split: str) -> Table:
        """Its rows, fetched if need be.

        Raises:
            UserError: it is not to be had, has no such split, or cannot be read.
        """
        return table_of_rows(self.name, self._loaded(split).to_list())

    def fingerprint(self, split: str) -> Any:
        """Commit, configuration and split; the rows, where no commit can be learnt."""
        commit = self._cached_commit() or self._newest_commit()
        if commit is None:
            return self._loaded(split).to_list()
        return [commit, self.configuration, split]

    def splits(self) -> list[str]:
        """Names of its splits; raises UserError where it is not to be had."""
        return loaded(self.name, self.keys, self._splits, self.near)

    def download_bytes(self) -> int | None:
        """How much is fetched for all splits; None: nothing, or its card does not say."""
        if self._cached_commit():
            return None
        return loaded(self.name, self.keys, self._download_bytes, self.near)

    def _loaded(self, split: str) -> "Dataset":
        return loaded(self.name, self.keys, partial(self._load, split), self.near)

    def _load(self, split: str) -> "Dataset":
        from datasets import load_dataset

        with self._reached() as commit:
            return load_dataset(self.repository, self.configuration, split=split, revision=commit)

    def _splits(self) -> list[str]:
        from datasets import get_dataset_split_names

        with self._reached() as commit:
            return get_dataset_split_names(self.repository, self.configuration, revision=commit)

    def _download_bytes(self) -> int | None:
        from datasets import load_dataset_builder

        with self._reached() as commit:
            builder = load_dataset_builder(self.repository, self.configuration, revision=commit)
        return builder.info.download_size

    @contextmanager
    def _reached(self) -> Iterator[str | None]:
        """The commit to ask for, None being the newest, which is in the cache from then on."""
        commit = self._cached_commit()
        with nullcontext() if self._newest_commit() else offline():
            yield commit

    def _cached_commit(self) -> str | None:
        """Not moved on while it is in the cache, so that a resumed run reads the same rows."""
        from huggingface_hub import snapshot_download

        try:
            folder = snapshot_download(self.repository, repo_type="dataset", local_files_only=True)
        except Exception:  # it is not there; what else can be wrong, loading tells
            return None
        return Path(folder).name

    def _newest_commit(self) -> str | None:
        """The Hub's; None where it cannot be reached or, for what is in the cache, says no."""
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError

        try:
            return HfApi().dataset_info(self.repository, timeout=TIMEOUT).sha
        except (HfHubHTTPError, HFValidationError):
            if self._cached_commit():
                return None
            raise
        except Exception:  # no network, by any of its errors
            return None


@contextmanager
def offline() -> Iterator[None]:
    """Look at the local cache alone: where there is no network, `datasets` tries for long."""
    from datasets import config
    from huggingface_hub import constants

    before = config.HF_HUB_OFFLINE, constants.HF_HUB_OFFLINE
    config.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        config.HF_HUB_OFFLINE, constants.HF_HUB_OFFLINE = before
