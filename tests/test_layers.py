"""Imports point one way, and what runs no model loads no model library."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tombench

ROOT = Path(__file__).parents[1]
SOURCE = Path(tombench.__file__).parent
ROWS = (  # from the bottom; a module imports from lower rows, or from its own folder
    ("schema", "errors", "terminal"),
    ("config",),
    (
        *("progress", "datafile", "provenance", "statistics", "locks", "runs", "unread", "writing"),
        *("spreadsheet", "processes", "pickles"),
    ),
    ("metrics", "records", "shards", "prompts", "scorers"),
    ("models",),
    ("backends",),
    ("stories", "labels", "masking", "origins", "planning", "strategy"),
    ("household",),
    ("corpus",),
    ("tasks", "recipes", "summary"),
    ("stages",),
    ("overrides", "sweeps"),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, row in enumerate(ROWS) for name in row}
MODULES = sorted(path.relative_to(SOURCE) for path in SOURCE.rglob("*.py") if path.name[:2] != "__")


def unit(path: Path) -> str:
    """The folder of a module, or the module itself where it stands at the top."""
    return path.parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Our units that a module imports, in functions too."""
    for node in ast.walk(ast.parse((SOURCE / path).read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module == "tombench":
            names = [f"tombench.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names = [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith("tombench.") and "__" not in name:
                yield name.split(".")[1]


def test_every_module_has_its_row() -> None:
    assert {unit(path) for path in MODULES} <= set(RANK)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_point_down(path: Path) -> None:
    own = unit(path)
    upward = {name for name in imported(path) if name != own and RANK[name] >= RANK[own]}
    assert upward == set()


def test_what_runs_no_model_loads_no_model_library() -> None:
    modules = ("cli", "stages.evaluate", "tasks.vignettes", "backends.hf.backend")
    code = "import sys\n" + "".join(f"import tombench.{name}\n" for name in modules)
    code += "print([name for name in ('torch', 'transformers') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_map_shows_these_rows():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    block = text.split("keeps it so.\n\n```\n")[1].split("```")[0]
    shown = [set(line.split()) for line in block.splitlines()]
    assert shown == [set(row) for row in reversed(ROWS) if row != ("__main__",)]
