"""`stage=summarize` over real runs of known minds: its report opens and finds their records."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tombench.cli import run
from tombench.runs import read_records
from tombench.schema import Record


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of two minds that answer vignettes, and of a planner's questions."""
    root = tmp_path_factory.mktemp("runs")
    own = f"output_root={root}"
    assert run(["--multirun", "backend=mock", "backend.mind=right,rambler", own]) == 0
    words = ["backend=mock", "task=mmtom", "policy=observer", "task.suite=graded_controls"]
    assert run([*words, "task.per_type=2", own]) == 0
    assert run(["stage=summarize", own]) == 0
    return root / "summarize" / "latest" / "report.html"


def runs_in(path: Path) -> dict[str, Sequence[Record]]:
    """The records of each run that the report's index names, by key."""
    html = path.read_text(encoding="utf-8")
    index = json.loads(re.search(r'id="index">(.*?)</script>', html, re.DOTALL)[1])
    return {run["key"]: read_records(Path(run["folder"])) for run in index["runs"]}


def test_every_link_to_records_opens_those_that_it_names(opened, made):
    one = opened(made.as_uri())
    records = runs_in(made)
    addresses = one.page.locator('main a[href^="#/records"]').evaluate_all(
        "all => [...new Set(all.map(one => one.getAttribute('href')))]"
    )
    assert len(addresses) > 10
    for address in addresses:
        asked = parse_qs(address.partition("?")[2])
        own = records[asked["run"][0]]
        one.go(address)
        one.finds(sum(named(record, asked) for record in own), len(own))
        assert "does nothing" not in one.page.locator(".told[role=status]").inner_text(), address


def named(record: Record, asked: Mapping[str, Sequence[str]]) -> bool:
    """Is this one of the records that an address asks for?"""
    if asked.get("right") == ["unparsed"] and record.score.answer != "unparsed":
        return False
    filters = {key.removeprefix("only."): v for key, v in asked.items() if key.startswith("only.")}
    return all(level(record, factor) in levels for factor, levels in filters.items())


def level(record: Record, factor: str) -> str:
    score = record.score
    own = {"answer": score.answer, "category": score.category, "cluster": record.cluster}
    own |= {
        "item": record.item,
        "target": record.target or "",
        "repetition": str(record.repetition),
    }
    own |= {"needs_review": "yes" if score.needs_review else "no"} | dict(record.condition)
    return own[factor] if factor in own else ":".join(own[part] for part in factor.split(":"))


def test_every_page_opens(opened, made):
    one = opened(made.as_uri())
    for link in one.page.locator("#contents a").all():
        link.click()
        route = link.get_attribute("href").removeprefix("#/")
        assert one.page.locator("main > section:visible").get_attribute("data-page") == route


def test_a_record_of_a_run_is_shown_as_its_file_has_it(opened, made):
    for key, records in runs_in(made).items():
        one = opened(made.as_uri(), f"#/records?run={key}&open=1")
        one.shows(".detail h2", records[1].id)
        texts = one.page.locator(".detail .text pre").all_text_contents()
        assert texts == [text for text in (records[1].prompt, records[1].response) if text]
