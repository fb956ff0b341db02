"""The report as HTML: what it may run, what it escapes, and where its numbers lead."""

import gzip
import json
import re
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from summary.report.page_toy import SVG, about_run, contents_of, grid_of, run_at

from tombench.schema import Metric
from tombench.summary.grid import Behind, Grid
from tombench.summary.pages import Figure, Table, TaskPage
from tombench.summary.report.blocks import inert
from tombench.summary.report.contents import Card, Named
from tombench.summary.report.facts_html import duration, facts
from tombench.summary.report.figures_html import compact, figure_view
from tombench.summary.report.headlines_html import Scale, number, scale_of
from tombench.summary.report.links import links_of
from tombench.summary.report.page import report_html
from tombench.summary.report.tables_html import STATIC_ROWS, parted_label, table_view, typeset

HOSTILE = "</script><script>hit()</script><img src=x onerror=hit()>\"' &\x1b[31m\u202eevil\u200b"


class Document(HTMLParser):
    """A page's elements, and the texts of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[tuple[dict[str, str | None], str]]] = {"script": [], "style": []}
        self.seen: list[str] = []  # text outside of scripts and styles
        self.within = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.within = tag
        if tag in self.raw:
            self.raw[tag].append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self.within = ""

    def handle_data(self, data: str) -> None:
        if self.within in self.raw:
            attributes, before = self.raw[self.within][-1]
            self.raw[self.within][-1] = (attributes, before + data)
        else:
            self.seen.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every such element."""
        return [attributes for name, attributes in self.elements if name == tag]

    def block(self, name: str) -> str:
        """The text of the data block of that id."""
        return next(text for found, text in self.raw["script"] if found.get("id") == name)

    @property
    def text(self) -> str:
        return " ".join("".join(self.seen).split())


@pytest.fixture
def two(tmp_path: Path):
    return [run_at(tmp_path / "v0001"), run_at(tmp_path / "v0002", "small", value=0.6)]


def tags(text: str) -> list[str]:
    """The page's elements, but for the places where a long name may break."""
    return [tag for tag, _ in Document(text).elements if tag != "wbr"]


def digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_policy_names_the_digest_of_the_one_script_and_of_each_style(two):
    document = Document(report_html(contents_of(two)))
    policy = next(m["content"] for m in document.named("meta") if m.get("http-equiv"))
    allowed = dict(part.split(" ", 1) for part in policy.split("; "))
    run = [text for attributes, text in document.raw["script"] if "type" not in attributes]
    assert [digest(text) for text in run] == allowed["script-src"].split()
    assert [digest(text) for _, text in document.raw["style"]] == allowed["style-src"].split()
    assert allowed["default-src"] == "'none'"
    assert allowed["img-src"] == "data:"


def test_nothing_is_fetched_and_nothing_runs_but_the_script(two):
    document = Document(report_html(contents_of(two)))
    for tag, attributes in document.elements:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert "style" not in attributes, (tag, attributes)  # the policy forbids it
        assert (attributes.get("src") or "data:").startswith("data:")
        assert re.match(r"#|tables/|figures/", attributes.get("href") or "#")
    assert not document.named("link")


def test_scripts_and_styles_follow_what_they_build_on(two):
    document = Document(report_html(contents_of(two)))
    script = next(text for found, text in document.raw["script"] if "type" not in found)
    starts = ["const routes =", "function useScheme(", "function sortTable(", "function element("]
    places = [script.index(each) for each in [*starts, "function showParts("]]
    assert places == sorted(places)
    style = document.raw["style"][0][1]
    assert style.index(":root {") < style.index("caption {") < style.index("@media print")


@pytest.mark.parametrize("field", ["model", "task"])
def test_a_hostile_name_is_shown_and_does_nothing(tmp_path, field):
    plain = report_html(contents_of([run_at(tmp_path / "v0001")]))
    hostile = report_html(contents_of([run_at(tmp_path / "v0001", **{field: HOSTILE})]))
    assert tags(hostile) == tags(plain)
    assert "<script>hit()</script>" in Document(hostile).text
    assert r"\x1b[31m\u202eevil\u200b" in Document(hostile).text
    for character in "\x1b\u202e\u200b":
        assert character not in hostile


