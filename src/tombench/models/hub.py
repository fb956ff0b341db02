"""Files of a Hub repository, brought into the local cache; a cached commit is not moved on."""

import logging
from pathlib import Path

from tombench.errors import UserError
from tombench.models.locate import Place
from tombench.models.tokenizer import first_line

LIGHT = ("*.json", "*.jinja", "*.txt", "*.model", "*.tiktoken")
WEIGHTS = ("model*.safetensors", "adapter_model.safetensors")  # not consolidated copies
CODE = ("*.py",)


def folder_of(place: Place, weights: bool = False, code: bool = False) -> Path:
    """The folder that holds a place's files; those of a Hub repository are fetched if need be.

    A commit that is in the cache is used as it is, so that a resumed run reads the same weights;
    set `model.revision` to move on. Raises UserError (offline, not found, gated).
    """
    if place.folder is not None:
        return place.folder
    patterns = [*LIGHT, *(WEIGHTS if weights else ()), *(CODE if code else ())]
    cached = cached_snapshot(place)
    if cached is not None and (not weights or _has_weights(cached)):
        return cached
    if weights:
        logging.getLogger("tombench").info("fetching %s from the Hub", place.name)
    return fetched(place, cached.name if cached else place.revision, patterns)


def at_hand(place: Place) -> bool:
    """Are a place's weights on this machine already?"""
    if place.folder is not None:
        return True
    cached = cached_snapshot(place)
    return cached is not None and _has_weights(cached)


def cached_snapshot(place: Place) -> Path | None:
    """The cached folder of the repository's revision, named by its commit; None: not cached."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        folder = snapshot_download(place.name, revision=place.revision, local_files_only=True)
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError, ValueError):
        return None
    folder = Path(folder)
    signs = ("config.json", "adapter_config.json")
    return folder if any((folder / sign).is_file() for sign in signs) else None


def _has_weights(folder: Path) -> bool:
    from tombench.models.weights import weight_files

    try:
        return all(file.is_file() for file in weight_files(folder, str(folder)))
    except UserError:
        return False


def fetched(place: Place, revision: str | None, patterns: list[str]) -> Path:
    """The cache's folder with a repository's files of these patterns, downloaded if need be.

    Raises UserError, one line: offline, not found, gated, no such revision.
    """
    from huggingface_hub import errors, snapshot_download
    from huggingface_hub.utils import disable_progress_bars

    disable_progress_bars()
    where = place.name + (f" (revision {revision})" if revision else "")
    try:
        return Path(snapshot_download(place.name, revision=revision, allow_patterns=patterns))
    except errors.GatedRepoError as error:
        problem = (
            "is gated: accept its licence at"
            f" https://huggingface.co/{place.name} and set HF_TOKEN to your token"
        )
        cause: Exception = error
    except errors.RevisionNotFoundError as error:
        problem, cause = "has no such revision on the Hub; check model.revision", error
    except errors.RepositoryNotFoundError as error:
        problem, cause = (
            "is neither a folder here nor a repository on the Hub that you may read;"
            " check the name, and set HF_TOKEN if it is private",
            error,
        )
    except errors.HFValidationError as error:
        problem, cause = "is neither a folder here nor a Hub id OWNER/NAME", error
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled) as error:
        problem, cause = (
            "is no folder here, not in the local cache, and the Hub cannot be reached;"
            " fetch it on a machine with a network, or give a folder in model.path",
            error,
        )
    except Exception as error:  # the network, the disk, the Hub's own trouble
        problem, cause = f"cannot be fetched from the Hub: {first_line(error)}; try again", error
    raise UserError(f"{where}: {problem}") from cause
