"""A report that is not whole, and a browser that cannot read it: one plain line, no empty page."""

from pathlib import Path

import pytest
from made_up_report import MadeUp, Report, report, stories
from packed_by_hand import block, rows_of

WITHOUT = "delete window.DecompressionStream"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return report(
        tmp_path_factory.mktemp("damaged"),
        [MadeUp("tiny", stories(1)), MadeUp("small", stories(2))],
    )


def changed(made: Report, folder: Path, name: str, text: str) -> str:
    """The address of a copy of the report with one of its blocks replaced."""
    whole = made.path.read_text(encoding="utf-8")
    start = whole.index(">", whole.index(f'id="{name}"')) + 1
    end = whole.index("</script>", start)
    path = folder / "report.html"
    path.write_text(whole[:start] + text + whole[end:], encoding="utf-8")
    return path.as_uri()


def short_of_a_column() -> str:
    rows = rows_of(stories(1), 10)
    return block({key: value for key, value in rows.items() if key != "score"})


def out_of_levels() -> str:
    rows = rows_of(stories(1), 10)
    rows["columns"]["answer"]["at"][7] = 99
    return block(rows)


DAMAGED = {
    "no base64": lambda: "%%%",
    "no gzip": lambda: "aGFsbG8=",
    "cut": lambda: block(rows_of(stories(1), 10))[:400],
    "no rows": lambda: block([1, 2, 3]),
    "a column missing": short_of_a_column,
    "a level that is none": out_of_levels,
    "empty": lambda: "",
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_damaged_rows_are_told_and_other_runs_still_open(opened, made, tmp_path, kind):
    one = opened(changed(made, tmp_path, "rows-r0", DAMAGED[kind]()), "#/records?run=r0")
    one.shows(".complaint", "Block rows-r0 of this file is damaged. Make the report again.")
    one.page.locator("#records-run").select_option("r1")
    one.finds(120, 120)


def test_damaged_texts_leave_the_rows(opened, made, tmp_path):
    one = opened(changed(made, tmp_path, "texts-r0", "%%%"), "#/records?run=r0&open=2")
    one.finds(120, 120)
    one.shows(".told .complaint", "Block texts-r0 of this file is damaged. Make the report again.")
    assert "tombench stage=show" in one.page.locator(".untold code").inner_text()


def test_a_damaged_index_is_told(opened, made, tmp_path):
    one = opened(changed(made, tmp_path, "index", "{"), "#/records?run=r0")
    one.shows("#explorer .complaint", "The index of this file is damaged. Make the report again.")
    one.go("#/compare")
    one.shows("#picker .complaint", "The index of this file is damaged. Make the report again.")


def test_a_browser_that_cannot_unpack_is_told(opened, made):
    one = opened("about:blank")
    one.page.add_init_script(WITHOUT)
    one.page.goto(made.address + "#/records")
    one.page.locator(".complaint").wait_for()
    assert "has no DecompressionStream" in one.page.locator(".complaint").inner_text()
    one.requests.clear()
    one.requests.append("about:blank")


def test_a_run_that_is_not_there_is_told(opened, made):
    one = opened(made.address, "#/records?run=r7")
    one.shows(".complaint", "There is no run r7 in this report.")


def test_without_scripts_the_numbers_are_there(opened, made):
    one = opened(made.address, java_script_enabled=False)
    assert one.page.locator("#headline tbody tr").count() >= 2
    assert "JavaScript" in one.page.locator('[data-page="records"]').inner_text()
