"""What models, users and files say is text: in a browser it does nothing but stand there."""

import json
from dataclasses import replace
from itertools import product
from urllib.parse import urlencode

import pytest
from made_up_report import MadeUp, Report, really_packed, report, stories

from tombench.schema import Record
from tombench.terminal import visible

HOSTILE = (
    "<script>window.__hit=1</script>",
    "<img src=x onerror=window.__hit=1>",
    '"><svg onload=window.__hit=1>',
    "</script><script>window.__hit=1</script>",
    "' onmouseover='window.__hit=1' x='",
    "javascript:window.__hit=1",
    "data:text/html,<script>window.__hit=1</script>",
    "{{ 7 * 7 }} ${window.__hit=1} `${window.__hit=1}`",
    "\x1b[31mred\x07 \x85 \u202egnp.exe\u202c zero\u200bwidth \ufeff a\u2028b",
    "__proto__",
    "constructor",
    "<!--<script>",
    "&lt;b&gt; ]]> \\u003cscript\\u003e",
)
EVERYTHING = "\n".join(HOSTILE)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("hostile") / "<img src=x onerror=window.__hit=1> '\u202e"
    folder.mkdir()
    records = [hostile(record, place) for place, record in enumerate(stories(1))]
    about = {
        "command": EVERYTHING,
        "git": {"commit": HOSTILE[0], "dirty": True},
        "hardware": {"machine": HOSTILE[1], "system": HOSTILE[2], "accelerators": [HOSTILE[3]]},
        "packages": {text: text for text in HOSTILE},
        "identity": {"task": {text: text for text in HOSTILE}, "model": {"digest": HOSTILE[0]}},
    }
    runs = [
        MadeUp(text, records, how=text, task=HOSTILE[0], folder=f"{n}-__proto__", about=about)
        for n, text in enumerate(HOSTILE)
    ]
    return report(folder, runs, notes=HOSTILE, title=EVERYTHING, packing=really_packed)


def hostile(record: Record, place: int) -> Record:
    """The record with every text that somebody else could have chosen."""
    text = HOSTILE[place % len(HOSTILE)]
    score = replace(record.score, answer=text, reason=text, category=text)
    return replace(
        record,
        id=f"{text}/{place}",
        item=f"{text}/{place}",
        cluster=text,
        condition={
            "cell": record.condition["cell"],
            "__proto__": text,
            "toString": text,
            text: text,
        },
        prompt=EVERYTHING,
        response=text,
        target=text,
        score=score,
        log_probs={"__proto__": -0.5, text: -1.0},
        thinking=text,
        error=text,
    )


def harm(one) -> list[str]:
    """What ran, and what is on the page that could."""
    return one.page.evaluate(
        r"""() => {
          const told = (each, name) => each.getAttribute(name) ?? "";
          const harmful = {
            a: each => !/^($|#|tables\/|figures\/)/.test(told(each, "href")),
            img: each => !/^($|data:image\/)/.test(told(each, "src")),
            script: each => !each.type && each !== [...document.scripts].at(-1),
            iframe: () => true, object: () => true, embed: () => true,
            base: () => true, link: () => true,
          };
          const ran = [window.__hit, Object.prototype.levels].filter(each => each !== undefined);
          const could = [...document.querySelectorAll("*")].filter(each =>
            [...each.attributes].some(attribute => attribute.name.startsWith("on"))
            || Object.hasOwn(harmful, each.localName) && harmful[each.localName](each));
          return [...ran, ...could.map(each => each.outerHTML.slice(0, 300))];
        }"""
    )


def test_harm_is_seen(opened, made):
    one = opened(made.address)
    one.page.evaluate("window.__hit = 7")
    one.page.evaluate(
        "document.body.append(Object.assign(document.createElement('a'), {href: 'javascript:7'}))"
    )
    assert harm(one) == [7, '<a href="javascript:7"></a>']


def test_no_page_runs_what_it_shows(opened, made):
    one = opened(made.address)
    for link in one.page.locator("#contents a").all():
        link.click()
        assert harm(one) == []
    one.go("#/records?run=r0&open=0")
    one.page.locator(".detail pre").first.wait_for()
    assert harm(one) == []


def test_a_hostile_record_is_shown_as_it_is(opened, made):
    one = opened(made.address)
    for place, text in enumerate(HOSTILE):
        one.go(f"#/records?run=r0&b=r1&open={place}")
        one.shows(".detail h2", visible(f"{text}/{place}"))
        shown = one.page.locator(".detail pre").all_text_contents()
        assert shown[0] == visible(EVERYTHING)
        assert shown[1:] == [visible(text)] * 4  # response and thinking, of both runs
        assert visible(text) in one.page.locator(".detail .why").first.text_content()
        assert harm(one) == []


def test_levels_and_factors_of_any_name_are_filters(opened, made):
    one = opened(made.address)
    records = made.records["r0"]
    factors = ("__proto__", "toString", "answer", "category", "cluster")
    for factor, level in product(factors, HOSTILE[:4] + HOSTILE[8:11]):
        query = urlencode({"run": "r0", f"only.{factor}": level})
        one.go(f"#/records?{query}")
        one.finds(sum(_level(record, factor) == level for record in records), len(records))
    assert harm(one) == []


def _level(record: Record, factor: str) -> str:
    own = {
        "answer": record.score.answer,
        "category": record.score.category,
        "cluster": record.cluster,
    }
    return own.get(factor) or record.condition[factor]


def test_a_hostile_address_is_told_as_text(opened, made):
    one = opened(made.address)
    for text in HOSTILE:
        one.go("#/records?run=" + one.page.evaluate("encodeURIComponent", text))
        one.page.locator(".complaint").wait_for()
        assert harm(one) == []
    one.go("#/compare?a=__proto__&b=constructor")
    assert one.page.locator("#picker").inner_text()
    assert harm(one) == []


def test_a_hostile_search_is_told_as_text(opened, made):
    one = opened(made.address, "#/records?run=r0")
    one.finds(120, 120)
    one.page.locator("#records-q").fill(HOSTILE[3])
    one.finds(120, 120)  # every prompt has all of them
    one.page.locator("#records-q").fill(f"{HOSTILE[3]}/")  # an id alone
    one.finds(sum(f"{HOSTILE[3]}/" in record.id for record in made.records["r0"]), 120)
    assert harm(one) == []


def test_the_same_characters_are_escaped_as_on_a_terminal(opened, made):
    """`visible` of the page and of the terminal, over all assigned planes' beginnings."""
    one = opened(made.address, "#/records?run=r0&open=8")
    one.page.locator(".detail pre").first.wait_for()
    assert (
        visible(HOSTILE[8])
        == r"\x1b[31mred\x07 \x85 \u202egnp.exe\u202c zero\u200bwidth \ufeff a\u2028b"
    )
    assert json.dumps(visible(HOSTILE[8])) == one.page.evaluate(
        "JSON.stringify([...document.querySelectorAll('.detail pre')][1].textContent)"
    )


def test_runs_of_hostile_names_are_compared(opened, made):
    one = opened(made.address, "#/compare?a=r0&b=r8")
    said = one.page.locator(".pair").inner_text()
    assert visible(HOSTILE[0]) in said and visible(HOSTILE[8]) in said
    assert one.page.locator(".notes").text_content() == "".join(visible(text) for text in HOSTILE)
    assert harm(one) == []
