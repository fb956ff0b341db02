"""An experiment's trial: the command in its header that runs it in minutes on `tiny`."""

import re
import shlex
from pathlib import Path

from tombench.errors import UserError

TRIAL = re.compile(r"^# Trial: tombench ([^\n]*(?:\n#   [^\n]*)*)", re.MULTILINE)


def trial_words(path: Path) -> list[str]:
    """The words of the command after `# Trial: tombench`; further lines begin with three blanks.

    Raises:
        UserError: the file names no trial.
    """
    found = TRIAL.search(path.read_text(encoding="utf-8"))
    if found is None:
        raise UserError(f"{path}: its header has no line '# Trial: tombench …'")
    return shlex.split(found[1].replace("\n#   ", " "))
