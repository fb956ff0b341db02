"""Which questions task=mmtom asks: of a published file, folder or zip, fused with what was seen."""

import os
from collections.abc import Sequence
from pathlib import Path

from tombench.errors import UserError
from tombench.planning.episode import Episode
from tombench.planning.reading.files import read_episodes
from tombench.planning.reading.fusion import fused
from tombench.planning.reading.scene_graph import read_scene_graphs
from tombench.planning.study.archive import is_archive
from tombench.planning.study.layout import StudyFile, study_files

UNPACKED = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tombench" / "study"
"""Where the JSON files of a zip lie while they are read."""
GRAPHS = (".json", ".pkl", ".pickle")
"""Endings of a scene graph's file, which is named by its episode."""


def published_episodes(
    data: Path, closeness: Path | None, scene_graphs: Path | None
) -> list[Episode]:
    """Questions of a file in MMToM-QA's or the study's form, or of a folder or zip that holds one.

    Raises:
        UserError: nothing of the kind is there, or it is malformed.
    """
    path = _questions_in(data) if data.is_dir() or is_archive(data) else data
    episodes = read_episodes(path, closeness)
    return episodes if scene_graphs is None else _with_graphs(episodes, scene_graphs)


def files_in(data: Path) -> list[StudyFile]:
    """The study's files in a folder, in its zip, or the one that is named."""
    return study_files(data, UNPACKED)


def _questions_in(data: Path) -> Path:
    """The home world's questions; MMToM-QA's own file before the study's lines."""
    asked = [one for one in files_in(data) if one.content != "pairs"]
    home = [one for one in asked if one.theme in ("", "home")]
    if not home:
        worlds = ", ".join(sorted({one.theme for one in asked})) or "post-training pairs alone"
        raise UserError(
            f"task.data={data}: it holds {worlds}; the reader knows the words of home: give a file "
            "of such questions (other worlds: task.theme, in words of our own)"
        )
    return min(home, key=lambda one: (one.content != "questions", str(one.path))).path


def _with_graphs(episodes: Sequence[Episode], folder: Path) -> list[Episode]:
    """Each episode with the scene graphs in the file that its number names, where there is one."""
    if not folder.is_dir():
        raise UserError(
            f"task.scene_graphs={folder}: no such folder; give one that holds a file for each "
            "episode, named by its number, such as 130.json"
        )
    files = {one.stem: one for one in sorted(folder.iterdir()) if one.suffix in GRAPHS}
    asked = {one.cluster for one in episodes} & {*files}
    known = {name: read_scene_graphs(files[name]) for name in asked}
    if not known:
        raise UserError(
            f"task.scene_graphs={folder}: none of its files is named by an episode that is asked "
            f"about, such as {episodes[0].cluster}.json"
        )
    return [fused(one, known[one.cluster]) if one.cluster in known else one for one in episodes]
