"""What a Hub repository has beside the files that were fetched from it."""

from pathlib import Path

INDEX = "pytorch_model.bin.index.json"


def pickled_on_hub(folder: Path, name: str) -> list[str]:
    """Pickled weight files of the repository `name` whose cached snapshot is `folder`.

    [] for a folder of the user's own, and where the Hub cannot be asked.
    """
    if folder.parent.name != "snapshots":
        return []
    if (folder / INDEX).is_file():
        return [INDEX.removesuffix(".index.json")]
    from huggingface_hub import list_repo_files

    try:
        files = list_repo_files(name, revision=folder.name)
    except Exception:  # offline, gated, moved: the line without this hint is told
        return []
    return sorted(file for file in files if file.endswith(".bin"))
