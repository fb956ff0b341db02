"""stage=show: one run, or one item of it, in the terminal.

tombench stage=show run=outputs/eval/vignettes/tiny/latest item=striped-towel
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass as checked

from tombench.config import common
from tombench.errors import UserError, nearest, told
from tombench.runs import METRICS, read_records, read_run
from tombench.schema import STRICT, Metric, Record
from tombench.stories.suite import Suite
from tombench.stories.telling import tell
from tombench.summary.grid import show
from tombench.summary.planner import TASK
from tombench.summary.planner_episode import watched
from tombench.summary.planner_episode_grid import apartment_grid, evidence_grid, steps_grid
from tombench.summary.planner_record import episode_of, evidence_in, inference_in
from tombench.summary.tables import interval_text
from tombench.summary.timeline_grid import story_of, timeline_grid
from tombench.tasks.story_seed import read_seed
from tombench.terminal import print_table, visible

NAMED = 40
"""Items that are told by name; a suite of stories has thousands."""


@checked(frozen=True, config=STRICT)
class Show:
    """Print; nothing is written."""

    uses: ClassVar[tuple[str, ...]] = ("run", "item")

    def run(self, config: DictConfig) -> Path | None:
        keys = common(config)
        if not isinstance(keys.run, str):
            raise UserError("run is not set; give one run folder, run=outputs/eval/…/v0001")
        folder = Path(keys.run)
        about = read_run(folder)
        if keys.item is None:
            _show_run(folder, about)
            return None
        records = read_records(folder)
        wanted = _wanted(records, str(keys.item), folder)
        for record in wanted:
            _show_record(record)
        if about["identity"]["task"].get("class") == TASK:
            _show_episode(about, wanted[0])
        else:
            _show_timeline(about, wanted[0])
        return None


def _wanted(records: Sequence[Record], name: str, folder: Path) -> list[Record]:
    """The record of that id, or all records of the item of that id."""
    found = [record for record in records if name in (record.id, record.item)]
    if not found:
        names = {name for record in records for name in (record.item, record.id)}
        raise UserError(
            told(f"item={name}: not in {folder}", nearest(name, names), f"it has {_named(records)}")
        )
    return found


def _named(records: Sequence[Record]) -> str:
    """The items of the records, by name; of many the first, and how many more."""
    names = list(dict.fromkeys(record.item for record in records))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _show_run(folder: Path, about: dict[str, Any]) -> None:
    print(
        f"{folder.resolve()}: {about['status']}, started {about['started']}, ended {about['ended']}"
    )
    print(f"command   {visible(about['command'])}")
    print(f"identity  {about['identity_hash'][:16]}")
    if about["status"] != "finished":
        print(f"records   {len(read_records(folder))} so far; the same command goes on")
        return
    for name, value in about.get("results", {}).items():
        print(f"{name:9} {value:,.4g}")
    path = folder / METRICS
    if not path.exists():
        return
    metrics = json.loads(path.read_text(encoding="utf-8"))["metrics"]
    rows = [
        [name, "", interval_text(Metric(**metric)), str(metric["n"]), str(metric["clusters"])]
        for name, metric in metrics.items()
    ]
    print_table(str(about.get("label", "")), ["metric", "", "value [95 %]", "n", "clusters"], rows)
    print(visible(f"items (item=ID shows one): {_named(read_records(folder))}"))


def _show_record(record: Record) -> None:
    """Prompt, response, parsed answer, score and why."""
    print(visible(f"=== {record.id}  (cluster {record.cluster})"))
    print(f"--- prompt\n{visible(record.prompt)}")
    print(f"--- response ({record.tokens} tokens{', cut off' if record.truncated else ''})")
    print(visible(record.response) if record.response else "(none)")
    print("---")
    print(f"answer    {record.score.answer}   right answer {record.target}")
    print(f"score     {record.score.value:g}   {record.score.reason}")
    if record.log_probs:
        pairs = ", ".join(f"{option} {value:.3f}" for option, value in record.log_probs.items())
        print(f"log-prob  {pairs} (nats)")
    if record.error:
        print(f"error     {visible(record.error)}")
    print()


def _show_timeline(about: dict[str, Any], record: Record) -> None:
    """Who believes what in a generated story, where the run's seed is at hand."""
    if record.condition.get("suite") != "generated":
        return
    task = about["configuration"]["task"]
    try:
        seed = read_seed(task["story_seed"])
        suite = Suite(seed, task["sets"], words=task["words"], wordings=task["wordings"])
        plot, voice = story_of(suite, record.item)
    except UserError as error:
        print(f"timeline  not shown: {visible(str(error))}")
    except KeyError:
        print("timeline  not shown: the seed, or the generator, is another than the run's")
    else:
        if tell(plot, voice) in record.prompt:
            show(timeline_grid(plot, voice))
        else:
            print("timeline  not shown: the generator tells this story otherwise now")


def _show_episode(about: dict[str, Any], record: Record) -> None:
    """The apartment and the posterior step by step; without its questions what the record holds."""
    policy = about["identity"]["policy"]
    try:
        episode = episode_of(about["configuration"]["task"], record)
    except UserError as error:
        why = str(error)
    except KeyError:
        why = "the questions, or the generator, are others than the run's"
    else:
        told = inference_in(record, episode, policy)
        if told and episode.question_text == record.prompt:
            story = watched(episode, told)
            show(apartment_grid(story))
            show(steps_grid(story))
            return
        why = "the run's questions, or its steps, are not as they are read or generated now"
    if evidence := evidence_in(record):
        show(evidence_grid(evidence, policy.get("prior_a", 0.5), why))
