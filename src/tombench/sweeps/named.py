"""An experiment that is a table of several runs names its sweep in its file, in Hydra's own place.

    hydra:
      sweeper:
        params:
          prompting: base,sbs,cot,sbs_cot

These become words of the command, so that they are checked as the user's are and one command runs
the table. A word of the user's own with the same key stands in the file's place, and what the stage
does not read is left out.
"""

import re
from collections.abc import Sequence
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from tombench.config import target_class
from tombench.errors import UserError
from tombench.sweeps.outcome import key_of

PARAMS = "hydra.sweeper.params"
GIVEN_ANSWERS = re.compile(r"\+*task\.answers=(?!null$)")
OF_A_MODEL = frozenset({"model", "backend", "prompting", "generation"})
"""What is not read where files of answers are scored."""


def with_named(
    loader: ConfigLoader, config_name: str, texts: list[str], multirun: bool
) -> tuple[list[str], bool]:
    """A command's words with those that its experiment sweeps over; whether it is a sweep."""
    if "experiment" not in map(key_of, texts):
        return texts, multirun
    groups = [text for text in texts if text.startswith(("experiment=", "stage="))]
    try:
        config = loader.load_configuration(config_name, groups, run_mode=RunMode.RUN)
        params = OmegaConf.select(config, PARAMS) or {}
        read = _read(config, texts)
    except (HydraException, OmegaConfBaseException, UserError):
        return texts, multirun  # of a word that is wrong the check of all words tells
    if not params:
        return texts, multirun
    named = {str(key): value for key, value in params.items() if _root(str(key)) in read}
    given = set(map(key_of, texts))
    own = [f"{key}={_values(value)}" for key, value in named.items() if key not in given]
    return [*texts, *own, f"{PARAMS}=null"], multirun or bool(named)


def _read(config: DictConfig, texts: Sequence[str]) -> set[str]:
    """The components that the stage reads of this command."""
    read = set(target_class(config.stage, "stage").uses)
    return read - OF_A_MODEL if any(map(GIVEN_ANSWERS.match, texts)) else read


def _root(key: str) -> str:
    """The component that a word is of: task of task.theme, large of model@large."""
    return key.lstrip("+~").partition(".")[0].rpartition("@")[2]


def _values(value: Any) -> str:
    return ",".join(map(str, value)) if OmegaConf.is_list(value) else str(value)
