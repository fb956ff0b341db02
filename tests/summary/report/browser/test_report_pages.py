"""The report in a browser: every page, every link, light and dark, on a phone and on paper."""

import re

import pytest
from made_up_report import MadeUp, Report, report, stories

CONTRAST = """selector => {
  const paint = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const tone = colour => {
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...paint.getImageData(0, 0, 1, 1).data.slice(0, 3)].map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const at = document.querySelector(selector);
  const clear = each => getComputedStyle(each).backgroundColor === "rgba(0, 0, 0, 0)";
  let ground = at;
  while (clear(ground)) ground = ground.parentElement;
  const colours = [getComputedStyle(at).color, getComputedStyle(ground).backgroundColor];
  const tones = colours.map(tone);
  return (Math.max(...tones) + 0.05) / (Math.min(...tones) + 0.05);
}"""
"""WCAG 2.2: contrast ratio of relative luminances."""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
ROUTES = ("overview", "runs", "task-0", "compare", "records", "method")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Report:
    runs = [
        MadeUp("tiny", stories(1)),
        MadeUp("small-with-a-name-as-long-as-they-come", stories(2), how="cot"),
        MadeUp("tiny", stories(3)[:60], task="games", how="none"),
    ]
    return report(tmp_path_factory.mktemp("pages"), runs, title="made up")


def test_every_link_of_the_navigation_opens_its_page(opened, made):
    one = opened(made.address)
    links = one.page.locator("#contents a")
    addresses = [link.get_attribute("href") for link in links.all()]
    assert [address.removeprefix("#/") for address in addresses] == list(ROUTES)
    for link, route in zip(links.all(), ROUTES, strict=True):
        link.click()
        assert one.page.locator("main > section:visible").get_attribute("data-page") == route
        assert link.get_attribute("aria-current") == "page"
        assert one.page.locator("main > section:visible h1").inner_text()


def test_an_address_that_names_nothing_is_the_overview(opened, made):
    one = opened(made.address, "#/nowhere?run=r9")
    assert one.page.locator("main > section:visible").get_attribute("data-page") == "overview"


def test_every_number_of_the_overview_opens_the_records_it_comes_from(opened, made):
    one = opened(made.address)
    links = one.page.locator('#headline a[href^="#/records"]').all()
    addresses = [link.get_attribute("href") for link in links]
    assert len(addresses) == 3 * 3  # score, n and unparsed of three runs
    for address in addresses:
        key = re.search(r"run=(r\d)", address)[1]
        records = made.records[key]
        lost = [record for record in records if record.score.answer == "unparsed"]
        one.go(address)
        one.finds(len(lost if "unparsed" in address else records), len(records))
        assert one.page.locator("#records-run").input_value() == key


def test_every_number_of_a_tasks_table_opens_its_cell(opened, made):
    one = opened(made.address, "#/task-0")
    links = one.page.locator('[data-page="task-0"] a[href^="#/records"]').all()
    addresses = [link.get_attribute("href") for link in links]
    assert len(addresses) == 3 * 4
    for address in addresses:
        key, cell = re.search(r"run=(r\d)&only.cell=(\w+)", address).groups()
        records = made.records[key]
        one.go(address)
        one.finds(sum(r.condition["cell"] == cell for r in records), len(records))


def test_a_run_card_shows_its_metrics_by_condition(opened, made):
    one = opened(made.address, "#/runs/r0")
    card = one.page.locator("#run-r0")
    link = card.locator('.parts a[href*="only.cell=told"]')
    link.click()
    one.finds(30, 120)


def test_a_table_is_sorted_by_a_click(opened, made):
    one = opened(made.address, "#/task-0")
    table = one.page.locator('[data-page="task-0"] table').first
    head = table.locator("thead th").nth(2)
    column = "table => [...table.tBodies[0].rows].map(row => row.cells[2].textContent.trim())"
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert table.evaluate(column) == ["2.5", "1.5", "0.5"]
    head.locator("button").click()
    assert table.evaluate(column) == ["0.5", "1.5", "2.5"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(opened, made, scheme):
    one = opened(made.address, "#/records?run=r0&right=wrong&open=1", color_scheme=scheme)
    one.page.locator(".detail pre").first.wait_for()
    for selector in (
        ".quiet",
        ".chip",
        ".detail pre",
        ".wrong > span",
        ".record-facts dt",
        "nav a[aria-current]",
    ):
        assert one.page.evaluate(CONTRAST, selector) >= 4.5, selector


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(opened, made, scheme):
    phone = {"width": 390, "height": 844}
    one = opened(made.address, viewport=phone, color_scheme=scheme, has_touch=True)
    for route in (
        *ROUTES,
        "runs/r1",
        "records?run=r0&open=3",
        "records?run=r0&b=r1&open=3&disagree=1",
    ):
        one.go(f"#/{route}")
        one.page.wait_for_function("document.querySelector('main > section.current')")
        if route.startswith("records"):
            one.page.locator(".told[role=status] strong").wait_for()
        assert one.page.evaluate(OVERFLOW) == 0, route


def test_it_prints(opened, made):
    one = opened(made.address)
    pdf = one.page.pdf(format="A4")
    assert pdf.startswith(b"%PDF-") and len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 3
