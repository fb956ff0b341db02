"""Gather a statistic of samples into a folder; what a kill interrupts goes on from there."""

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from tombench.errors import UserError
from tombench.masking.activations import input_features, squared_inputs
from tombench.masking.batching import linear_modules, spans, why_not_batched
from tombench.masking.checkpoints import Checkpoints
from tombench.masking.files import (
    HALF,
    INDEX,
    DtypeName,
    Lazy,
    Origin,
    StoredGradients,
    load_gradients,
    save_gradients,
)
from tombench.masking.names import weights_by_name
from tombench.masking.per_sample import in_batches
from tombench.masking.squared_gradients import (
    Add,
    Reduction,
    Sample,
    Statistic,
    chosen_weights,
    frozen,
    one_by_one,
    samples_digest,
)

logger = logging.getLogger("tombench")

Report = Callable[[int, int], None]
"""Told how many samples are done, and of how many."""


@dataclass(frozen=True)
class Gathering:
    """What is added up, over what."""

    samples: Sequence[Sample]
    statistic: Statistic
    reduction: Reduction  # over samples
    dtype: DtypeName  # of squares and sums
    batch_tokens: int  # of samples read at once, padding included; 1: one by one, as the study
    names: Sequence[str]  # of linear layers' matrices, as `layer_matrices` has them
    origin: Origin  # of the whole set, with this statistic, reduction and dtype

    def __post_init__(self) -> None:
        said = self.origin
        of = (said.samples, said.statistic, said.reduction, said.dtype)
        if of != (len(self.samples), self.statistic, self.reduction, self.dtype):
            raise ValueError(f"the origin is of another gathering: {self.origin}")
        if self.batch_tokens < 1:
            raise UserError(f"batch_tokens={self.batch_tokens}: give a number of tokens, 1 or more")

    @property
    def half(self) -> int:
        """How many samples the first half is of; 0: there is but one sample."""
        return len(self.samples) // 2

    @property
    def half_origin(self) -> Origin:
        """What the first half's sums are of."""
        digest = samples_digest(self.samples[: self.half])
        return replace(self.origin, samples=self.half, data=digest)

    def spans(self, start: int) -> Iterator[tuple[int, int]]:
        """Samples [a, b) that are read at once, from sample `start` on; none over the half."""
        lengths = [len(sample.ids) for sample in self.samples]
        for stop in (self.half, len(lengths)):
            yield from spans(lengths, start, stop, self.batch_tokens)
            start = max(start, stop)

    def reduced(self, sums: Mapping[str, Tensor], count: int) -> Mapping[str, Tensor]:
        """The sums, or means, over `count` samples, by name when asked for."""
        if self.reduction == "sum":
            return sums
        return Lazy(tuple(sums), lambda name: sums[name] / count)


def gather(
    network: nn.Module, plan: Gathering, folder: Path, report: Report = lambda done, total: None
) -> StoredGradients:
    """Add a statistic up over samples and write it to `folder`, a file a layer, the index last.

    Beside it `half/` holds that of the first half of the samples (`StoredGradients.halves`).
    While it lasts, `partial/` holds the sums so far, every two minutes at the most: the same call
    after a kill goes on from them and ends in the same bytes on a CPU. What is finished is read.

    Samples are read in batches where each layer sees one row a token (`why_not_batched`), else one
    by one, which a log line tells. The numbers are the same up to rounding; those of
    `batch_tokens=1` are `squared_gradients`' to the bit. The memory: `memory.gradient_memory`.

    Args:
        network: a causal language model, adapters merged; left as it was.
        plan: what is gathered.
        folder: made where it is missing.
        report: called as samples are done.

    Raises:
        UserError: a sample without a counted token, a loss or sum that is no number, a name that
            the network does not have, quantized weights, a layer whose inputs are never seen.
        RunFailed: the disk is full or cannot be written.
    """
    checkpoints = Checkpoints(folder, plan.origin, plan.batch_tokens)
    if (stored := _finished(folder, plan.origin)) is not None:
        checkpoints.remove()
        return stored
    (folder / INDEX).unlink(missing_ok=True)  # another set's, whose half is written over
    weights = chosen_weights(weights_by_name(network), plan.names)
    sums = _zeros(network, weights, plan)
    done = _restore(sums, plan, checkpoints, folder / HALF)
    with _adding(network, weights, sums, plan) as add:
        for first, stop in plan.spans(done):
            add(plan.samples[first:stop], first)
            report(stop, len(plan.samples))
            if stop == plan.half:
                save_gradients(folder / HALF, plan.reduced(sums, stop), plan.half_origin)
            if stop < len(plan.samples):
                checkpoints.keep_when_due(stop, sums)
    _refuse_gaps(sums, plan.statistic)
    save_gradients(folder, plan.reduced(sums, len(plan.samples)), plan.origin)
    checkpoints.remove()
    return load_gradients(folder)