def test_hostile_commands_folders_notes_and_alts_do_nothing(tmp_path):
    run = run_at(tmp_path / 'a"><script>hit()<')
    contents = contents_of([run])
    card = Card("r0", HOSTILE, run, about_run(HOSTILE))
    grid = grid_of([(HOSTILE, HOSTILE)], {(0, -1): Behind(run.folder, {HOSTILE: (HOSTILE,)})})
    hostile = contents_of(
        [run],
        cards=[card],
        made=HOSTILE,
        beside=[grid],
        pages=[_with_alt(contents.pages[0], HOSTILE)],
    )
    plain_card = Card("r0", "tiny", run, about_run())
    plain = contents_of(
        [run], cards=[plain_card], beside=[grid_of([("tiny", "–")], {})], pages=contents.pages
    )
    assert tags(report_html(hostile)) == tags(report_html(plain))
    assert Document(report_html(hostile)).text.count("<script>hit()</script>") == 6


def _with_alt(page, alt):
    return replace(page, figures=[Figure("accuracy_quiz", lambda kind: SVG, alt)])


def test_data_blocks_cannot_end_their_element():
    text = inert({"a": "</script><!--&\u2028", "b": float("nan"), "__proto__": [1, None]})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script><!--&\u2028", "b": None, "__proto__": [1, None]}


def test_index_tells_runs_and_pairs_by_key(two):
    index = json.loads(Document(report_html(contents_of(two))).block("index"))
    assert [run["key"] for run in index["runs"]] == ["r0", "r1"]
    assert index["runs"][1]["model"] == "small"
    assert (index["runs"][0]["records"], index["runs"][0]["texts"]) == (1600, 8)
    assert index["runs"][0]["command_show"] == f"tombench stage=show run={two[0].folder} item="
    pair = index["pairs"][0]
    assert (pair["a"], pair["b"], pair["difference"], pair["dz"]) == ("r0", "r1", 0.1, None)
    assert "first" not in pair
    assert index["notes"] == ["Not all are compared."]


def test_packed_records_and_metrics_of_parts_are_blocks(two):
    document = Document(report_html(contents_of(two)))
    assert document.block("rows-r1") == "cm93cw=="
    assert document.block("texts-r0") == "dGV4dHM="
    parts = json.loads(gzip.decompress(b64decode(document.block("parts-r0"))))
    link = "#/records?run=r0&only.colour=red"
    assert parts["colour"]["red"]["accuracy"] == [0.25, 0.1, 0.4, 8, 4, link]


def test_every_behind_becomes_a_link(two):
    links = links_of(contents_of(two).cards)
    own = Behind(two[1].folder, {"cell": ("a b", "c&d")})
    behind = {(0, -1): Behind(two[0].folder), (1, 1): own}
    rows = table_view(grid_of([("tiny", "0.50"), ("small", "0.60")], behind), links, "t").rows
    assert rows[0].cells[1].link == "#/records?run=r0"
    assert rows[1].cells[1].link == "#/records?run=r1&only.cell=a%20b&only.cell=c%26d"
    assert rows[0].cells[0].link is None  # a name is no number


def test_a_run_that_the_report_does_not_hold_has_no_link(two, tmp_path):
    behind = {(0, -1): Behind(tmp_path / "elsewhere")}
    view = table_view(grid_of([("tiny", "0.50")], behind), links_of(contents_of(two).cards), "t")
    assert view.rows[0].cells[1].link is None


def test_of_several_cells_in_a_folder_the_named_one_is_opened(tmp_path):
    runs = [run_at(tmp_path / "v0001", model) for model in ("gpt", "llama")]
    links = links_of([Card(f"r{n}", run.model, run, {}) for n, run in enumerate(runs)])
    behind = Behind(tmp_path / "v0001", {"model": ("llama",)})
    assert links.records(behind) == "#/records?run=r1&only.model=llama"


def test_headline_links_scores_to_records_and_labels_to_cards(two):
    document = Document(report_html(contents_of(two)))
    addresses = [a["href"] for a in document.named("a")]
    assert "#/records?run=r1" in addresses
    assert "#/records?run=r1&right=unparsed" in addresses
    assert "#/runs/r1" in addresses
    assert "run-r1" in [each.get("id") for each in document.named("article")]


