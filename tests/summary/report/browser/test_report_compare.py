"""Two runs compared in a browser: what is said, what is drawn, and where its numbers lead."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from made_up_report import MadeUp, Report, contents_of, report, stories

from tombench.summary.report.contents import Pairs
from tombench.summary.report.page import report_html


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Report:
    runs = [
        MadeUp("tiny", stories(1)),
        MadeUp("small", stories(2)),
        MadeUp("large", stories(4)),
        MadeUp("tiny", stories(1), task="games"),
    ]
    return report(tmp_path_factory.mktemp("compare"), runs, notes=["games: other items"])


def test_numbers_of_the_table_of_four_lead_to_as_many_records(opened, made):
    pair = made.contents.pairs.found[0]
    cells: Sequence[int] = (pair.both, pair.only_first, pair.only_second, pair.neither)
    assert sum(cells) == 120 and 0 not in cells
    one = opened(made.address, "#/compare?a=r0&b=r1")
    links = one.page.locator(".four a").all()
    assert [int(link.inner_text()) for link in links] == list(cells)
    addresses = [link.get_attribute("href") for link in links]
    for address, number in zip(addresses, cells, strict=True):
        one.go(address)
        one.finds(number, 120)


def test_what_is_said_of_a_pair(opened, made):
    one = opened(made.address, "#/compare?a=r0&b=r1")
    pair = made.contents.pairs.found[0]
    said = one.page.locator(".pair").inner_text()
    assert f"tiny · base scores {pair.difference:.3f} higher than small · base" in said
    assert "p = .063 after Holm’s adjustment for 3 pairs" in said
    assert "Not significant is not equal" in said
    assert "A true difference below 0.120 is missed more than one time in five" in said
    one.go("#/compare?a=r0&b=r2")
    one.page.get_by_text("Chance alone would seldom give this: p < .001").wait_for()


def test_turned_round_the_difference_changes_its_sign(opened, made):
    one = opened(made.address, "#/compare?a=r0&b=r1")
    drawn = one.page.locator("svg.difference")
    assert drawn.get_attribute("aria-label") == "Difference 0.008, 95 % interval −0.072 to 0.088"
    counts = [int(text) for text in one.page.locator(".four td.number").all_inner_texts()]
    one.page.get_by_role("button", name="Swap").click()
    one.page.wait_for_url("**a=r1&b=r0")
    assert drawn.get_attribute("aria-label") == "Difference −0.008, 95 % interval −0.088 to 0.072"
    turned = [int(text) for text in one.page.locator(".four td.number").all_inner_texts()]
    assert turned == [counts[0], counts[2], counts[1], counts[3]]


def test_only_runs_that_share_items_can_be_chosen(opened, made):
    one = opened(made.address, "#/compare?a=r0")
    assert one.page.locator("#compare-b").input_value() == "r1"
    options = one.page.locator("#compare-b option").all()
    told = {each.get_attribute("value"): each.is_disabled() for each in options}
    assert told == {"r1": False, "r2": False, "r3": True}
    assert "not the same items" in options[2].text_content()
    assert one.page.locator(".notes").inner_text() == "games: other items"
    one.page.locator("#compare-b").select_option("r2")
    one.page.wait_for_url("**a=r0&b=r2")
    one.go("#/compare?a=r3")
    one.page.get_by_text("they are not compared").wait_for()


def test_all_pairs_stand_in_a_table_that_is_sorted(opened, made):
    one = opened(made.address, "#/compare")
    table = one.page.locator(".pairs table")
    column = "table => [...table.tBodies[0].rows].map(row => row.cells[2].textContent)"
    shown = [f"{pair.difference:.3f}".replace("-", "−") for pair in made.contents.pairs.found]
    assert table.evaluate(column) == shown
    table.get_by_role("button", name="A − B").click()
    ordered = sorted(made.contents.pairs.found, key=lambda pair: -pair.difference)
    told = [f"{pair.difference:.3f}".replace("-", "−") for pair in ordered]
    assert table.evaluate(column) == told
    table.locator("tbody a").first.click()
    one.page.wait_for_url(f"**a=r{ordered[0].first}&b=r{ordered[0].second}")


def test_of_many_pairs_those_of_the_chosen_run_are_told(opened, tmp_path):
    runs = [MadeUp(f"model {place}", stories(place)[:4]) for place in range(26)]
    path = tmp_path / "report.html"
    path.write_text(report_html(contents_of(tmp_path, runs)), encoding="utf-8")
    one = opened(path.as_uri(), "#/compare?a=r3&b=r5")
    one.shows(".pairs caption", "Pairs with model 3 · base: 25 of all 325")
    assert one.page.locator(".pairs tbody tr").count() == 25


def test_where_scores_are_means_there_is_no_table_of_four(opened, tmp_path):
    runs = [MadeUp("tiny", stories(1)), MadeUp("small", stories(2))]
    contents = contents_of(tmp_path, runs)
    none = dict.fromkeys(
        ("only_first", "only_second", "both", "neither", "p_mcnemar", "dz", "detectable")
    )
    pairs = Pairs([replace(contents.pairs.found[0], **none)], [])
    path = tmp_path / "report.html"
    path.write_text(report_html(replace(contents, pairs=pairs)), encoding="utf-8")
    one = opened(path.as_uri(), "#/compare?a=r0&b=r1")
    assert "McNemar p (exact)\n–" in one.page.locator(".pair").inner_text()
    assert one.page.locator(".four").count() == 0
