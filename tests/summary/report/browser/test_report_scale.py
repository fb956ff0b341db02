"""A report of 100,000 records in a browser: it opens, and finds what is asked for."""

from dataclasses import replace
from itertools import islice

import pytest
from made_up_report import MadeUp, Report, really_packed, report, stories

RECORDS = 100_000
MEASURED = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return {loaded: page.domContentLoadedEventEnd, paint: paint?.startTime};
}"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Report:
    runs = [MadeUp("tiny", many(1)), MadeUp("small", many(2))]
    return report(tmp_path_factory.mktemp("scale"), runs, packing=really_packed)


def many(seed: int) -> list:
    few = stories(seed)
    numbered = (
        replace(record, id=f"{record.item}/{turn:02d}", repetition=turn)
        for turn in range(RECORDS // len(few) + 1)
        for record in few
    )
    return list(islice(numbered, RECORDS))


def test_100_000_records_open_and_are_found(opened, made):
    assert made.path.stat().st_size < 5_000_000
    one = opened(made.address, "#/records?run=r0")
    one.finds(RECORDS, RECORDS)
    print({**one.page.evaluate(MEASURED), "bytes": made.path.stat().st_size})
    records = made.records["r0"]
    told = [r for r in records if r.condition["cell"] == "told" and r.score.answer == "box"]
    one.go("#/records?run=r0&only.cell=told&only.answer=box&page=100")
    one.finds(len(told), RECORDS)
    shown = one.page.locator("tr[data-row] code").all_inner_texts()
    assert shown == [record.id for record in told][99 * 50 : 100 * 50]
    differ = sum(
        a.score.value != b.score.value for a, b in zip(records, made.records["r1"], strict=True)
    )
    one.go("#/records?run=r0&b=r1&disagree=1")
    one.finds(differ, RECORDS)
    one.page.locator("#records-q").fill("story-07/told/41")
    one.finds(
        sum(a.score.value != b.score.value for a, b in _named(made, "story-07/told/41")), RECORDS
    )


def _named(made: Report, text: str) -> list:
    pairs = zip(made.records["r0"], made.records["r1"], strict=True)
    return [pair for pair in pairs if text in pair[0].id]