def test_every_address_within_the_report_has_its_page(two):
    document = Document(report_html(contents_of(two)))
    pages = {each["data-page"] for each in document.named("section")}
    assert pages == {"overview", "runs", "task-0", "compare", "records", "method"}
    inside = [a["href"] for a in document.named("a") if a["href"].startswith("#/")]
    assert {re.match(r"#/([\w-]+)", each)[1] for each in inside} <= pages
    ids = [a["id"] for _, a in document.elements if a.get("id")]
    assert len(ids) == len(set(ids))


def test_headings_images_and_columns_are_named(two):
    document = Document(report_html(contents_of(two)))
    assert all(image["alt"] for image in document.named("img") if image.get("src"))
    assert any(image["alt"] == "Accuracy of tiny: 0.50." for image in document.named("img"))
    assert all(each.get("scope") for each in document.named("th"))
    assert len(document.named("caption")) == len(document.named("table"))


def test_the_interval_is_drawn_beside_its_baseline(two):
    document = Document(report_html(contents_of(two)))
    drawn = [each for each in document.named("svg") if each.get("class") == "bar"]
    assert drawn[0]["aria-label"] == "0.50, 95 % interval 0.40 to 0.60; best shortcut 0.40"
    value = next(each for each in document.named("circle"))
    assert float(value["cx"]) == 65.0  # half way from 5 to 125


def test_scale_holds_every_interval():
    shares = [Metric(0.5, 0.2, 0.9, 1, 1)]
    assert scale_of(shares) == Scale(0.0, 1.0)
    assert scale_of([*shares, Metric(-0.5, -0.75, 0.0, 1, 1)]) == Scale(-0.75, 1.0)
    assert scale_of([Metric(float("nan"), float("nan"), float("nan"), 0, 0)]) == Scale(0.0, 1.0)
    assert Scale(-1.0, 1.0).place(0.0) == 65.0


def test_a_score_that_is_no_number_is_a_dash(two):
    line = contents_of(two).headline[0]
    nothing = Named("no metric", Metric(float("nan"), float("nan"), float("nan"), 0, 0))
    lines = [replace(line, score=nothing, baseline=None), contents_of(two).headline[1]]
    document = Document(report_html(contents_of(two, headline=lines)))
    assert "nan" not in document.text
    assert len([each for each in document.named("svg") if each.get("class") == "bar"]) == 1


def test_long_tables_are_cut_and_say_where_the_whole_is(two):
    rows = [(f"model {n} of many", "0.50") for n in range(STATIC_ROWS + 34)]
    contents = contents_of(two, beside=[grid_of(rows, {})])
    document = Document(report_html(contents))
    assert "34 more rows are not shown here." in document.text
    assert f"model {STATIC_ROWS - 1} of many" in document.text
    assert f"model {STATIC_ROWS} of many" not in document.text


def test_intervals_and_settings_are_set_apart(two):
    grid = grid_of([("tiny (seed=1, sets=40)", "-0.10 [-0.20, 0.00]"), ("x", "–")], {})
    view = table_view(grid, links_of([]), "t")
    assert [column.numeric for column in view.columns] == [False, True]
    assert (view.rows[0].cells[0].text, view.rows[0].cells[0].aside) == ("tiny", "seed=1, sets=40")
    assert (view.rows[0].cells[1].text, view.rows[0].cells[1].aside) == ("−0.10", "[−0.20, 0.00]")
    assert parted_label("gpt (turbo)") == ("gpt (turbo)", "")


def test_minus_is_set_before_numbers_alone():
    assert typeset("-0.5 of llama-2-7b, 2e-06") == "−0.5 of llama-2-7b, 2e-06"
    assert [number(each) for each in (-0.001, 12.345, -1234.5)] == ["0.00", "12.35", "−1.23e+03"]


def test_figures_are_carried_small():
    assert compact(SVG) == b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M1.23 2"/></svg>'
    view = figure_view(Figure("a_b", lambda kind: SVG, "words"), "f")
    assert b64decode(view.source.removeprefix("data:image/svg+xml;base64,")) == compact(SVG)
    assert figure_view(Figure("nothing", lambda kind: None, ""), "f") is None


