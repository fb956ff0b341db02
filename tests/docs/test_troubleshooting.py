"""docs/troubleshooting.md has the messages as they are printed: provoked here, and in the code."""

import ast
import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tombench.backends.hf.batching import halving
from tombench.errors import RunFailed

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
LINES = re.findall(r"^ {4}(.+)$", PAGE, re.MULTILINE)
PATTERNS = {
    line: re.compile(".*".join(re.escape(part) for part in line.split("…")), re.DOTALL)
    for line in LINES
}
SCENE = {"id": "a", "context": "Ana left.", "question": "Is she here?", "answer": "no"}
LEAST = 16  # characters of a fragment that says which message it is


def told(outcome) -> list[str]:
    """Lines of standard error, without the command's name."""
    return [line.removeprefix("tombench: ") for line in outcome.lines]


def shown(line: str) -> list[str]:
    """The page's messages that a printed line is one of; the vaguest (`…: no such file…`) last."""
    fits = [text for text, pattern in PATTERNS.items() if pattern.fullmatch(line)]
    return sorted(fits, key=len, reverse=True)


def the_page_has(outcome, status: int, beginning: str) -> None:
    """One of the printed lines is a message of the page that holds `beginning`."""
    assert outcome.status == status, outcome.err
    found = {text for line in told(outcome) for text in shown(line)}
    assert any(beginning in text for text in found), outcome.err


@pytest.fixture
def folder(tmp_path):
    """A copy of the embedded model that a test may damage."""
    here = tmp_path / "weights"
    here.mkdir()
    for file in (ROOT / "data" / "models" / "tiny").iterdir():
        if file.is_file():
            (here / file.name).write_bytes(file.read_bytes())
    return here


