"""The `tombench` command: check every word, compose the configuration, run the stage.

    tombench stage=eval task=vignettes model=tiny prompting=cot

Hydra composes and sweeps; the exit status, the errors and the run folder are ours.
"""

import logging
import os
import sys
import tempfile
import traceback
from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.hydra import Hydra
from hydra._internal.utils import (
    _run_hydra,
    create_automatic_config_search_path,
    get_args_parser,
)
from hydra.core.config_search_path import ConfigSearchPath, SearchPathQuery
from hydra.core.global_hydra import GlobalHydra
from hydra.core.utils import JobReturn, JobStatus
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from tombench import __version__, overrides
from tombench.config import CONFIG_DIR, build, settled
from tombench.errors import RunFailed, UserError
from tombench.processes import GO_ON, Stopped, enlist, leave, place, why_stopped
from tombench.terminal import visible

CONFIGS = "pkg://tombench.configs"
INTERRUPTED = 130
NOT_OURS = ("config_path", "config_name", "experimental_rerun")
"""Hydra's flags that do nothing here."""

logger = logging.getLogger("tombench")


def main() -> None:
    """Console entry point: exits 0 done, 2 the user's mistake, 130 interrupted, 1 anything else."""
    if place().world == 1:
        sys.exit(run(sys.argv[1:]))
    enlist(debug=_wants_debug(sys.argv))
    try:
        sys.exit(run(sys.argv[1:]))
    except Stopped as stopped:  # while it told, or waited for process 0 to tell, of a failure
        sys.exit(_interrupted(stopped))


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit status."""
    if "--version" in arguments:
        print(f"tombench {__version__}")
        return 0
    version.setbase("1.3")
    parser = get_args_parser()
    parser.prog = "tombench"
    try:
        args = _flags(parser, arguments)
        search_path = _search_path(args.config_dir)
        if args.cfg and args.multirun:
            raise UserError("--cfg shows one job: leave --multirun out")
        if args.multirun and place().world > 1:
            raise UserError("--multirun: torchrun starts one job; give it one job after the other")
        if args.help or args.hydra_help or args.cfg or args.info or args.shell_completion:
            if not place().leads:
                return 0
            if args.cfg:
                args.overrides = overrides.check(_loader(search_path), args.overrides, True).texts
            return _hydra_says(args, parser)
        return _run_jobs(search_path, args.overrides, args.multirun)
    except UserError as error:
        return tell(error, debug=_wants_debug(arguments))
    except KeyboardInterrupt as stop:
        return _interrupted(stop)
    except (HydraException, OmegaConfBaseException) as error:
        return tell(UserError(" ".join(str(error).split())), debug=_wants_debug(arguments))
    except Exception as error:
        return _unexpected(error, debug=_wants_debug(arguments))
    finally:
        GlobalHydra.instance().clear()


def _flags(parser: ArgumentParser, arguments: Sequence[str]) -> Namespace:
    """Flags and overrides, in any order."""
    parser.exit_on_error = False
    try:
        args, unknown = parser.parse_known_intermixed_args(list(arguments))
    except ArgumentError as error:
        raise UserError(f"{error}; see tombench --help") from error
    refused = [f"--{name.replace('_', '-')}" for name in NOT_OURS if getattr(args, name)]
    if unknown or refused:
        mistakes = (f"{word}: no such flag; see tombench --help" for word in [*unknown, *refused])
        raise UserError(*mistakes)
    return args


def _run_jobs(search_path: ConfigSearchPath, texts: list[str], multirun: bool) -> int:
    """One job, or the jobs of a sweep; the worst status of all."""
    loader = _loader(search_path)
    checked = overrides.check(loader, texts, multirun)
    for line in checked.unused:
        print(f"note: {line}", file=sys.stderr)
    hydra = Hydra.create_main_hydra2(task_name="tombench", config_search_path=search_path)
    if not multirun:
        words = [*checked.texts, "hydra.mode=RUN"]
        return int(hydra.run(overrides.CONFIG_NAME, job, words).return_value)
    with tempfile.TemporaryDirectory(prefix="tombench-sweep-") as folder:
        words = [*checked.texts, "hydra.mode=MULTIRUN", *_sweep_folder(checked.texts, folder)]
        batches = hydra.multirun(overrides.CONFIG_NAME, job, words)
    return _sweep_status([done for batch in batches for done in batch])


def job(config: DictConfig) -> int:
    """One job: build its stage, run it, print where the results are; its exit status.

    Nothing but an interrupt is raised: one failed job does not end a sweep, Ctrl-C does.
    """
    try:
        config = settled(config)
        _log_to_stderr(config.quiet)
        stage = build(config, "stage")
        folder = stage.run(config) if _has_work(stage, config) else None
        if folder is not None:
            print(f"results: {folder}", flush=True)
    except UserError as error:
        return tell(error, debug=config.debug)
    except BrokenPipeError:
        return _nobody_reads()
    except Exception as error:
        return _unexpected(error, debug=config.debug)
    return 0


def _has_work(stage: object, config: DictConfig) -> bool:
    """Has this process a share? Process 0 always; others where the stage deals out its work."""
    here = place()
    shares = getattr(stage, "several_processes", False) and not config.dry_run
    if here.leads and here.world > 1 and not shares:
        print("note: one process does this; the others have nothing to do", file=sys.stderr)
    return here.leads or shares


def _nobody_reads() -> int:
    """`tombench … | head` has seen enough; what else would be printed goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def tell(error: UserError, debug: bool) -> int:
    """Print a mistake as plain lines on standard error; its exit status."""
    if debug:
        traceback.print_exception(error)
    if not place().leads:
        return leave(error)
    for line in error.mistakes:
        print(f"tombench: {visible(line)}", file=sys.stderr)
    return error.status