def test_a_figure_of_many_marks_becomes_pixels_of_few_colours():
    from tombench.summary.figures import canvas, file_of

    def draw(kind):
        figure = canvas(2, 2)
        figure.subplots().plot(range(9000), [n % 7 for n in range(9000)], "o")
        return file_of(figure, kind) if kind == "png" else b"<svg>" + b"<use/>" * 20_000 + b"</svg>"

    source = figure_view(Figure("many", draw, "words"), "f").source
    pixels = b64decode(source.removeprefix("data:image/png;base64,"))
    assert pixels.startswith(b"\x89PNG") and len(pixels) < len(draw("png"))


def test_a_card_tells_what_ran(two):
    told = {fact.name: fact for fact in facts(Card("r0", "tiny", two[0], about_run()), "base")}
    assert told["Command"].text == "tombench task=quiz"
    assert (told["Identity"].text, told["Identity"].whole) == (
        "0123456789ab",
        "0123456789abcdef" * 4,
    )
    assert told["Data"].whole == "d" * 64
    assert told["Weights"].whole == "e" * 64
    assert told["Time"].text.endswith(": 1 min 5 s from the first start to the end")
    assert told["Drawn"].text == "4,321 answer tokens"
    assert told["Code"].text == f"commit {'f' * 12}, with changes that were not committed"
    assert told["Machine"].text == "x86_64, 2 cores, no accelerator"
    assert told["Versions"].text == "python 3.11.7, torch 2.13.0"


def test_the_command_that_trained_the_model_is_told(two, tmp_path):
    trained = tmp_path / "finetune"
    trained.mkdir()
    run = {"status": "finished", "ended": "2026-01-01T00:00:00+00:00", "command": "tombench sft"}
    (trained / "run.json").write_text(json.dumps(run | {"identity": {"recipe": {"class": "Sft"}}}))
    about = about_run() | {"configuration": {"model": {"path": str(trained)}}}
    told = {fact.name: fact.text for fact in facts(Card("r0", "tiny", two[0], about), "base")}
    assert (told["Recipe"], told["Trained by"]) == ("Sft", "tombench sft")
    (trained / "run.json").write_text(json.dumps(run | {"ended": "2027-01-01T00:00:00+00:00"}))
    later = {fact.name for fact in facts(Card("r0", "tiny", two[0], about), "base")}
    assert "Trained by" not in later  # another training has taken the folder since


def test_durations_are_told_in_words():
    assert [duration(each) for each in (27.4, 250, 11_100)] == ["27 s", "4 min 10 s", "3 h 5 min"]


def test_the_same_contents_give_the_same_bytes(two):
    assert report_html(contents_of(two)) == report_html(contents_of(two))


def test_what_the_terminal_shows_leads_and_no_table_is_lost(two):
    shown = Grid("Accuracy", ("Model", "accuracy"), (("tiny", "0.50"),))
    whole = replace(shown, rows=(("tiny", "0.50"), ("small", "0.60")))
    other = Grid("By game", ("Model", "accuracy"), (("other", "0.10"),))
    again = replace(other, rows=(("again", "0.20"),))
    tables = [Table("a", [], [other]), Table("b", [], [again]), Table("c", [], [whole])]
    alone = Grid("Sizes", ("Model", "n"), (("tiny", "80"),))
    page = TaskPage("quiz", "quiz", two, tables, [], [alone, shown])
    document = Document(report_html(contents_of(two, pages=[page])))
    anchors = [each["id"] for each in document.named("figure") if each["id"] != "headline"]
    assert anchors == [f"task-0-table-{n}" for n in range(4)]
    captions = re.findall(r"<caption>(.*?)</caption>", report_html(contents_of(two, pages=[page])))
    assert captions[-4:] == ["Sizes", "Accuracy", "By game", "By game"]
    assert "tables/c.csv" in document.text and "tables/b.csv" in document.text


def test_a_smaller_figure_keeps_the_size_of_its_letters() -> None:
    svg = b'<g transform="translate(12.34567 8.91011) scale(0.015625 -0.015625)"/>'
    assert compact(svg) == b'<g transform="translate(12.34 8.91) scale(0.015625 -0.015625)"/>'
