"""Where the name of a data set leads: to a file, a folder, or a data set of the Hub."""

from pathlib import Path
from typing import Any, Protocol

from tombench.errors import UserError, nearest, told
from tombench.origins.files import TEXT, DataFile, data_suffix
from tombench.origins.folders import DataFolder
from tombench.origins.hub import HUB_NAME, HubDataSet
from tombench.origins.hub_file import HUB_FILE, HubFile
from tombench.origins.keys import Keys
from tombench.origins.table import Table


class Origin(Protocol):
    """A data set that can be read."""

    name: str  # as the user wrote it

    def table(self, split: str) -> Table:
        """Its rows, all of them; raises UserError where they are not to be had."""
        ...

    def splits(self) -> list[str]:
        """Names of its splits; [] where it has none."""
        ...

    def fingerprint(self, split: str) -> Any:
        """What decides its rows, short where that can be, as JSON can hold it."""
        ...


def origin(name: str, keys: Keys) -> Origin:
    """What is here under that name, else what of the Hub it can be.

    Raises:
        UserError: it is neither; names the nearest file.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        return DataFolder(name, path, keys)
    if path.exists():
        return DataFile(name, path)
    beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    near = nearest(path.name, beside)
    is_file = data_suffix(path) is not None or path.suffix.lower() == TEXT
    if not is_file and (hub := HUB_NAME.fullmatch(name)):
        return HubDataSet(name, hub[1], hub[2], keys, near)
    # below a folder that is here, a file is missing here
    if is_file and not path.parent.is_dir() and (hub := HUB_FILE.fullmatch(name)):
        return HubFile(name, hub[1], hub[2], keys, near)
    raise UserError(
        told(f"{name}: no such file", near, "give a file, a folder, or a Hub data set OWNER/NAME")
    )