@pytest.mark.parametrize(
    "words, message",
    [
        (("model=tinyy",), "no such option; did you mean"),
        (("task.repetitons=3",), "no such key"),
        (("dry_run",), "not understood; write key=value"),
        (("prompting=base,cot",), "several values need --multirun"),
        (("model=local",), "is not set; give"),
        (("model=local", "model.path=/nowhere/x"), "no such folder; give an existing folder"),
        (("model=local", "model.path=."), "no model in"),
        (("model.template=none.jinja",), "no readable file; give auto, none, or a Jinja file"),
        (("model.thinking=on",), "so thinking cannot be told from the answer"),
        (("model.adapter=.",), "holds no adapter_config.json"),
        (("backend.device=mps",), "this machine has no such device"),
        (("task.data=nothing.jsonl",), "no such file"),
        (("stage=show", "run=."), "no run folder (it holds no"),
        (("--config-dir", "nowhere"), "--config-dir …: no such folder"),
        (("backend=vllm",), "vLLM is not installed in this environment"),
        (
            (
                "backend=api",
                "backend.base_url=http://127.0.0.1:9/v1",
                "model=local",
                "model.path=x",
            ),
            "no server answers",
        ),
        (("stage=finetune", "recipe.data=rows.xml"), "data files end in"),
        (("stage=finetune", "recipe=dpo", "task=mmtom"), "this task has no"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_mistakes_of_a_command(command, tmp_path, words, message):
    (tmp_path / "rows.xml").write_text("<rows/>")
    the_page_has(command("limit=1", "quiet=true", *words), 2, message)


def test_no_weights_cut_off_weights_and_no_tokenizer(command, folder):
    words = ("model=local", f"model.path={folder}", "limit=1")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    the_page_has(command(*words), 2, "cut off or damaged")
    weights.rename(folder / "pytorch_model.bin")
    the_page_has(command(*words), 2, "only pickled weights")
    (folder / "pytorch_model.bin").unlink()
    the_page_has(command(*words), 2, "no weights in")


def test_no_tokenizer(command, folder):
    for file in folder.glob("tokenizer*"):
        file.unlink()
    the_page_has(command("model=local", f"model.path={folder}", "limit=1"), 2, "no tokenizer in")


@pytest.mark.parametrize(
    "content, message",
    [
        (json.dumps({k: v for k, v in SCENE.items() if k != "question"}).encode(), "is missing"),
        ('{"id": "é"}'.encode("latin-1"), "not UTF-8 text"),
        (json.dumps({"scenes": [SCENE]}, indent=1).encode(), "no list under"),
    ],
)
def test_data_files(command, tmp_path, content, message):
    (tmp_path / "scenes.jsonl").write_bytes(content)
    the_page_has(command("task.data=scenes.jsonl", "backend=mock"), 2, message)


@pytest.mark.parametrize(
    "row, words, message",
    [
        ({"ask": "Where?", "say": "Here."}, (), "say which is which"),
        ({"prompt": "Where? " * 99, "completion": "Here."}, ("recipe.max_length=16",), "longer"),
    ],
)
def test_training_data(command, tmp_path, row, words, message):
    (tmp_path / "rows.jsonl.gz").write_bytes(gzip.compress(json.dumps(row).encode()))
    words = ("stage=finetune", "recipe.data=rows.jsonl.gz", "recipe.steps=1", *words)
    the_page_has(command(*words), 2, message)


def test_finished_before_a_note_and_a_changed_record(command):
    words = ("backend=mock", "limit=2", "task.repetitions=1")
    outcome = command(*words)
    again = command(*words, "policy=observer")
    the_page_has(again, 0, "finished before; nothing to do")
    the_page_has(again, 0, "given all the same, and ignored")
    with (outcome.folder / "records.jsonl").open("a") as records:
        records.write("{}\n")
    summary = command("stage=show", f"run={outcome.folder}")
    the_page_has(summary, 2, "not a record")


def test_a_check_finds_that_a_record_is_gone(command):
    run = command("backend=mock", "limit=2", "task.repetitions=1").folder
    first, *_ = (run / "records.jsonl").read_text().splitlines(keepends=True)
    (run / "records.jsonl").write_text(first)
    outcome = command("stage=summarize", "stage.check=true", f"run={run}")
    the_page_has(outcome, 1, "records: number:")


def test_nothing_to_summarize(command):
    outcome = command("stage=summarize")
    the_page_has(outcome, 2, "no finished evaluation there")


def test_an_unwritable_root(command, tmp_path):
    (tmp_path / "outputs").write_text("a file in the folder's place")
    outcome = command("backend=mock", "limit=1")
    the_page_has(outcome, outcome.status, "output_root: cannot write in")


def test_a_run_that_another_process_holds(command):
    words = ("backend=mock", "limit=1", "task.repetitions=1")
    run = command(*words).folder
    known = json.loads((run / "run.json").read_text()) | {"status": "unfinished"}
    (run / "run.json").write_text(json.dumps(known))
    hold = (
        "import sys, time; from pathlib import Path; from tombench.locks import hold\n"
        "lock = hold(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(run.resolve())], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        the_page_has(command(*words), 2, "is being run by")
    finally:
        holder.kill()
        holder.wait()


def test_out_of_memory_on_one_sequence():
    def run(rows):
        raise MemoryError

    with pytest.raises(RunFailed) as caught:
        halving(run, [1], lambda: None)
    assert shown(str(caught.value))[0].startswith("out of memory on a single sequence")


def test_every_message_of_the_page_is_one_of_the_code():
    texts = "\n".join(_messages())
    lacking = [
        (line, part)
        for line in LINES
        for part in (part.strip(" :(),") for part in re.split("…|; ", line))
        if len(part) >= LEAST and part not in texts
    ]
    assert lacking == []


def _messages() -> list[str]:
    """Every text of the package's code, with … where a value is put in."""
    found = []
    for path in (ROOT / "src" / "tombench").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [p.value if isinstance(p, ast.Constant) else "…" for p in node.values]
                found.append("".join(parts))
    return found


def test_every_message_is_told_what_to_do():
    after = re.findall(r"^ {4}.+\n\n(.*)$", PAGE, re.MULTILINE)
    assert len(after) == len(LINES)
    assert all(text and not text.startswith(("    ", "#")) for text in after)
