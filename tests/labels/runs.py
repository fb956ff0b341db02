"""Runs with known answers: what label sheets and judges are tried on."""

import json
from pathlib import Path

from tombench.config import plain
from tombench.schema import Record, Score

SCENES = {
    "door": ("The door was painted at night. Ada slept.", "Does Ada think it is red?", "yes"),
    "cake": ("The cake fell at noon. Bo saw it.", "Does Bo expect a whole cake?", "no"),
    "coat": ("Cy hung his coat up. It slid down.", "Will Cy look on the floor?", "no"),
}
"""Scene, question, right answer."""

Said = tuple[str, str, str]
"""An answer as it was given: text, answer that the rules read, category."""

ANSWERS: dict[str, list[Said]] = {
    "door": [
        ("Yes.", "yes", "answered"),
        ("Yes.", "yes", "answered"),
        ("=1+1, she cannot say", "unparsed", "question_evasion"),
    ],
    "cake": [
        ("Yes, a whole one.", "yes", "answered"),
        ("No, he saw\nit fall.", "no", "answered"),
        ("A cake. A cake. A cake.", "unparsed", "rambling"),
    ],
    "coat": [
        ("No.", "no", "answered"),
        ("\x1b[31mno", "no", "answered"),
        ("", "unparsed", "unparsed"),
    ],
}


def data_file(folder: Path) -> Path:
    """The scenes as a file of the published form."""
    entries = [
        {"id": name, "context": context, "question": question, "answer": answer, "reality": answer}
        for name, (context, question, answer) in SCENES.items()
    ]
    path = folder / "scenes.json"
    path.write_text(json.dumps({"scenarios": entries}))
    return path


def recorded_run(folder: Path, label: str = "m", prompting: str = "base") -> Path:
    """A finished run of ANSWERS: eight free answers and an empty one."""
    folder.mkdir(parents=True)
    run = {
        "identity_hash": "0" * 64,
        "status": "finished",
        "started": "",
        "ended": "",
        "label": label,
        "command": "tombench",
        "identity": {
            "stage": "eval",
            "task": {"name": "vignettes"},
            "prompting": {"name": prompting},
        },
        "configuration": {"task": {"data": str(data_file(folder))}},
    }
    (folder / "run.json").write_text(json.dumps(run))
    lines = [
        json.dumps(plain(_record(name, number, said, label)))
        for name, answers in ANSWERS.items()
        for number, said in enumerate(answers)
    ]
    (folder / "records.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "metrics.json").write_text('{"metrics": {}, "groups": {}}')
    return folder


def _record(name: str, number: int, said: Said, label: str) -> Record:
    context, question, right = SCENES[name]
    text, answer, category = said
    return Record(
        id=f"{name}/{number:02d}",
        item=name,
        repetition=number,
        cluster=name,
        condition={"kind": "belief"},
        prompt=f"{label}: {context} {question} ",
        response=text,
        target=right,
        score=Score(float(answer == right), answer, "as the rules say", category),
    )
