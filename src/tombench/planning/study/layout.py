"""The study's data folder: which file holds what, and where ours go.

    data/
    ├── eval/multimodal_representations_virtual_home.json, unseen/<world>.json
    └── post_train/<world>_finetuning_data.json

Home has two files of pairs there: BIP-ALM's (`formatted_finetuning_data`) and the study's own.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tombench.errors import UserError, listed, nearest, told
from tombench.planning.study.archive import is_archive, unpack

Content = Literal["pairs", "representations", "questions"]

WORLDS: Mapping[str, str] = {
    "ancient_egypt": "ancient_egyptian",
    "andersen_fairy_tales": "andersen_fairy_tales",
    "medieval_castle": "medieval_castle",
    "outer_space": "outer_space",
    "wild_west": "wild_west",
}
"""Our name of each unseen world: the study's."""

HOME_PAIRS = (
    "post_train/formatted_finetuning_data.json",
    "post_train/virtual_home_finetuing_data_MMToM.json",  # spelt so
)
HOME_QUESTIONS = "eval/multimodal_representations_virtual_home.json"

_BEGINNING = 2**20  # bytes; an object of any of the three kinds is far shorter


@dataclass(frozen=True)
class StudyFile:
    """One file of the study's data, by what is in it."""

    path: Path
    content: Content
    theme: str  # "home", an unseen world, or "" where the name does not tell


def pairs_name(theme: str) -> str:
    """Where a theme's post-training pairs lie, under `data/`; of home's two, the study's own.

    Raises:
        UserError: the study has no such world.
    """
    return HOME_PAIRS[1] if theme == "home" else f"post_train/{_world(theme)}_finetuning_data.json"


def questions_name(theme: str) -> str:
    """Where a theme's questions lie, under `data/`.

    Raises:
        UserError: the study has no such world.
    """
    return HOME_QUESTIONS if theme == "home" else f"eval/unseen/{_world(theme)}.json"


def theme_of(path: Path) -> str:
    """The theme that a file's name tells, or ""."""
    if path.name in {Path(name).name for name in (*HOME_PAIRS, HOME_QUESTIONS)}:
        return "home"
    stem = path.stem.removesuffix("_finetuning_data")
    return next((ours for ours, theirs in WORLDS.items() if stem in (ours, theirs)), "")


def study_files(path: Path, unpacked: Path) -> list[StudyFile]:
    """The study's files in a folder, in its zip, or the one file that is named; sorted by name.

    A file is recognised by its first object; others are passed over. Links out of a folder are not
    followed.

    Args:
        unpacked: the folder into which a zip is unpacked, once.

    Raises:
        UserError: there is no such path, or nothing of the study's is there; as `archive.unpack`.
    """
    if not path.exists():
        beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        raise UserError(told(f"{path}: no such file or folder", nearest(path.name, beside)))
    root = unpack(path, unpacked) if is_archive(path) else path
    found = []
    for one in _json_files(root) if root.is_dir() else [root]:
        content = content_of(one)
        if content is not None:
            found.append(StudyFile(one, content, theme_of(one)))
    if not found:
        raise UserError(
            f"{path}: no file of pairs (input, ref), of representations (state_0, actions) "
            "or of questions (question, answer) is there"
        )
    return found


def content_of(path: Path) -> Content | None:
    """What the first object of a JSON Lines file or a JSON list is; None: something else.

    Raises:
        UserError: the file cannot be read.
    """
    keys = _first_keys(path)
    if {"input", "ref"} <= keys:
        return "pairs"
    if {"question", "state_0", "actions"} <= keys:
        return "representations"
    return "questions" if "question" in keys else None


def _first_keys(path: Path) -> set[str]:
    try:
        with path.open("rb") as file:
            text = file.read(_BEGINNING).decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from error
    text = text.lstrip().removeprefix("[").lstrip()
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return set()
    return set(value) if isinstance(value, dict) else set()


def _json_files(root: Path) -> Iterator[Path]:
    """Plain .json files under a folder, hidden ones aside, sorted."""
    for folder, inner, names in os.walk(root, followlinks=False):
        inner[:] = sorted(name for name in inner if not name.startswith((".", "__MACOSX")))
        for name in sorted(names):
            path = Path(folder) / name
            plain = path.is_file() and not path.is_symlink() and not name.startswith(".")
            if plain and path.suffix.lower() == ".json":
                yield path


def _world(theme: str) -> str:
    if theme not in WORLDS:
        problem = f"the study has no world '{theme}'"
        raise UserError(told(problem, nearest(theme, WORLDS), listed(("home", *WORLDS))))
    return WORLDS[theme]
