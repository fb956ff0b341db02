"""One task of each paradigm in the published form, with what goes wrong in such files."""

import json
from pathlib import Path

CONTENTS = {
    "txt": "A CX full of S1 has the label \"S2\".  XNAM lifts the CX.",
    "txt_correctlabel": "A CX full of S1 has the label \"S1\". XNAM lifts the CX.",
    "o1": "pens", "o2": "pencils", "c": "urn",
    "xnam": "The baker", "xpro": "he", "obj_pro": "him", "pos_pro": "his", "NUMBER": 3,
}  # fmt: skip
TRANSFER = {
    "txt": "B put it in the bag,then left.A moved it to the box.",
    "txt_notransfer": "B put it in the bag.",
    "txt_informed": "A tells B of the box.",
    "txt_present": "A moved it from the bag to the box; B saw it.",
    "o1": "box", "o2": "bag", "q1": "It is in the", "q2": "B will look in the",
}  # fmt: skip
IRONY = {"txt": "Rain. Question: Dry?", "txt_reverse": "Sun. Question: Dry?"}


def tasks_file(path: Path, **lists: list) -> Path:
    path.write_text(json.dumps(lists, indent=1))
    return path
