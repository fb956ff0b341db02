"""Time and memory of summarizing many runs, and of merely reading their records with pandas.

    python benchmarks/summarize.py [RUNS] [FOLDER]

RUNS (100) evaluations of about 1,000 records of about 1 KB are put into FOLDER (else a temporary
one), and these are timed, each in a process of its own:

summarize  tombench stage=summarize: tables, figures, tidy files and the report
pandas     pandas.read_json(lines=True) of every records.jsonl, all kept: the plain way to read them

The runs are copies of two evaluations of known minds, of scenes under promptings and of generated
stories, half and half. A copy has a model's name, a seed and responses of its own (words drawn at
random, so that they do not compress as copies would), and of its scores a share of its own is
turned; its metrics.json is that of the evaluation, which is of no matter to time.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KINDS = (  # of about 1,000 records each
    ["task.repetitions=63"],
    ["task.suite=generated", "task.sets=20"],
)
PROMPTINGS = ("base", "sbs", "cot", "sbs_cot")
BYTES = 1_000  # a record
READING = """
import sys, pathlib, pandas
frames = [pandas.read_json(path, lines=True)
          for path in sorted(pathlib.Path(sys.argv[1]).rglob("records.jsonl"))]
print(sum(map(len, frames)), "records")
"""


@dataclass(frozen=True)
class Measured:
    """What a command took, and what it said."""

    seconds: float
    processor: float  # seconds of it, in all its threads
    mib: float  # at its peak
    out: str


def measured(command: list[str]) -> Measured:
    """Run a command to its end."""
    with tempfile.TemporaryFile("w+") as out:
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        out.seek(0)
        said = out.read()
    if status:
        sys.exit(said)
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)


def tombench(*words: str) -> list[str]:
    return [sys.executable, "-m", "tombench", *words]


def evaluations(root: Path) -> list[Path]:
    """The two that are copied."""
    found = []
    for words in KINDS:
        said = measured(tombench("backend=mock", *words, f"output_root={root}")).out
        found.append(Path(said.splitlines()[-1].removeprefix("results: ")))
    return found


def copy(source: Path, folder: Path, number: int) -> int:
    """One more run like `source`; the bytes of its records."""
    drawn = random.Random(number)
    folder.mkdir(parents=True)
    run = json.loads((source / "run.json").read_text(encoding="utf-8"))
    run["identity"]["seed"] = number
    run["identity_hash"] = f"{number:064x}"
    run["label"] = f"model-{number // 8}"
    if run["identity"].get("prompting"):
        run["identity"]["prompting"]["name"] = PROMPTINGS[number // 2 % 4]
        run["identity"]["seed"] = 0  # models are compared under the same one
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    (folder / "metrics.json").write_bytes((source / "metrics.json").read_bytes())
    wrong = drawn.uniform(0.1, 0.5)
    with (source / "records.jsonl").open(encoding="utf-8") as lines:
        text = "".join(changed(json.loads(line), drawn, wrong) for line in lines)
    (folder / "records.jsonl").write_text(text, encoding="utf-8")
    return len(text.encode())


def changed(record: dict[str, Any], drawn: random.Random, wrong: float) -> str:
    """A line with a response, and perhaps a score, of its own."""
    if drawn.random() < wrong:
        record["score"]["value"] = 0.0
    room = BYTES - len(json.dumps(record))
    words = (drawn.choice(WORDS) for _ in range(max(1, room // 6)))
    record["response"] = " ".join(words)
    return json.dumps(record) + "\n"


WORDS = [
    "".join(random.Random(number).choices("abcdefghiklmnoprstuw", k=3 + number % 5))
    for number in range(4_000)
]


def main() -> None:
    """Make the runs, summarize them, and read them with pandas."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(temporary)
        sources = evaluations(root / "sources")
        outputs, size = root / "outputs", 0
        for number in range(runs):
            folder = outputs / "eval" / "vignettes" / f"model-{number // 8}"
            size += copy(sources[number % 2], folder / f"v{number % 8 + 1:04d}", number)
        print(f"{runs} runs, {size / 2**20:,.0f} MiB of records")
        ways = {
            "summarize": tombench("stage=summarize", f"output_root={outputs}"),
            "pandas": [sys.executable, "-c", READING, str(outputs / "eval")],
        }
        for way, command in ways.items():
            found = measured(command)
            print(
                f"{way:10} {found.seconds:7.1f} s ({found.processor:.1f} s of processor) "
                f"{found.mib:8,.0f} MiB"
            )
        for name in ("report.html", "tables/records.parquet", "tables/records.csv"):
            path = outputs / "summarize" / "v0001" / name
            if path.exists():
                print(f"{name:24} {path.stat().st_size / 1e6:6.2f} MB")


if __name__ == "__main__":
    main()
