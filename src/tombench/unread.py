"""What of a command its stage, backend or task does not read: a note each."""

import re
from collections.abc import Iterable, Mapping, Sequence

from omegaconf import DictConfig

from tombench.config import target_class

FEW_TASKS = frozenset({"policy", "large", "untuned"})
"""Groups that only a task with them in its `reads` reads."""


def unread(config: DictConfig, texts: Sequence[str]) -> list[str]:
    """A line for each group or key that was given and that this stage does not read."""
    stage = target_class(config.stage, "stage")
    ignored = set()
    if "backend" in stage.uses:
        ignored = set(getattr(target_class(config.backend, "backend"), "unused", ()))
    files = any(re.match(r"\+*task\.answers=(?!null$)", text) for text in texts)
    always = {"stage", "experiment", "hydra", "seed", "output_root", "dry_run", "quiet", "debug"}
    always |= {"rerun"}
    keys = {text.lstrip("+~").split("=")[0] for text in texts}
    given = {key.split(".")[0].rpartition("@")[2] for key in keys}
    lines = _of_few_tasks(config, given & set(stage.uses)) if "task" in stage.uses else []
    lines += [
        f"{key} is not used by the stage {stage.__name__.lower()}; given all the same, and ignored"
        for key in sorted(given - always - set(stage.uses) - _prepared_with(config, stage))
        if "/" not in key
    ]
    if files:
        scored = "is not read: what the files hold is scored, whatever model or prompting it is of"
        lines += [
            f"{key} {scored}"
            for key in sorted(given & {"model", "backend", "prompting", "generation"})
        ]
    mind = "is not read by this backend: it only names the run folder"
    field = "is not read by this backend, and ignored"
    lines += [f"{key} {mind}" for key in sorted(given & ignored if not files else ())]
    lines += [f"{key} {field}" for key in sorted((keys - given) & ignored)]
    if "task" in stage.uses:
        lines += _of_another_stage(config, texts) + _of_another_suite(config, texts)
    return lines


def _prepared_with(config: DictConfig, stage: type) -> set[str]:
    """Groups that this task's stage=prepare reads beside the task."""
    if stage.__name__ != "Prepare":
        return set()
    return set(getattr(target_class(config.task, "task"), "prepares_with", ()))


def _of_few_tasks(config: DictConfig, given: Iterable[str]) -> list[str]:
    """A line for each group that some tasks read, and this one does not."""
    task = target_class(config.task, "task")
    never = getattr(task, "unused", ())  # a property where it hangs on the suite: told elsewhere
    unused = FEW_TASKS - set(getattr(task, "reads", ())) | set(
        never if isinstance(never, frozenset) else ()
    )
    return [
        f"{group} is not used by task={config.task.name}; given all the same, and ignored"
        for group in sorted(unused.intersection(given))
    ]


def _of_another_stage(config: DictConfig, texts: Sequence[str]) -> list[str]:
    """A line for each key of the task that it reads in another stage than this one."""
    read_by = getattr(target_class(config.task, "task"), "read_by", {})
    stage = target_class(config.stage, "stage").__name__.lower()
    given = (text.lstrip("+~").partition("=") for text in texts)
    keys = {key.removeprefix("task.") for key, _, value in given if value != "null"}
    return [
        f"task.{key} is read by stage={read_by[key]} alone; given all the same, and ignored"
        for key in sorted(keys & {*read_by})
        if not stage.startswith(read_by[key])
    ]


def _of_another_suite(config: DictConfig, texts: Sequence[str]) -> list[str]:
    """A line for each word that the task reads with another `task.suite` than the one chosen."""
    read_with: Mapping[str, frozenset[str]] = getattr(
        target_class(config.task, "task"), "read_with", {}
    )
    words = {key: value for key, _, value in (text.lstrip("+~").partition("=") for text in texts)}
    suite = words.get("task.suite", str(config.task.get("suite")))
    suites = [name for name in re.findall(r"\w+", suite) if name in read_with]  # several: a sweep
    if not suites:
        return []
    task = {name: words.get(f"task.{name}", str(value)) for name, value in config.task.items()}
    chosen = [key for name in suites for key in _read_as(name, read_with, task)]
    elsewhere = frozenset().union(*read_with.values()).difference(*(read_with[k] for k in chosen))
    uses = target_class(config.stage, "stage").uses
    switched = sorted({f" task.{key.partition('.')[2]}=true" for key in chosen if "." in key})
    return [
        f"{key} is not read with task.suite={''.join([suite, *switched])}; given all the same, and "
        "ignored"
        for key in sorted(words.keys() & elsewhere)
        if words[key] != "null" and key.split(".")[0] in uses
    ]


def _read_as(suite: str, keys: Iterable[str], task: Mapping[str, str]) -> list[str]:
    """Under which keys it stands what the suite reads: its name, or SUITE.SWITCH where that field
    of the task is true; both in a sweep over the switch."""
    found = []
    for key in keys:
        name, _, switch = key.partition(".")
        if name == suite and switch:
            states = re.findall("true|false", task[switch].lower())
            found += [key if state == "true" else suite for state in states]
    return found or [suite]
