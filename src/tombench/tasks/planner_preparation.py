"""stage=prepare task=mmtom: the study's data folder, written by our simulator; or an audit.

data/post_train/…_finetuning_data.json    pairs of situation and action, home and each theme
data/eval/…                               questions in the study's lines
data/questions/…                          the same questions as MMToM-QA has them, and controls
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tombench.config import identity_hash
from tombench.datafile import digest
from tombench.household.pairs import draw_pairs
from tombench.household.suite import HouseholdSuite
from tombench.household.themed import themed_trace
from tombench.household.themes import load_theme
from tombench.planning.audit import audit_table
from tombench.planning.episode import Episode
from tombench.planning.study.layout import WORLDS, StudyFile, pairs_name, questions_name
from tombench.planning.study.lines import as_line
from tombench.planning.study.pairs import as_pair
from tombench.planning.study.representations import represent
from tombench.records import RunFolder
from tombench.spreadsheet import csv_text
from tombench.tasks.planner_data import files_in
from tombench.terminal import print_table

logger = logging.getLogger("tombench")

EPISODE_PAIRS = 20_000 / 1_200  # of the study: pairs that an episode gives
SAMPLED = 100
"""Pairs that stand for the generator in a run's identity."""
AUDIT = "tables/audit.csv"


@dataclass(frozen=True)
class StudyData:
    """A preparation: pairs and questions of some themes."""

    themes: Sequence[str]
    pairs: int  # of each theme
    per_type: int
    suite_seed: str
    seed: int

    def identity(self) -> Mapping[str, Any]:
        words = {theme: load_theme(theme) for theme in self.themes}
        sample = self._pair_lines("home", SAMPLED)
        told = hashlib.sha256("".join(sample).encode()).hexdigest()
        questions = [
            self._suite("home", 1, kind.endswith("c")).of_type(kind) for kind in ("2.2", "2.2c")
        ]
        return {
            "makes": "study data",
            "themes": list(self.themes),
            "words": identity_hash(words),
            "pairs": self.pairs,
            "per_type": self.per_type,
            "suite_seed": self.suite_seed,
            "sample": told,
            "questions": [one.question_text for own in questions for one in own],
        }

    def plan(self) -> list[str]:
        return [
            f"pairs      {self.pairs:,} of each of {', '.join(self.themes)}",
            f"questions  {self.per_type} of each type and theme, and as many graded controls",
            f"files      {', '.join(sorted(self._files()))}",
        ]

    def make(self, run: RunFolder) -> None:
        """What stands there whole already is left as it is."""
        for name, lines in self._files().items():
            if not (run.path / name).exists():
                run.write(name, "".join(lines()))
                logger.info("wrote %s", name)

    def show(self, run: RunFolder) -> None:
        for name in sorted(self._files()):
            with (run.path / name).open("rb") as file:
                print(f"{sum(1 for _ in file):>8,}  {run.path / name}")

    def _files(self) -> dict[str, Any]:
        """What makes the lines of each file, by its name."""
        found: dict[str, Any] = {}
        for theme in self.themes:
            own = theme == "home" or theme in WORLDS  # the study has a name for it
            pairs = pairs_name(theme) if own else f"post_train/{theme}_finetuning_data.json"
            lines = questions_name(theme) if own else f"eval/unseen/{theme}.json"
            found[f"data/{pairs}"] = partial(self._pair_lines, theme, self.pairs)
            found[f"data/{lines}"] = partial(self._representations, theme)
            for controls, name in ((False, "seven_types"), (True, "graded_controls")):
                file = f"data/questions/{theme}_{name}.jsonl"
                found[file] = partial(self._questions, theme, controls)
        return found

    def _pair_lines(self, theme: str, count: int) -> Iterator[str]:
        episodes = max(1, round(1.1 * count / EPISODE_PAIRS)) + 20
        mapped = partial(themed_trace, theme=load_theme(theme))
        for pair in draw_pairs(f"{self.seed}/{theme}", episodes, count, mapped):
            asked = pair.prompt
            line = as_pair(asked.goal, asked.state, asked.believed, pair.action)
            yield json.dumps(line, ensure_ascii=False) + "\n"

    def _representations(self, theme: str) -> Iterator[str]:
        for episode in self._suite(theme, self.per_type, False).episodes():
            yield json.dumps(as_line(represent(episode)), ensure_ascii=False) + "\n"

    def _questions(self, theme: str, controls: bool) -> Iterator[str]:
        for number, one in enumerate(self._suite(theme, self.per_type, controls).episodes()):
            yield json.dumps(question_line(one, number), ensure_ascii=False) + "\n"

    def _suite(self, theme: str, per_type: int, controls: bool) -> HouseholdSuite:
        return HouseholdSuite(self.suite_seed, per_type, theme, controls)


def question_line(episode: Episode, number: int) -> dict[str, Any]:
    """A question as MMToM-QA's file has it, with the exact posterior beside the key."""
    asked = episode.query
    kind = asked.question_type
    return {
        "question": episode.question_text,
        "answer": asked.key,
        "question_type": kind if kind.endswith("c") else float(kind),
        "test": ["init_graph", "actions"],
        "episode": number,
        "start_time": 0,
        "end_time": max(0, len(episode.nearby) - 2),
        "answer_list": ["a", "b"],
        "posterior_a": asked.posterior,
    }


@dataclass(frozen=True)
class StudyFiles:
    """A preparation: the study's own files, out of a folder or its zip, each by what is in it."""

    data: Path

    def identity(self) -> Mapping[str, Any]:
        return {"makes": "study files", "data": digest([one.path for one in files_in(self.data)])}

    def plan(self) -> list[str]:
        return [
            f"{one.content:16} {one.theme or 'any':22} {one.path}" for one in files_in(self.data)
        ]

    def make(self, run: RunFolder) -> None:
        """Copies in the run's folder, as `recipe.data` and `task.data` take them."""
        for one in files_in(self.data):
            run.write(self._name(one), one.path.read_bytes())

    def show(self, run: RunFolder) -> None:
        for one in files_in(self.data):
            print(f"{one.content:16} {one.theme or 'any':22} {run.path / self._name(one)}")

    def _name(self, one: StudyFile) -> str:
        return f"data/{one.content}/{one.path.name}"


@dataclass(frozen=True)
class Audit:
    """A preparation: all that does not add up in a file's questions."""

    episodes: Sequence[Episode]
    digest: str  # of the questions

    def identity(self) -> Mapping[str, Any]:
        return {"makes": "audit", "data": self.digest}

    def plan(self) -> list[str]:
        return [f"audit      {len(self.episodes)} questions", f"files      {AUDIT}"]

    def make(self, run: RunFolder) -> None:
        run.write(AUDIT, csv_text(audit_rows(self.episodes)))

    def show(self, run: RunFolder) -> None:
        show_audit(self.episodes)


def audit_rows(episodes: Sequence[Episode]) -> list[dict[str, Any]]:
    """A row a fault, by column."""
    return [row.cells() for row in audit_table(episodes).rows]


def show_audit(episodes: Sequence[Episode]) -> None:
    """The faults as a table, and how many questions have none."""
    found = audit_table(episodes)
    if found.rows:
        cells = [[row.question, row.check, row.what] for row in found.rows]
        print_table("What does not add up", ["Question", "check", "what"], cells)
    print(f"  {found.clean} of {found.questions} questions pass every check")
