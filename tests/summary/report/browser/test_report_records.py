"""The explorer of records in a browser: it finds what Python finds."""

import shlex
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from made_up_report import PACKED, MadeUp, Report, report, stories

from tombench.schema import Record


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Report:
    runs = [
        MadeUp("tiny", stories(1)),
        MadeUp("small", stories(2)),
        MadeUp("tiny", stories(4), how="cot"),
    ]
    return report(tmp_path_factory.mktemp("records"), runs)


def right(record: Record) -> str:
    if record.score.answer == "unparsed":
        return "unparsed"
    return "right" if record.score.value == 1 else "wrong"


FILTERS: list[tuple[list[tuple[str, str]], Callable[[Record], bool]]] = [
    ([], lambda r: True),
    ([("right", "right")], lambda r: right(r) == "right"),
    ([("right", "wrong"), ("right", "unparsed")], lambda r: right(r) in ("wrong", "unparsed")),
    ([("only.cell", "told")], lambda r: r.condition["cell"] == "told"),
    (
        [
            ("only.cell", "told"),
            ("only.cell", "moved"),
            ("right", "wrong"),
            ("only.question_type", "action"),
        ],
        lambda r: (
            r.condition["cell"] in ("told", "moved")
            and right(r) == "wrong"
            and r.condition["question_type"] == "action"
        ),
    ),
    ([("only.answer", "box")], lambda r: r.score.answer == "box"),
    ([("only.category", "unparsed")], lambda r: r.score.category == "unparsed"),
    ([("only.needs_review", "yes")], lambda r: r.score.needs_review),
    ([("only.cluster", "story-07")], lambda r: r.cluster == "story-07"),
    ([("only.item", "story-07/told")], lambda r: r.item == "story-07/told"),
    ([("only.cell", "no such cell")], lambda r: False),
    ([("only.target", "basket"), ("only.repetition", "0")], lambda r: True),
    ([("only.repetition", "1")], lambda r: False),
    (
        [("only.cell:question_type", "told:belief"), ("right", "right")],
        lambda r: (
            right(r) == "right"
            and (r.condition["cell"], r.condition["question_type"]) == ("told", "belief")
        ),
    ),
]


def test_filters_find_what_python_finds(opened, made):
    one = opened(made.address)
    records = made.records["r0"]
    for parameters, passes in FILTERS:
        one.go("#/records?" + urlencode([("run", "r0"), *parameters]))
        one.finds(sum(map(passes, records)), len(records))
        shown = one.page.locator("tr[data-row] code").all_inner_texts()
        assert shown == [record.id for record in records if passes(record)][:50], parameters


def test_each_level_tells_how_many_records_it_would_give(opened, made):
    one = opened(made.address, "#/records?run=r0&right=wrong&only.question_type=action")
    records = made.records["r0"]
    action = [r for r in records if r.condition["question_type"] == "action"]
    wrong = [r for r in records if right(r) == "wrong"]
    both = [r for r in action if right(r) == "wrong"]
    one.finds(len(both), 120)
    assert levels(one, "right") == Counter(map(right, action))
    assert levels(one, "only.question_type") == Counter(r.condition["question_type"] for r in wrong)
    assert levels(one, "only.cell") == Counter(r.condition["cell"] for r in both)


def levels(one, key: str) -> Counter:
    labels = one.page.locator(f'[data-facet="{key}"] label')
    lines = labels.evaluate_all(
        "all => all.map(one => [...one.querySelectorAll('span')].map(s => s.textContent))"
    )
    return Counter({name.partition(" ")[0]: int(number) for name, number in lines if number != "0"})


def test_filters_are_ticked_and_taken_away_by_hand(opened, made):
    one = opened(made.address, "#/records?run=r0")
    records = made.records["r0"]
    one.finds(120, 120)
    one.page.get_by_label("told", exact=False).first.check()
    one.finds(30, 120)
    one.page.get_by_label("wrong (0)", exact=False).check()
    told = [r for r in records if r.condition["cell"] == "told" and right(r) == "wrong"]
    one.finds(len(told), 120)
    assert "only.cell=told" in one.page.url and "right=wrong" in one.page.url
    one.page.get_by_role("button", name="Remove the filter cell: told").click()
    one.finds(sum(right(r) == "wrong" for r in records), 120)
    one.page.go_back()
    one.finds(len(told), 120)
    one.page.get_by_role("button", name="Clear all filters").click()
    one.finds(120, 120)


def test_the_search_reads_ids_and_answers_of_all_and_texts_of_those_that_are_here(opened, made):
    one = opened(made.address, "#/records?run=r0")
    records = made.records["r0"]
    for text in (
        "STORY-29",
        "the box, says",
        "story 25.",
        "unparsed",
        "where does she look (told)",
        "zebra",
    ):
        one.page.locator("#records-q").fill(text)
        one.finds(
            sum(_has(record, place, text.lower()) for place, record in enumerate(records)), 120
        )


def _has(record: Record, place: int, text: str) -> bool:
    always = (record.id, record.score.answer)
    here: Iterable[str] = (record.prompt, record.response) if place < PACKED else ()
    return any(text in each.lower() for each in (*always, *here))


def test_disagreement_is_of_scores_of_the_same_record(opened, made):
    one = opened(made.address)
    pairs = list(zip(made.records["r0"], made.records["r1"], strict=True))
    for disagree, differ in (("1", True), ("0", False)):
        one.go(f"#/records?run=r0&b=r1&disagree={disagree}")
        expected = [a.id for a, b in pairs if (a.score.value != b.score.value) == differ]
        one.finds(len(expected), 120)
        assert one.page.locator("tr[data-row] code").all_inner_texts() == expected[:50]


