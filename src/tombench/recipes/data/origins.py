"""Where a name in `recipe.data` leads: to a file, a folder, or a data set of the Hub."""

from pathlib import Path
from typing import Any, Protocol

from tombench.errors import UserError, nearest, told
from tombench.recipes.data.files import DataFile, data_suffix
from tombench.recipes.data.folders import DataFolder
from tombench.recipes.data.hub import HUB_NAME, HubDataSet
from tombench.recipes.data.table import Table


class Origin(Protocol):
    """A data set that can be read."""

    name: str  # as the user wrote it

    def table(self, split: str) -> Table:
        """Its rows, all of them; raises UserError where they are not to be had."""
        ...

    def fingerprint(self, split: str) -> Any:
        """What decides its rows, short where that can be, as JSON can hold it."""
        ...


def origin(name: str) -> Origin:
    """What is here under that name, else the data set of the Hub that it can be.

    Raises:
        UserError: it is neither; names the nearest file.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        return DataFolder(name, path)
    if path.exists():
        return DataFile(name, path)
    beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    near = nearest(path.name, beside)
    hub = HUB_NAME.fullmatch(name)
    if hub and data_suffix(path) is None:
        return HubDataSet(name, hub[1], hub[2], near)
    raise UserError(
        told(f"{name}: no such file", near, "give a file, a folder, or a Hub data set OWNER/NAME")
    )
