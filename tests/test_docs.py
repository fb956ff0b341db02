"""What the docs tell a user to type is what the command takes."""

import re
import shlex
from pathlib import Path

import pytest
from hydra import version

from tombench import cli, overrides

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def _commands() -> list[str]:
    """Every `tombench …` of the docs, in code blocks and between backticks."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found += re.findall(r"`(tombench [^`]*)`", text)
        found += re.findall(r"^ {4}(tombench\b[^#\n]*)", text, re.MULTILINE)
    return sorted({" ".join(command.split()) for command in found})


@pytest.mark.parametrize("command", _commands())
def test_every_command_of_the_docs_composes(command):
    words = shlex.split(command)[1:]
    if "--help" in words:
        return
    version.setbase("1.3")
    loader = cli._loader(cli._search_path(None))
    texts = [word for word in words if not word.startswith("--")]
    overrides.check(loader, texts, "--multirun" in words)


def test_the_readme_is_short_and_its_files_are_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 250
    for name in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / name).exists(), name


def test_the_first_two_commands_are_the_two_scripts():
    block = re.search(
        r"\n\n {4}git clone[^\n]*\n((?: {4}[^\n]*\n)+)", (ROOT / "README.md").read_text()
    )
    assert [line.split()[0] for line in block[1].splitlines()] == ["scripts/demo", "scripts/test"]
    assert all((ROOT / "scripts" / name).stat().st_mode & 0o111 for name in ("demo", "test"))


def test_contributing_is_short():
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) < 80