def _unexpected(error: Exception, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    first = (str(error).splitlines() or [""])[0]
    line = f"{type(error).__name__}: {first}; debug=true shows where"
    return tell(RunFailed(line), debug=False)


def _interrupted(stop: KeyboardInterrupt) -> int:
    if not place().leads:
        return INTERRUPTED
    if isinstance(stop, Stopped):
        return tell(why_stopped(), debug=False)
    print(f"tombench: interrupted; {GO_ON}", file=sys.stderr)
    return INTERRUPTED


def _search_path(config_dir: str | None) -> ConfigSearchPath:
    """Our own configs, and before them the user's `--config-dir`."""
    path = create_automatic_config_search_path(None, None, CONFIGS)
    os.environ.pop(CONFIG_DIR, None)
    if config_dir is not None:
        folder = Path(config_dir).absolute()
        if not folder.is_dir():
            raise UserError(f"--config-dir {config_dir}: no such folder")
        path.prepend("command-line", f"file://{folder}", anchor=SearchPathQuery(provider="schema"))
        os.environ[CONFIG_DIR] = str(folder)  # for the workers of a sweep, too
    return path


def _loader(search_path: ConfigSearchPath) -> ConfigLoaderImpl:
    return ConfigLoaderImpl(config_search_path=search_path)


def _sweep_folder(texts: list[str], folder: str) -> list[str]:
    """Send what Hydra writes beside a sweep to a folder that goes away.

    submitit keeps its job files there, and cluster nodes must see them: then it is the user's.
    """
    kept = any(text.startswith("hydra.sweep.") or "submitit" in text for text in texts)
    return [] if kept else [f"hydra.sweep.dir={folder}"]


def _sweep_status(jobs: list[JobReturn]) -> int:
    """The worst status; jobs that did not end well are named with their command."""
    worst = 0
    for done in jobs:
        status = done.return_value if done.status is JobStatus.COMPLETED else 1
        if status:
            command = " ".join(["tombench", *(done.overrides or [])])
            print(f"tombench: failed with status {status}: {command}", file=sys.stderr)
        worst = max(worst, status)
    if len(jobs) > 1:
        failed = sum(
            1 for done in jobs if done.status is not JobStatus.COMPLETED or done.return_value
        )
        print(f"sweep: {len(jobs) - failed} of {len(jobs)} jobs done", file=sys.stderr)
    return worst


def _hydra_says(args: Namespace, parser: ArgumentParser) -> int:
    """--help, --cfg, --info and shell completion are Hydra's own."""
    try:
        _run_hydra(args, parser, job, CONFIGS, overrides.CONFIG_NAME)
    except SystemExit as end:
        return 2 if end.code else 0
    return 0


def _wants_debug(arguments: Sequence[str]) -> bool:
    return any(word.lower() == "debug=true" for word in arguments)


def _log_to_stderr(quiet: bool) -> None:
    """Warnings (and notes, unless quiet) of ours as plain lines on standard error."""
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(logging.DEBUG)  # log.txt takes it all
    logger.handlers[0].setLevel(logging.WARNING if quiet else logging.INFO)
