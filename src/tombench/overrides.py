"""Check the words of a command before anything runs, and tell all mistakes at once.

Hydra stops at the first word that it does not know; here every word is held against the groups
(files) and classes (keys) that exist, sweeps value by value.
"""

import re
from dataclasses import dataclass
from functools import partial
from typing import get_origin, get_type_hints

from hydra.core.config_loader import ConfigLoader
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from tombench.config import build, common, fields, target_class
from tombench.errors import UserError, listed, nearest, told
from tombench.unread import unread

CONFIG_NAME = "config"
NOT_CHECKED = ("hydra", "hydra/")
COMPONENTS = (
    *("task", "model", "backend", "prompting", "policy", "recipe", "generation"),
    *("large", "untuned"),
)
"""Keys that name a class."""


@dataclass(frozen=True)
class Word:
    """One override of the command line, parsed."""

    text: str  # as the user typed it
    override: Override
    group: bool  # names a file of a group, not a value

    @property
    def key(self) -> str:
        return self.override.get_key_element().lstrip("+~")

    def values(self) -> list[str]:
        """Its values, as Hydra writes them; several where it is a sweep."""
        if self.override.is_sweep_override():
            return list(self.override.sweep_string_iterator())
        return [self.override.get_value_element_as_str()]

    def with_value(self, value: str) -> str:
        return f"{self.override.input_line.split('=', 1)[0]}={value}"


@dataclass(frozen=True)
class Checked:
    """The words of a command, all of them sound."""

    texts: list[str]  # as Hydra shall get them
    unused: list[str]  # a line for each word that the stage does not read


def check(loader: ConfigLoader, texts: list[str], multirun: bool) -> Checked:
    """Check every word, sweeps value by value.

    A key that its class knows but its YAML file leaves to the default is given the prefix that
    Hydra wants for new keys.

    Raises:
        UserError: one line for every mistake in any word.
    """
    words, mistakes = _parsed(loader, texts)
    wrong = {word.text: _word_mistakes(loader, word, multirun) for word in words}
    sound = [word for word in words if not wrong[word.text]]
    spoilt = {word.key for word in words if word.group and wrong[word.text]}
    groups = [word.with_value(word.values()[0]) for word in sound if word.group]
    base = compose(loader, groups)
    sound = [word for word in sound if word.group or word.key.split(".")[0] not in spoilt]
    for word in sound:
        wrong[word.text] = [] if word.group else _key_mistakes(base, loader, word)
    sound = [word for word in sound if not wrong[word.text]]
    mistakes += [mistake for found in wrong.values() for mistake in found]
    rewritten = {word.text: _rewritten(base, word) for word in sound}
    mistakes += _value_mistakes(loader, sound, rewritten)
    if mistakes:
        raise UserError(*dict.fromkeys(mistakes))
    return Checked([rewritten.get(text, text) for text in texts], unread(base, texts))


def compose(loader: ConfigLoader, overrides: list[str]) -> DictConfig:
    """Compose one job's configuration.

    Raises:
        UserError: Hydra or OmegaConf refuses; their first lines say why.
    """
    try:
        return loader.load_configuration(CONFIG_NAME, overrides, run_mode=RunMode.RUN)
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(" ".join(str(error).split())) from error


def _parsed(loader: ConfigLoader, texts: list[str]) -> tuple[list[Word], list[str]]:
    parser = OverridesParser.create(config_loader=loader)
    words, mistakes = [], []
    for text in texts:
        override = _override(parser, text) or _override(parser, _quoted(text))
        if override is None or not override.key_or_group:
            mistakes.append(told(f"{text}: not understood; write key=value", _meant(loader, text)))
            continue
        if override.key_or_group.startswith(NOT_CHECKED):
            continue
        group = bool(loader.get_group_options(override.key_or_group, ObjectType.CONFIG))
        words.append(Word(text, override, group))
    return words, mistakes


def _override(parser: OverridesParser, text: str) -> Override | None:
    try:
        return parser.parse_overrides([text])[0]  # this form lends it the loader, for glob(…)
    except HydraException:
        return None


def _quoted(text: str) -> str:
    """The word with its value in quotes, for a path that Hydra's grammar does not take as it is."""
    key, equals, value = text.partition("=")
    mark = '"' if "'" in value else "'"
    value = re.sub(rf"(\\*)({mark}|$)", lambda m: m[1] * 2 + ("\\" + m[2] if m[2] else ""), value)
    return f"{key}{equals}{mark}{value}{mark}"


