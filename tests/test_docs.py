"""What the docs tell a user to type is what the command takes; what they link to is there."""

import re
import shlex
from pathlib import Path

import pytest
from shown_commands import checked, commands_in

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = sorted({found for page in PAGES for found in commands_in(page.read_text("utf-8"))})


@pytest.fixture(autouse=True)
def _from_the_checkout(monkeypatch):
    """As a reader types them: from the checkout; what --config-dir says is forgotten after."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("TOMBENCH_CONFIG_DIR", "")
    monkeypatch.setenv("STORIES", "a seed that the reader has exported")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_docs_composes(command):
    checked(command)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for name in re.findall(r"\]\(([^)\s]+)\)", text):
        file, _, heading = name.partition("#")
        if file.startswith(("http:", "https:")):
            continue
        target = page.parent / file if file else page
        assert target.exists(), name
        assert not heading or heading in _anchors(target), name


def _anchors(page: Path) -> set[str]:
    """Of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    words = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in words}


def test_the_readme_is_short_and_its_files_are_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 250
    for name in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / name).exists(), name


def test_every_page_stands_in_the_contents():
    contents = (ROOT / "docs" / "README.md").read_text("utf-8")
    linked = set(re.findall(r"\]\((\w+\.md)\)", contents))
    assert linked == {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}


def test_the_first_two_commands_are_the_two_scripts():
    block = re.search(
        r"\n\n {4}git clone[^\n]*\n((?: {4}[^\n]*\n)+)", (ROOT / "README.md").read_text()
    )
    assert [line.split()[0] for line in block[1].splitlines()] == ["scripts/demo", "scripts/test"]
    assert all((ROOT / "scripts" / name).stat().st_mode & 0o111 for name in ("demo", "test"))


def test_contributing_is_short():
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) < 80


def test_commands_are_found_wherever_they_stand():
    block = "    tombench c=3  # why\n      tombench d=4\n    tombench: e=5\n"
    text = f"do `tombench a=1\nb=2` and\n\n{block}"
    assert commands_in(text) == ["tombench a=1 b=2", "tombench c=3", "tombench d=4"]
    assert all(shlex.split(command)[0] == "tombench" for command in COMMANDS)
