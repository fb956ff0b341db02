"""What a model's architecture lets its cache be used for; some keep a cache of their own."""

import inspect
from typing import Any

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.models.check import read_config
from tombench.models.hub import folder_of
from tombench.models.locate import locate

BY_MASK = ("bloom",)  # without position_ids: counts the tokens of the mask
BY_DISTANCE = ("mpt",)  # without position_ids: counts the places between two tokens


def check_architecture(model: Model) -> None:
    """Refuse, from config.json alone, what `refuse` would refuse once it is loaded.

    A class that comes with the model's own code is not known before.
    """
    from transformers import AutoModelForCausalLM
    from transformers.models.auto.auto_factory import _get_model_class

    place = locate(model).weights
    folder = folder_of(place, code=model.trust_remote_code)
    config = read_config(folder, place.name, model.trust_remote_code)
    classes = AutoModelForCausalLM._model_mapping
    if type(config) in classes:
        refuse(_get_model_class(config, classes), model)


def refuse(causal_lm: type, model: Model) -> None:
    """Raise UserError for a class of models whose answers would be wrong in batches.

    It must take a cache from outside (several swallow the keyword and read each new token without
    its context), and must not count the padding before a prompt as places.
    """
    known = inspect.signature(causal_lm.forward).parameters
    takes = getattr(causal_lm, "_supports_default_dynamic_cache", lambda: True)
    reason = None
    if "past_key_values" not in known or not takes():
        reason = "keeps what it has read in a cache of its own"
    elif "position_ids" not in known and _kind(causal_lm) not in BY_MASK + BY_DISTANCE:
        reason = "counts padding as tokens"
    if reason:
        raise UserError(
            f"model.path={model.path}: {causal_lm.__name__} {reason}, which backend=hf cannot"
            " batch; take another model, or serve this one with backend=vllm or backend=api"
        )


def in_pieces(causal_lm: Any) -> bool:
    """May a text be read in several pieces, each after the cache of those before?

    Not where a recurrent state goes on for one token only, nor where attention counts the padding
    between two pieces (ALiBi by distance, local attention outside the cache's own layers).
    """
    if getattr(causal_lm, "_is_stateful", False):
        return False
    local = getattr(causal_lm.config, "attention_types", None)  # GPT-Neo
    counted = "position_ids" in inspect.signature(causal_lm.forward).parameters
    return not local and (counted or _kind(causal_lm) in BY_MASK)


def _kind(causal_lm: Any) -> str | None:
    """transformers' name of a model's family, such as bloom; of the model or of its class."""
    config = getattr(causal_lm, "config", None) or causal_lm.config_class
    return getattr(config, "model_type", None)
