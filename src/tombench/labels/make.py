"""Make a label sheet of the answers that runs recorded.

tombench stage=prepare task=vignettes task.label_sheet=outputs/eval/vignettes/tiny/v0001
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tombench.labels.recorded import ReadItems, RecordedAnswer, recorded_answers
from tombench.labels.sheet import KEY, LABELS, SHEET, draw_sheet, key_text, read_key, sheet_text
from tombench.records import RunFolder
from tombench.statistics.agreement import planned_kappa

INSTRUCTIONS = "instructions.txt"
RULES = f"""Each row of {SHEET} shows a scene, a question and an answer that somebody gave to it.
Write into the column `label` what the answer says, not whether it is right:

yes                  it concludes yes, or its reasoning comes to yes
no                   it concludes no, or its reasoning comes to no
multiple_answers     it gives several answers, or both yes and no
question_evasion     it does not answer: it cannot be told, another question is answered
example_repetition   it repeats another scene in place of this one
truncated_reasoning  it reasons and is cut off before it comes to anything
rambling             it goes on, or round in circles, without coming to an answer
unparsed             no answer for any other reason

- What an answer states counts more than a leading yes or no: "No, he finds it open", asked
  whether he finds it open, is yes.
- Whatever follows a second scene or question that the answer makes up itself does not count.
- "Probably", "it is likely that" are answers; "it may or may not" is none.
- Leave a label empty where you cannot decide; write why into `note`.
- Leave the column `id` as it is. Rows may be sorted; sort all columns together.
- Several people label copies of the sheet, each alone.
"""


@dataclass(frozen=True)
class MakeSheet:
    """A preparation: sheet, key and instructions in the run's folder."""

    folders: tuple[Path, ...]  # finished evaluations
    read_items: ReadItems
    data: str | None  # where the scenes are read; None: where each run read them
    size: int | None  # answers to draw; None: all
    seed: int

    @cached_property
    def answers(self) -> list[RecordedAnswer]:
        """All answers of all runs, those of a run that is named twice once."""
        found = (recorded_answers(path, self.read_items, self.data) for path in self.folders)
        return list({answer.key: answer for answers in found for answer in answers}.values())

    def identity(self) -> Mapping[str, Any]:
        runs = list(dict.fromkeys(answer.run.digest for answer in self.answers))
        return {"makes": "label sheet", "runs": runs, "size": self.size}

    def plan(self) -> list[str]:
        sheet = draw_sheet(self.answers, self.size, self.seed)
        words = sum(len(f"{r.scene} {r.question} {r.answer}".split()) for r in sheet.rows)
        return [
            f"answers  {len(sheet.answers)} of {len(self.answers)}, drawn with seed {self.seed}",
            f"rows     {len(sheet.rows)}, like answers to one question in one; {words:,} words",
            f"width    {expected_width(len(sheet.answers))}",
        ]

    def make(self, run: RunFolder) -> None:
        sheet = draw_sheet(self.answers, self.size, self.seed)
        run.write(KEY, key_text(sheet))
        run.write(INSTRUCTIONS, RULES)
        run.write(SHEET, sheet_text(sheet))

    def show(self, run: RunFolder) -> None:
        sheet = read_key(run.path / KEY)
        rows, answers = len(sheet.rows), len(sheet.answers)
        print(f"sheet   {run.path / SHEET}: {rows} rows for {answers} answers")
        print(f"send    it with {INSTRUCTIONS}; labels are {', '.join(LABELS)}")
        print(f"keep    {KEY}: it says whose answers they are and what the scorer read")
        print(f"width   {expected_width(answers)}")
        command = f"tombench stage=prepare task={run.path.parent.name}"
        print(f"then    {command} task.labels={run.path / SHEET}")


def expected_width(answers: int) -> str:
    """What a kappa measured on so many answers can show, in words."""
    found = planned_kappa(0.8, 0.5, answers)
    return f"a kappa of 0.80 would be known to [{found.low:.2f}, {found.high:.2f}] at best"
