"""stage=prepare task=games task.teacher=RUN: a teacher's choices as LLaMA-Factory reads them.

choices.json        instruction, input and output of each answer (the "alpaca" format of its data
                    documentation, data/README.md of hiyouga/LLaMA-Factory)
dataset_info.json   what names that file to it
README.md           a card: whose choices, in which cells
"""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tombench.records import RunFolder
from tombench.tasks.games_teacher import Taught, Teacher
from tombench.terminal import print_table

NAME = "tombench_games"
ROWS, INFO, CARD = "choices.json", "dataset_info.json", "README.md"

logger = logging.getLogger("tombench")


@dataclass(frozen=True)
class Alpaca:
    """A preparation: every answer of a teacher that may be trained on, as a row."""

    teacher: Teacher
    prompts: Mapping[str, str]  # what each cell asks, by its id
    labels: Mapping[str, tuple[str, str]]  # what its two actions are called
    draws: int  # rows a cell, of a teacher whose probabilities are exact

    def identity(self) -> Mapping[str, Any]:
        return {
            "makes": "alpaca",
            "teacher": self.teacher.digest,
            "prompts": [self.prompts[cell.item] for cell in self.teacher.cells],
            "draws": self.draws,
        }

    def plan(self) -> list[str]:
        rows = sum(len(self.outputs(cell)) for cell in self.teacher.cells)
        return [
            f"cells      {len(self.teacher.cells)} of {self.teacher.folder}",
            f"rows       {rows:,}",
            f"files      {', '.join((ROWS, INFO, CARD))}",
        ]

    def make(self, run: RunFolder) -> None:
        rows = list(self.rows())
        run.write(ROWS, json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
        columns = {"prompt": "instruction", "query": "input", "response": "output"}
        info = {NAME: {"file_name": ROWS, "columns": columns}}
        run.write(INFO, json.dumps(info, indent=1) + "\n")
        run.write(CARD, self._card(len(rows)))
        logger.info("wrote %d rows", len(rows))

    def show(self, run: RunFolder) -> None:
        rows = [
            [cell.item, f"{cell.first:.3f}", str(len(self.outputs(cell)))]
            for cell in self.teacher.cells
        ]
        print_table("Choices to train on", ["Cell", "C", "rows"], rows)
        print(f"  {run.path / ROWS}; train here on recipe.data=that file")

    def rows(self) -> Iterator[dict[str, str]]:
        """One an answer, cell by cell."""
        for cell in self.teacher.cells:
            for output in self.outputs(cell):
                yield {"instruction": self.prompts[cell.item], "input": "", "output": output}

    def outputs(self, cell: Taught) -> list[str]:
        """The answers as drawn; of a probability, as many of each action as it comes nearest to."""
        if cell.answers:
            return [answer.strip() for answer in cell.answers]
        first, second = self.labels[cell.item]
        count = round(cell.first * self.draws)
        return [first] * count + [second] * (self.draws - count)

    def _card(self, rows: int) -> str:
        cells = "\n".join(
            f"| {cell.item} | {cell.first:.3f} | {len(self.outputs(cell))} |"
            for cell in self.teacher.cells
        )
        return (
            "# Choices of a teacher in four social dilemmas\n\n"
            f"{rows:,} answers of `{self.teacher.model}` to games of two players, written by\n\n"
            f"    tombench stage=prepare task=games task.teacher={self.teacher.folder}\n\n"
            f"`{ROWS}` has instruction, input (blank) and output of each answer; `{INFO}` names it "
            f"to LLaMA-Factory as `{NAME}`. Held-out contexts, payoffs and games are not in it.\n\n"
            f"| cell | share of the first action | rows |\n|---|---|---|\n{cells}\n"
        )