def _finished(folder: Path, origin: Origin) -> StoredGradients | None:
    """A folder's whole set of this origin."""
    try:
        stored = load_gradients(folder)
    except UserError:  # none, or damaged
        return None
    return stored if stored.origin == origin else None


def _zeros(
    network: nn.Module, weights: Mapping[str, nn.Parameter], plan: Gathering
) -> dict[str, Tensor]:
    dtype = getattr(torch, plan.dtype)
    if plan.statistic != "activation":
        return {name: torch.zeros_like(one, dtype=dtype) for name, one in weights.items()}
    modules = linear_modules(network)
    if other := next((name for name in weights if name not in modules), None):
        raise UserError(f"activation: {other} is no linear layer's matrix; leave it out")
    return {
        name: torch.zeros(input_features(modules[name]), dtype=dtype, device=one.device)
        for name, one in weights.items()
    }


def _restore(
    sums: Mapping[str, Tensor], plan: Gathering, checkpoints: Checkpoints, half: Path
) -> int:
    """Put a checkpoint's sums into `sums`; how many samples they are of."""
    stored = checkpoints.newest()
    done = 0 if stored is None or set(stored) != set(sums) else stored.origin.samples
    if done >= plan.half > 0 and _finished(half, plan.half_origin) is None:
        done = 0
    if done == 0:
        shutil.rmtree(half, ignore_errors=True)
        return 0
    for name, total in sums.items():
        total.copy_(stored[name])
    logger.info("gradients: %d of %d samples were done", done, len(plan.samples))
    return done


def _adding(
    network: nn.Module,
    weights: Mapping[str, nn.Parameter],
    sums: Mapping[str, Tensor],
    plan: Gathering,
) -> AbstractContextManager[Add]:
    """What adds a span of samples to `sums`: at once, or one by one."""
    modules = {name: layer for name, layer in linear_modules(network).items() if name in weights}
    signed = plan.statistic == "gradient"
    why = None
    if plan.batch_tokens > 1:  # one by one, nothing needs to be known of the network
        other = next((name for name in weights if name not in modules), None)
        with frozen(network):
            why = f"{other} is no matrix" if other else why_not_batched(network, modules)
        if why is not None:
            logger.info("gradients: samples are read one by one, as %s", why)
    if plan.statistic == "activation":
        return squared_inputs(network, modules, sums, alone=why is not None)
    if plan.batch_tokens == 1 or why is not None:
        return one_by_one(network, weights, sums, signed)
    return in_batches(network, modules, sums, signed)


def _refuse_gaps(sums: Mapping[str, Tensor], statistic: Statistic) -> None:
    for name, total in sums.items():
        if total.isnan().any():
            raise UserError(
                f"{statistic} of {name} is no number; load the model in another dtype "
                "(model.dtype=float32)"
            )
        if statistic == "activation" and not total.any():
            raise UserError(
                f"activation: nothing was seen to enter {name}, which the network uses without "
                "calling its layer, or no sample reaches; choose another score"
            )
