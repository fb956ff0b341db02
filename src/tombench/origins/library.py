"""The `datasets` library, and what it says when it fails, in one line each.

It reads formats of data alone: a repository that is read by a script of its own is refused by it.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from tombench.errors import UserError, listed, nearest, told
from tombench.models.tokenizer import first_line
from tombench.origins.keys import Keys

Loaded = TypeVar("Loaded")


def loaded(name: str, keys: Keys, load: Callable[[], Loaded], near: str = "") -> Loaded:
    """What `load` gives, without bars and warnings of the library.

    Raises:
        UserError: one line for whatever the library raises.
    """
    import datasets

    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()
    try:
        return load()
    except UserError:
        raise
    except Exception as error:  # the library, the network, the disk, the Hub's own trouble
        raise UserError(told(f"{name}: {_problem(name, keys, error)}", near)) from error


def _problem(name: str, keys: Keys, error: Exception) -> str:
    """An error of `datasets` as what is wrong and what to do."""
    from datasets.exceptions import DatasetNotFoundError
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    said = str(error)
    if isinstance(error, GatedRepoError) or "gated dataset" in said:
        page = f"https://huggingface.co/datasets/{name.partition(':')[0]}"
        return f"is gated: accept its licence at {page} and set HF_TOKEN to your token"
    if isinstance(error, DatasetNotFoundError | RepositoryNotFoundError):
        return (
            "is neither a file or folder here nor a data set on the Hub that you may read; check "
            "the name, and set HF_TOKEN if it is private"
        )
    if isinstance(error, ConnectionError):
        return (
            "is no file or folder here, not in the local cache, and the Hub cannot be reached; "
            f"fetch it on a machine with a network, or give a file in {keys.data}"
        )
    if "scripts are no longer supported" in said:
        return "is read by a script, which is never run; give its rows as JSON Lines or Parquet"
    return _choice(name, keys, said) or f"cannot be read: {first_line(error.__cause__ or error)}"


def _choice(name: str, keys: Keys, said: str) -> str | None:
    """What to choose where `datasets` says that a split or a configuration is to be."""
    split = re.search(r"Unknown split \"(.*)\"\. Should be one of \[(.*)\]", said)
    if split:
        options = re.findall(r"'([^']*)'", split[2])
        return told(
            f"it has no split '{split[1]}' ({keys.split})",
            nearest(split[1], options),
            listed(options),
        )
    if "onfig" in said and (configurations := re.search(r"vailable\D*?: \[(.*?)\]", said)):
        options = re.findall(r"'([^']*)'", configurations[1])
        bare = name.partition(":")[0]
        return (
            f"has several configurations; name {listed(options)}: {keys.data}={bare}:{options[0]}"
        )
    return None
