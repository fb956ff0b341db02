"""Commands as the docs show them: where they stand, and what tombench makes of each."""

import re
import shlex
from functools import cache

from hydra import version

from tombench import cli, overrides


def commands_in(text: str) -> list[str]:
    """Every `tombench …` between backticks or in an indented block, blanks made one."""
    found = re.findall(r"`(tombench\s[^`]*)`", text)
    found += re.findall(r"^ {4,}(tombench(?=\s)[^#\n]*)", text, re.MULTILINE)
    return sorted({" ".join(command.split()) for command in found})


@cache
def checked(command: str) -> overrides.Checked | None:
    """The words of a command, as it would check them itself; None of one that only asks for help.

    Raises UserError as the command does.
    """
    words = shlex.split(command)[1:]
    if "--help" in words:
        return None
    folder = None
    if "--config-dir" in words:
        place = words.index("--config-dir")
        folder = words[place + 1]
        del words[place : place + 2]
    version.setbase("1.3")
    loader = cli._loader(cli._search_path(folder))
    texts = [word for word in words if not word.startswith("--")]
    return overrides.check(loader, texts, "--multirun" in words)
