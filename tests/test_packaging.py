"""What a user installs: the wheel carries configs and data, conda gets the same as pip."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def test_environment_yaml_asks_for_what_pyproject_asks_for():
    listed = yaml.safe_load((ROOT / "environment.yaml").read_text())["dependencies"]
    pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    wanted = (
        PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["test"]
    )
    torch = f"torch=={_pins()['torch']}"  # a range would fetch the newest build, with CUDA
    assert sorted(pip) == sorted(torch if name.startswith("torch>") else name for name in wanted)
    assert f"python{PROJECT['project']['requires-python']}" in listed


def test_every_dependency_is_pinned_within_its_range():
    from packaging.requirements import Requirement

    project = PROJECT["project"]
    for line in project["dependencies"] + project["optional-dependencies"]["test"]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(_pins()[requirement.name]), line


def test_every_folder_with_code_is_packaged():
    listed = set(PROJECT["tool"]["setuptools"]["packages"])
    folders = {path.parent for path in (ROOT / "src").rglob("*.py")}
    found = {".".join(folder.relative_to(ROOT / "src").parts) for folder in folders}
    assert listed == found | {"tombench.configs", "tombench.data"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The built wheel, installed alone into an empty folder."""
    work = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    # from a copy, so that the checkout gets no build/ folder
    source = work / "source"
    names = ["pyproject.toml", "README.md", "LICENSE", "src", "configs", "data"]
    source.mkdir()
    subprocess.run(["cp", "-r", *(str(ROOT / name) for name in names), str(source)], check=True)
    wheels = work / "wheels"
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(wheels), str(source)], check=True)
    target = work / "site"
    (wheel,) = wheels.glob("tombench-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(target), str(wheel)], check=True)
    return target


def test_an_installed_wheel_works_away_from_the_checkout(installed, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    where = "import tombench; print(tombench.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", where], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert found.stdout.startswith(str(installed))
    done = subprocess.run(
        [sys.executable, "-m", "tombench", "backend=mock", "limit=2"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"results: .*outputs/eval/vignettes/tiny/v0001$", done.stdout.strip())
    assert (installed / "tombench" / "data" / "models" / "tiny" / "model.safetensors").is_file()
