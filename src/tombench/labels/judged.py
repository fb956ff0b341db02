"""Finished runs as raters of labelled answers: judges, and the scorer's rules at another time."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tombench.errors import UserError
from tombench.labels.labelled import RULES, Labelled
from tombench.labels.rating import Rater
from tombench.labels.recorded import (
    JUDGED,
    RecordedRun,
    Verdict,
    answer_key,
    read_recorded_run,
    verdict_of,
)
from tombench.runs import METRICS, read_records
from tombench.schema import Record


def run_raters(folders: Sequence[Path], labelled: Labelled) -> list[Rater]:
    """What runs say of the labelled answers, in their order; of two of one name by the folder.

    Raises:
        UserError: one is no finished evaluation, or says nothing of any labelled answer.
    """
    known = {answer.key for answer in labelled.answers}
    raters: dict[str, Rater] = {}
    for folder in folders:
        rater = _rater(folder, labelled)
        if not known & set(rater.verdicts):
            raise UserError(f"{folder}: it has a verdict on no answer of {labelled.key}")
        name = rater.name if rater.name not in raters else str(folder)
        raters[name] = Rater(name, rater.verdicts, rater.categories)
    return list(raters.values())


def _rater(folder: Path, labelled: Labelled) -> Rater:
    run = read_recorded_run(folder)
    judged = json.loads((folder / METRICS).read_text(encoding="utf-8")).get(JUDGED)
    records = [record for record in read_records(folder) if not record.error]
    if judged is None:
        return Rater(f"{RULES} {run.folder.name}", _by_text(run, records, labelled))
    verdicts = {
        answer_key(judged["records_sha256"], record.id): verdict_of(record.score)
        for record in records
    }
    return Rater(run.model, verdicts, categories=False)


def _by_text(
    run: RecordedRun, records: Sequence[Record], labelled: Labelled
) -> Mapping[str, Verdict]:
    """Verdicts of a run that scored the same answers, found by scene, prompting and text."""
    found = {
        (r.cluster, r.condition.get("prompting", run.prompting), r.response): verdict_of(r.score)
        for r in records
    }
    places = {
        answer.key: (answer.cluster, answer.prompting, labelled.rows[answer.id].answer)
        for answer in labelled.answers
    }
    return {key: found[place] for key, place in places.items() if place in found}
