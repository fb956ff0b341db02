"""One file of a data set of the Hub: a large set need not be fetched whole."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tombench.errors import UserError, told
from tombench.models.tokenizer import first_line
from tombench.origins.files import DataFile
from tombench.origins.keys import Keys
from tombench.origins.table import Table

HUB_FILE = re.compile(r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)/(\w[\w./+-]*)")
"""OWNER/NAME/FOLDER/FILE."""


@dataclass(frozen=True)
class HubFile:
    """A file of a repository of data, as it is in the local cache, else the newest."""

    name: str  # as the user wrote it
    repository: str
    file: str  # its path in the repository
    keys: Keys
    near: str = ""  # a hint for one who meant a file of this machine

    def table(self, split: str) -> Table:
        """Its rows; raises UserError where it is not to be had or malformed."""
        return self.fetched().table(split)

    def fingerprint(self, split: str) -> Any:
        """sha256 of its bytes."""
        return self.fetched().fingerprint(split)

    def splits(self) -> list[str]:
        """A file has none."""
        return []

    def fetched(self) -> DataFile:
        """The file in the local cache.

        Raises:
            UserError: offline, not found, gated: one line.
        """
        from huggingface_hub import errors, hf_hub_download
        from huggingface_hub.utils import disable_progress_bars

        disable_progress_bars()
        try:
            try:  # not moved on while it is in the cache: a resumed run reads the same rows
                path = hf_hub_download(
                    self.repository, self.file, repo_type="dataset", local_files_only=True
                )
            except errors.LocalEntryNotFoundError:
                path = hf_hub_download(self.repository, self.file, repo_type="dataset")
        except Exception as error:  # the network, the disk, the Hub's own trouble
            raise UserError(told(f"{self.name}: {self._problem(error)}", self.near)) from error
        return DataFile(self.name, Path(path))

    def _problem(self, error: Exception) -> str:
        """An error of `huggingface_hub` as what is wrong and what to do."""
        from huggingface_hub import errors

        page = f"https://huggingface.co/datasets/{self.repository}"
        if isinstance(error, errors.GatedRepoError):
            return f"is gated: accept its licence at {page} and set HF_TOKEN to your token"
        if isinstance(error, errors.RepositoryNotFoundError):
            return (
                f"is no file here, and the Hub has no data set {self.repository} that you may "
                "read; check the name, and set HF_TOKEN if it is private"
            )
        if isinstance(error, errors.LocalEntryNotFoundError | errors.OfflineModeIsEnabled):
            return (
                "is no file here, not in the local cache, and the Hub cannot be reached; fetch it "
                f"on a machine with a network, or give a file of this machine in {self.keys.data}"
            )
        if isinstance(error, errors.EntryNotFoundError):
            return f"{self.repository} has no file {self.file}; its files are at {page}/tree/main"
        return f"cannot be fetched from the Hub: {first_line(error)}; try again"
