"""The `tombench` command: check every word, compose the configuration, run the stage.

    tombench stage=eval task=vignettes model=tiny prompting=cot

Hydra composes and sweeps; the exit status, the errors and the run folder are ours.
"""

import os
import sys
import time
import traceback
from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from functools import partial
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
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from tombench import __version__, overrides
from tombench.config import CONFIG_DIR, build, settled
from tombench.errors import RunFailed, UserError
from tombench.processes import GO_ON, Stopped, enlist, leave, place, why_stopped
from tombench.stages.base import log_to_stderr
from tombench.stages.evaluate import Evaluate
from tombench.sweeps.launch import sweep
from tombench.sweeps.marks import in_sweep, marked, patiently
from tombench.sweeps.named import with_named
from tombench.sweeps.outcome import Outcome, summary_words, tell_outcomes
from tombench.terminal import visible

CONFIGS = "pkg://tombench.configs"
INTERRUPTED = 130
NOT_OURS = ("config_path", "config_name", "experimental_rerun")
"""Hydra's flags that do nothing here."""


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
        return tell(_unexpected(error, debug=_wants_debug(arguments)), debug=False)
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
    """One job, or the jobs of a sweep and their summary; the worst status of all."""
    loader = _loader(search_path)
    texts, multirun = with_named(loader, overrides.CONFIG_NAME, texts, multirun)
    checked = overrides.check(loader, texts, multirun)
    for line in checked.unused:
        print(f"note: {line}", file=sys.stderr)
    hydra = Hydra.create_main_hydra2(task_name="tombench", config_search_path=search_path)
    if not multirun:
        return _run_one(hydra, checked.texts, job).status
    if place().world > 1:
        raise UserError("--multirun: torchrun starts one job; give it one job after the other")
    began = time.time()
    jobs = sweep(hydra, overrides.CONFIG_NAME, job, [*checked.texts, "hydra.mode=MULTIRUN"])
    summary = summary_words(jobs)
    told = _run_one(hydra, summary, _job) if summary else Outcome(0)
    _say("summary", told)
    return max(told.status, tell_outcomes(jobs, began))


def _run_one(hydra: Hydra, words: Sequence[str], task: Callable[[DictConfig], Outcome]) -> Outcome:
    return hydra.run(overrides.CONFIG_NAME, task, [*words, "hydra.mode=RUN"]).return_value


def job(config: DictConfig) -> Outcome:
    """One job: build its stage, run it, print where the results are; what it came to.

    Nothing but an interrupt is raised: one failed job does not end a sweep, Ctrl-C does.
    """
    outcome = marked(_job, config)
    _say("results", outcome)
    return outcome


def _say(what: str, outcome: Outcome) -> None:
    """Where a job's results are, if it has any and anybody reads."""
    try:
        if outcome.folder:
            print(f"{what}: {outcome.folder}", flush=True)
    except BrokenPipeError:
        _nobody_reads()


def _job(config: DictConfig) -> Outcome:
    try:
        return _done(settled(config))
    except UserError as error:
        return _failed(error, debug=config.debug)
    except BrokenPipeError:
        _nobody_reads()
        return Outcome(0)
    except Exception as error:
        return _failed(_unexpected(error, debug=config.debug), debug=False)


def _done(config: DictConfig) -> Outcome:
    """Run the job's stage."""
    log_to_stderr(config.quiet)
    stage = build(config, "stage")
    if not _has_work(stage, config):
        return Outcome(0)
    run = partial(stage.run, config)
    folder = patiently(run) if in_sweep() else run()
    if folder is None:
        return Outcome(0)
    return Outcome(0, str(folder), evaluated=isinstance(stage, Evaluate))


def _failed(error: UserError, debug: bool) -> Outcome:
    return Outcome(tell(error, debug), reason="; ".join(error.mistakes))


def _has_work(stage: object, config: DictConfig) -> bool:
    """Has this process a share? Process 0 always; others where the stage deals out its work."""
    here = place()
    shares = getattr(stage, "several_processes", False) and not config.dry_run
    if here.leads and here.world > 1 and not shares:
        print("note: one process does this; the others have nothing to do", file=sys.stderr)
    return here.leads or shares


def _nobody_reads() -> None:
    """`tombench … | head` has seen enough; what else would be printed goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(error: UserError, debug: bool) -> int:
    """Print a mistake as plain lines on standard error; its exit status."""
    if debug:
        traceback.print_exception(error)
    if not place().leads:
        return leave(error)
    for line in error.mistakes:
        print(f"tombench: {visible(line)}", file=sys.stderr)
    return error.status


def _unexpected(error: Exception, debug: bool) -> RunFailed:
    """A bug, or what else nobody foresaw, as one line."""
    if debug:
        traceback.print_exception(error)
    first = (str(error).splitlines() or [""])[0]
    return RunFailed(f"{type(error).__name__}: {first}; debug=true shows where")


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


def _hydra_says(args: Namespace, parser: ArgumentParser) -> int:
    """--help, --cfg, --info and shell completion are Hydra's own."""
    try:
        _run_hydra(args, parser, job, CONFIGS, overrides.CONFIG_NAME)
    except SystemExit as end:
        return 2 if end.code else 0
    return 0


def _wants_debug(arguments: Sequence[str]) -> bool:
    return any(word.lower() == "debug=true" for word in arguments)
