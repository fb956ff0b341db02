"""A loaded model with its gradients, and all masks that follow from them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tombench.models.base import Model
from tombench.tasks.preparation import Whereabouts
from tombench.tasks.sparsity_conditions import Condition
from tombench.tasks.sparsity_data import GENERAL, MATCHED_SET, TOM, GeneralText, TomText
from tombench.tasks.sparsity_gradients import Gradients, GradientSettings
from tombench.tasks.sparsity_options import MaskOptions

if TYPE_CHECKING:
    from torch import Tensor

    from tombench.masking.masks import Mask
    from tombench.masking.sweep import Sweep
    from tombench.models.load import Loaded

logger = logging.getLogger("tombench")


@dataclass(frozen=True)
class Wanted:
    """What is masked in a run."""

    options: MaskOptions
    task: str
    conditions: Sequence[Condition]
    seed: int
    where: Whereabouts


@dataclass(frozen=True, eq=False)
class MaskedModel:
    """A loaded model with its gradients, and the masks that follow from them."""

    wanted: Wanted
    model: Model
    loaded: "Loaded"

    @cached_property
    def weights(self) -> Mapping[str, Any]:
        """The matrices that can be masked."""
        from tombench.masking.names import layer_matrices, weights_by_name

        named = weights_by_name(self.loaded.causal_lm)
        return {name: named[name] for name in layer_matrices(self.loaded.causal_lm)}

    @cached_property
    def application(self) -> Any:
        from tombench.masking.applying import Application

        return Application(self.weights)

    @cached_property
    def replacement(self) -> Any:
        from tombench.masking.applying import Replacement

        options = self.wanted.options
        return Replacement(options.replacement, options.scale, self.wanted.seed)

    @cached_property
    def stored(self) -> Mapping[str, Any]:
        """Gradient sets by name: the user's, and those that are made or found; {} where the score
        needs none."""
        from tombench.masking.files import find_gradients, load_gradients

        options = self.wanted.options
        needed = texts_of(options, self.wanted.seed)
        given = {name: path for name, path in vars(options.gradients).items() if path}
        found = {}
        for name, path in given.items():
            if name in needed:
                key = f"task.gradients.{name}"
                found[name] = load_gradients(find_gradients(path, key, name))
                found[name].check_model(self.model)
        missing = {name: text for name, text in needed.items() if name not in found}
        if missing:
            gradients = gradients_of(self.wanted, self.model, missing)
            where = self.wanted.where
            found |= gradients.ready(self.loaded, where.root, where.facts, where.quiet)
        return found

    @cached_property
    def sweep(self) -> "Sweep":
        """All masks of the sweep from one sort; one that masks nothing is told."""
        found = self.sweep_of(self._tom(self.stored))
        if self.shares and not found.mask(self.shares[-1]).total:
            logger.warning(
                "no entry is masked, even at m=%g: no score stands out; squares that are all 0 in "
                "float16 do that: task.gradient_dtype=float32",
                self.shares[-1],
            )
        return found

    def sweep_of(self, tom: Mapping[str, "Tensor"]) -> "Sweep":
        """The sweep by these scores on theory-of-mind text, the general ones as they are."""
        from tombench.masking.sweep import MaskSettings, sweep

        options = self.wanted.options
        settings = MaskSettings(options.definition, options.chosen, options.scope)
        general = self.stored.get(GENERAL)
        scored = None if general is None else self._scores(general)
        return sweep(tom, scored, self.shares, settings)

    def halves(self) -> "tuple[Sweep, Sweep] | None":
        """The sweeps by either half of the theory-of-mind samples; None where they are not kept."""
        parts = {name: self.stored[name].halves() for name in self.stored if name != GENERAL}
        if not parts or any(part is None for part in parts.values()):
            return None
        first, second = (
            self.sweep_of(self._tom({name: part[half] for name, part in parts.items()}))
            for half in (0, 1)
        )
        return first, second

    @property
    def shares(self) -> tuple[float, ...]:
        """Those at which anything is masked, rising."""
        return tuple(sorted({c.share for c in self.wanted.conditions if c.kind != "none"}))

    @property
    def points(self) -> tuple[float, ...]:
        """Those at which controls with seeds are run, rising."""
        return tuple(sorted({c.share for c in self.wanted.conditions if c.seed is not None}))

    def mask(self, condition: Condition) -> "Mask":
        """The mask of a condition."""
        if condition.kind == "tom":
            return self.sweep.mask(condition.share)
        if condition.kind == "general":
            return self.sweep.select("general_not_tom").mask(condition.share)
        key = (condition.kind, condition.seed)
        if key not in self._drawn:
            self._drawn.clear()  # those of one seed follow each other
            self._drawn[key] = self._control(condition)
        return self._drawn[key].mask(condition.share)

    @cached_property
    def _drawn(self) -> dict[Any, Any]:
        return {}

    def _control(self, condition: Condition) -> Any:
        from tombench.masking.controls import MatchedMasks, RandomMasks

        if condition.kind == "random":
            return RandomMasks(self.sweep, self.points, condition.seed)
        return MatchedMasks(self.sweep, self.points, condition.seed, self.weights)

    def _tom(self, stored: Mapping[str, Any]) -> Mapping[str, "Tensor"]:
        from tombench.masking.scores import Difference

        if not stored:  # the score is of the weights alone
            return self._scores(None)
        scored = self._scores(stored[TOM])
        if MATCHED_SET not in stored:
            return scored
        return Difference(scored, self._scores(stored[MATCHED_SET]))

    def _scores(self, stored: Mapping[str, Any] | None) -> Mapping[str, "Tensor"]:
        from tombench.masking.scores import scores, transposed_matrices

        transposed = transposed_matrices(self.loaded.causal_lm)
        return scores(self.wanted.options.importance, stored, self.weights, transposed)


def texts_of(options: MaskOptions, seed: int) -> dict[str, TomText | GeneralText]:
    """What gradients are taken of, by the name of the set; {} where the score needs none."""
    from tombench.masking.scores import statistic_of

    if statistic_of(options.importance) is None:
        return {}
    path = None if options.tom_data is None else Path(options.tom_data).expanduser()
    tom = TomText(options.objective, path, options.samples, options.sequence_length, seed)
    found: dict[str, TomText | GeneralText] = {TOM: tom}
    if options.objective == "contrast":
        found[MATCHED_SET] = TomText(
            options.objective, path, options.samples, options.sequence_length, seed, matched=True
        )
    if options.chosen != "tom" or "general" in options.controls:
        found[GENERAL] = GeneralText(
            options.general_data, options.samples, options.general_length, seed
        )
    return found


def gradients_of(
    wanted: Wanted, model: Model, texts: Mapping[str, TomText | GeneralText]
) -> Gradients:
    """The sets of these texts, as the options have them taken."""
    from tombench.masking.scores import statistic_of

    options = wanted.options
    settings = GradientSettings(
        statistic_of(options.importance), options.gradient_dtype, options.batch_tokens
    )
    return Gradients(wanted.task, texts, settings, model, wanted.seed)


def loaded_whole(model: Model, device: str) -> "Loaded":
    """The model with its adapter merged into its weights: what is masked is what acts."""
    from tombench.models.load import Loaded, load_fresh

    loaded = load_fresh(model, device)
    if loaded.network is loaded.causal_lm:
        return loaded
    return Loaded(loaded.network.merge_and_unload(), loaded.encoding)