def _word_mistakes(loader: ConfigLoader, word: Word, multirun: bool) -> list[str]:
    """What is wrong with a word whatever the others are."""
    if word.override.is_sweep_override() and not multirun:
        hint = "give one, or add --multirun; a comma of a path wants quotes: key=\"'a,b'\""
        hint = "several runs are a list: run=[A,B]" if word.key == "run" else hint
        return [f"{word.text}: several values need --multirun; {hint}"]
    if not word.group:
        return []
    group = word.override.key_or_group
    options = loader.get_group_options(group, ObjectType.CONFIG)
    if word.override.is_delete():
        return [f"{word.text}: a group cannot be taken out; give {listed(options)}"]
    own = "a folder or Hub id of your own: model=local model.path=…" if group == "model" else ""
    return [
        told(f"{word.key}={value}: no such option", nearest(value, options), own, listed(options))
        for value in word.values()
        if value not in options
    ]


def _meant(loader: ConfigLoader, text: str) -> str:
    """A hint for a bare word: an option's or a switch's name."""
    for group in loader.list_groups(""):
        if text in loader.get_group_options(group, ObjectType.CONFIG):
            return f"did you mean {group}={text}?"
    return f"did you mean {text}=true?" if text in ("dry_run", "quiet", "debug", "rerun") else ""


def _key_mistakes(config: DictConfig, loader: ConfigLoader, word: Word) -> list[str]:
    """Walk the key part by part; the first part that nothing knows is the mistake."""
    node, walked = config, []
    for part in word.key.split("."):
        if not isinstance(node, DictConfig) or _is_free(config, walked):
            return []  # inside a free value, such as a list or the user's names of columns
        known = fields(node, ".".join(walked)) if walked else _top_level(config, loader)
        if word.override.is_delete():  # what another file set and this class does not know
            known = [*known, *map(str, node)]
        if part not in known:
            where = ".".join([*walked, part])
            hint = _leaf(config, part) or nearest(part, known)
            return [told(f"{word.text}: no such key '{where}'", hint, listed(known))]
        walked.append(part)
        node = OmegaConf.select(node, part)
    return []


def _is_free(config: DictConfig, walked: list[str]) -> bool:
    """Does a mapping whose keys are the user's own stand at this key?"""
    *above, name = walked or [""]
    node = OmegaConf.select(config, ".".join(above)) if above else None
    if not isinstance(node, DictConfig) or "_target_" not in node:
        return False
    hint = get_type_hints(target_class(node, ".".join(above))).get(name)
    return get_origin(hint) is dict


def _leaf(config: DictConfig, name: str) -> str:
    """A hint for a key that was given without its component: temperature, repetitions."""
    for key in (one for one in COMPONENTS if one in config):
        if name in fields(config[key], key):
            return f"did you mean '{key}.{name}'?"
    return ""


def _top_level(config: DictConfig, loader: ConfigLoader) -> list[str]:
    groups = loader.list_groups("")
    return sorted({*(str(key) for key in config), *groups} - {"hydra", "__pycache__"})


def _rewritten(base: DictConfig, word: Word) -> str:
    """`++key=value` where the class knows the key and the YAML file does not spell it out."""
    text = word.override.input_line
    if word.group or text.startswith(("+", "~")):
        return text
    node = base
    for part in word.key.split("."):
        if not isinstance(node, DictConfig) or part not in node:
            return f"++{text}"
        node = OmegaConf.select(node, part)
    return f"++{text}" if _is_free(base, word.key.split(".")) else text


def _value_mistakes(
    loader: ConfigLoader, words: list[Word], rewritten: dict[str, str]
) -> list[str]:
    """Build every component with each word's values, the other words at their first value."""
    first = {word.text: word.values()[0] for word in words if not word.text.startswith("~")}
    jobs = [first]
    for word in words:
        jobs += [{**first, word.text: value} for value in word.values()[1:]]
    deletions = [word.text for word in words if word.text.startswith("~")]
    return [
        mistake
        for job in jobs
        for mistake in _build_mistakes(
            loader, [f"{rewritten[text].split('=', 1)[0]}={job[text]}" for text in job] + deletions
        )
    ]


def _build_mistakes(loader: ConfigLoader, texts: list[str]) -> list[str]:
    try:
        config = compose(loader, texts)
        stage = target_class(config.stage, "stage")
    except UserError as error:
        return list(error.mistakes)
    mistakes: list[str] = []
    components = [key for key in stage.uses if key in COMPONENTS and key in config]
    for check in (common, *(partial(build, key=key) for key in ["stage", *components])):
        try:
            check(config)
        except UserError as error:
            mistakes += error.mistakes
    return mistakes