def test_a_record_is_shown_whole(opened, made):
    records = made.records["r0"]
    place = next(n for n, r in enumerate(records) if r.thinking and n < PACKED)
    assert records[place].log_probs
    record = records[place]
    one = opened(made.address, f"#/records?run=r0&open={place}")
    detail = one.page.locator(".detail")
    detail.locator("pre").first.wait_for()
    texts = [text.text_content() for text in detail.locator("pre").all()]
    assert texts == [record.prompt, record.response, record.thinking]
    told = detail.inner_text()
    for each in (
        record.id,
        record.cluster,
        record.target,
        record.score.reason,
        record.condition["question_type"],
        "9 tokens drawn",
    ):
        assert each in told
    rows = detail.locator(".log-probs tbody tr").all_inner_texts()
    assert [row.split()[:2] for row in rows] == [["basket", "−0.500"], ["box", "−1.900"]]


def test_a_record_whose_texts_are_elsewhere_says_where(opened, made):
    one = opened(made.address, "#/records?run=r0&open=100")
    code = one.page.locator(".untold code")
    folder = made.contents.cards[0].run.folder
    assert (
        code.inner_text() == f"tombench stage=show run={folder} item={made.records['r0'][100].id}"
    )


def test_the_command_that_shows_a_record_survives_shell_and_hydra(opened, tmp_path):
    names = ["a b", """it's "quoted" """, "back\\slash\\", "{a: 1}, [2] = $HOME", "plain/00"]
    first = stories(1)[0]
    records = [*stories(1)[:PACKED], *(replace(first, id=name, item=name) for name in names)]
    made = report(tmp_path, [MadeUp("tiny", records)])
    one = opened(made.address)
    for place, name in enumerate(names, PACKED):
        one.go(f"#/records?run=r0&open={place}")
        one.shows(".detail h2", name.strip())
        words = shlex.split(one.page.locator(".untold code").text_content())
        assert words[:2] == ["tombench", "stage=show"]
        (override,) = OverridesParser.create().parse_overrides([words[-1]])
        assert (override.key_or_group, override.value()) == ("item", name)


def test_two_runs_stand_side_by_side(opened, made):
    one = opened(made.address, "#/records?run=r0&b=r1&open=3")
    one.page.locator(".beside pre").first.wait_for()
    texts = one.page.locator(".detail pre").all_inner_texts()
    a, b = made.records["r0"][3], made.records["r1"][3]
    assert texts == [a.prompt, a.response, b.response]


def test_the_same_item_is_found_in_other_runs(opened, made):
    one = opened(made.address, "#/records?run=r0&open=3")
    one.page.get_by_text("The same item in other runs").click()
    links = one.page.locator(".elsewhere a")
    links.nth(1).wait_for()
    assert [each.get_attribute("href") for each in links.all()] == [
        "#/records?run=r1&b=r0&open=3",
        "#/records?run=r2&b=r0&open=3",
    ]
    links.first.click()
    one.page.locator(".beside pre").first.wait_for()
    assert made.records["r1"][3].response in one.page.locator(".detail").inner_text()


def test_keys_go_through_the_records(opened, made):
    wrong = [place for place, r in enumerate(made.records["r0"]) if right(r) == "wrong"]
    one = opened(made.address, "#/records?run=r0&right=wrong")
    one.finds(len(wrong), 120)
    opens = lambda place: one.page.wait_for_url(lambda url: f"open={place}" in url)  # noqa: E731
    one.page.locator("tr[data-row]").first.focus()
    one.page.keyboard.press("ArrowDown")
    one.page.keyboard.press("Enter")
    opens(wrong[1])
    one.page.locator(".detail pre").first.wait_for()
    one.page.keyboard.press("j")
    opens(wrong[2])
    one.shows(".detail h2", made.records["r0"][wrong[2]].id)
    one.page.keyboard.press("k")
    one.shows(".detail h2", made.records["r0"][wrong[1]].id)
    assert one.page.locator('tr[aria-selected="true"]').get_attribute("data-row") == str(wrong[1])
    one.page.keyboard.press("Escape")
    one.page.locator(".detail").wait_for(state="hidden")
    one.page.keyboard.press("ArrowRight")
    one.shows(".pager:first-child [aria-current]", "2")
    assert one.page.evaluate("document.activeElement.dataset.row") == str(wrong[50])
    one.page.keyboard.press("/")
    one.page.keyboard.type("story-29")
    one.finds(sum(made.records["r0"][place].cluster == "story-29" for place in wrong), 120)


def test_pages_of_fifty(opened, made):
    one = opened(made.address, "#/records?run=r0&page=3")
    one.finds(120, 120)
    assert one.page.locator("tr[data-row]").count() == 20
    one.page.get_by_role("button", name="Page 2", exact=True).first.click()
    one.shows(".pager:first-child .quiet", "51–100 of 120")
    assert one.page.locator("tr[data-row]").count() == 50


def test_a_filter_that_the_records_do_not_know_is_told(opened, made):
    one = opened(made.address, "#/records?run=r0&only.m=2e-06")
    one.finds(120, 120)
    assert (
        "these records have no such factor" in one.page.locator(".told[role=status]").inner_text()
    )
