"""What docs/labelling.md prints is what the code computes and writes."""

import re
from pathlib import Path

from tombench.labels.make import RULES
from tombench.labels.sheet import LABELS
from tombench.statistics.agreement import planned_kappa

PAGE = (Path(__file__).parents[2] / "docs" / "labelling.md").read_text(encoding="utf-8")


def test_the_widths_are_computed() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert [int(count) for count, _ in rows] == [50, 100, 200, 400, 800]
    for count, cells in rows:
        planned = [
            planned_kappa(k, share, int(count)) for share in (0.5, 0.9) for k in (0.6, 0.8, 0.9)
        ]
        assert cells == " | ".join(f"{one.low:.2f} to {one.high:.2f}" for one in planned)


def test_every_label_is_explained() -> None:
    table = PAGE.split("| label | the answer |")[1].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", table)) == set(LABELS)
    assert set(re.findall(r"^(\w+)  ", RULES, re.MULTILINE)) == set(LABELS)
