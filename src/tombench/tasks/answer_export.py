"""task.export=answers: a run's answers in the form in which the study published its own.

    tombench stage=prepare task=vignettes task.export=answers task.answers=RUN

A file a model and prompting, as `answer_files` reads them: for others' scripts, or labels by hand.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from tombench.records import RunFolder
from tombench.runs import RUN, read_run
from tombench.tasks.answer_files import Given, given_digest, read_given

FOLDER = "answers"
ENDINGS = {"base": "Base", "sbs": "SbS", "cot": "CoT", "sbs_cot": "SbS+CoT"}
"""Of file names, by prompting."""
_UNSAFE = re.compile(r"[^\w.+-]+")


@dataclass(frozen=True)
class ExportAnswers:
    """A preparation: answers of runs, or of files, in the published form."""

    named: tuple[str, ...]  # as task.answers names them

    def identity(self) -> Mapping[str, Any]:
        return {"makes": "answers", "answers": given_digest(self.named)}

    def plan(self) -> list[str]:
        return [f"{name}: {len(own)} answers" for name, own in self._files.items()]

    def make(self, run: RunFolder) -> None:
        for name, own in self._files.items():
            text = json.dumps(published_form(own), ensure_ascii=False, indent=1)
            run.write(f"{FOLDER}/{name}", f"{text}\n")

    def show(self, run: RunFolder) -> None:
        for name, own in self._files.items():
            print(f"{name}: {len(own)} answers")
        print(f"read back by task.answers={run.path / FOLDER}")

    @cached_property
    def _files(self) -> dict[str, list[Given]]:
        """By file name, the answers of one model under one prompting."""
        given = sorted(read_given(self.named), key=lambda one: (one.model, one.prompting))
        return {
            f"Results_{_UNSAFE.sub('_', model)}_{ENDINGS[prompting]}.json": list(own)
            for (model, prompting), own in groupby(given, lambda g: (g.model, g.prompting))
        }


def published_form(answers: Sequence[Given]) -> dict[str, Any]:
    """What a published file holds of one model under one prompting; a key is spelt as there."""
    first = answers[0]
    scenarios: dict[str, list[Given]] = {}
    for answer in answers:
        scenarios.setdefault(answer.item, []).append(answer)
    return {
        "model": first.model,
        "step-by_step reasoning": first.step_by_step,
        "chain-of-thougth examples": first.worked_examples,
        "model parameter": _sampling(Path(first.source)),
        "scenarios": [
            {
                "scenario id": int(item) if item.isdecimal() else item,
                "answers": [{"repetition": a.repetition, "output": a.text} for a in own],
            }
            for item, own in scenarios.items()
        ],
    }


def _sampling(source: Path) -> dict[str, Any]:
    """How they were drawn, where a run says so."""
    if not (source / RUN).is_file():
        return {}
    drawn = read_run(source)["identity"].get("generation") or {}
    named = {"max_new_tokens": "max_new_tokens", "top k": "top_k", "top p": "top_p"}
    found = {name: drawn[key] for name, key in named.items() if key in drawn}
    temperature = drawn.get("temperature")
    return found | {"do sample": bool(temperature), "temperature": temperature}
