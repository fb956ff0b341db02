"""Who pays for answers: a reward model, on the policy's own base where that is its base too."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.models.base_record import check_base
from tombench.models.check import check_weights, read_config
from tombench.models.digest import model_digest, place_digest
from tombench.models.hub import folder_of
from tombench.models.locate import Source, locate
from tombench.models.tokenizer import load_tokenizer
from tombench.recipes.merging import head_of
from tombench.recipes.ppo.policy import Answers, Policy

if TYPE_CHECKING:
    from torch import Tensor

ADAPTER = "judge"  # its name on the policy's network
KEY = "recipe.reward_model"


def reward_source(path: str) -> tuple[Model, Source]:
    """Where a reward model lies; RUN, folder or Hub id. Raises UserError as `locate`."""
    model = Model("local", path)
    with _blaming_the_key():
        return model, locate(model)


@contextmanager
def _blaming_the_key() -> Iterator[None]:
    """Errors about a model's path are about the reward model's."""
    try:
        yield
    except UserError as error:
        lines = (line.replace("model.path", KEY) for line in error.mistakes)
        raise UserError(*(f"{KEY}: {one}" if KEY not in one else one for one in lines)) from error


def check_reward_model(path: str) -> None:
    """Refuse (UserError), before any weights load, what has no scalar head."""
    model, source = reward_source(path)
    with _blaming_the_key():
        check_weights(source.weights, model)
    if source.adapters and head_of(list(source.adapters)) != "causal_lm":
        return
    config = read_config(folder_of(source.weights), path, False)
    kinds = config.architectures or []
    if not any(kind.endswith("ForSequenceClassification") for kind in kinds):
        named = f" ({', '.join(kinds)})" if kinds else ""
        raise UserError(
            f"{KEY}={path}: this model has no reward head{named}; give a run of recipe=reward"
        )


def reward_identity(path: str | None) -> Mapping[str, Any]:
    """A reward model by its content, wherever it lies."""
    return {} if path is None else {"reward_model": model_digest(reward_source(path)[0])}


def check_tokenizer(path: str, source: Source, tokenizer: Any) -> None:
    """Refuse (UserError) a reward model that reads other ids than the policy writes."""
    own = load_tokenizer(folder_of(source.weights), path)
    if own.get_vocab() != tokenizer.get_vocab():
        raise UserError(
            f"{KEY}={path}: its tokenizer is not the policy's, so it would read other words than "
            "were said; train one from the policy's own base"
        )


class Judge:
    """Scores whole answers with a model of its own."""

    def __init__(self, path: str, policy: Policy, quantization: str, pad: int) -> None:
        from tombench.models.load import load_base, put_on

        self.pad = pad
        model, source = reward_source(path)
        model = replace(model, quantization=quantization)
        adapters = list(source.adapters)
        head = head_of(adapters)
        loaded = load_base(model, policy.device, "reward" if head == "causal_lm" else head)
        self.network = loaded.network
        for place in adapters:
            first = source.weights if place is adapters[0] else None
            self.network = put_on(self.network, place, first)
        self.network.eval()

    def __call__(self, answers: Answers) -> "Tensor":
        """(answers,) scores at each answer's last token."""
        import torch

        ids, attention, last = shifted_left(answers, self.pad)
        adapted = hasattr(self.network, "get_base_model")
        inner = self.network.get_base_model() if adapted else self.network
        backbone = getattr(inner, inner.base_model_prefix)
        with torch.no_grad():
            hidden = backbone(input_ids=ids, attention_mask=attention).last_hidden_state
            at_end = hidden[torch.arange(len(ids)), last]
            return inner.score(at_end.to(_dtype_of(inner.score))).squeeze(-1).float()


class SharedJudge:
    """Scores whole answers with an adapter and a head of its own, on the policy's base."""

    def __init__(self, source: Source, policy: Policy, pad: int) -> None:
        import torch

        from tombench.models.weights import adapter_file

        (place,) = source.adapters
        folder = folder_of(place, weights=True)
        base = source.weights
        check_base(folder, place.name, place_digest(base), base.name)
        self.policy, self.pad = policy, pad
        policy.network.load_adapter(str(folder), adapter_name=ADAPTER, is_trainable=False)
        self.head = head_weight(adapter_file(folder, place.name)).to(policy.device, torch.float32)

    def __call__(self, answers: Answers) -> "Tensor":
        """(answers,) scores at each answer's last token."""
        import torch

        ids, attention, last = shifted_left(answers, self.pad)
        network = self.policy.network
        was_training = network.training
        network.eval()
        with torch.no_grad():
            out = network(
                input_ids=ids,
                attention_mask=attention,
                adapter_names=[ADAPTER] * len(ids),
                output_hidden_states=True,
                use_cache=False,
                **({"logits_to_keep": 1} if self.policy.keeps else {}),
            )
        network.train(was_training)
        at_end = out.hidden_states[-1][torch.arange(len(ids)), last].float()
        return (at_end @ self.head.T).squeeze(-1)

    def leave(self) -> None:
        """Take the adapter off: what is saved is the policy's alone."""
        self.policy.network.delete_adapter(ADAPTER)


def judge(path: str, policy: Policy, model: Model, tokenizer: Any) -> Judge | SharedJudge:
    """The reward model, on the policy's base where it was trained on that by an adapter."""
    _, source = reward_source(path)
    check_tokenizer(path, source, tokenizer)
    own = locate(model)
    adapted = len(source.adapters) == 1 and hasattr(policy.network, "peft_config")
    if adapted and place_digest(source.weights) == place_digest(own.weights):
        return SharedJudge(source, policy, tokenizer.pad_token_id)
    return Judge(path, policy, model.quantization, tokenizer.pad_token_id)


def head_weight(file: Path) -> "Tensor":
    """(1, hidden) the scalar head that an adapter's file holds."""
    from safetensors import safe_open

    with safe_open(file, framework="pt") as stored:
        names = [name for name in stored.keys() if ".score." in name]  # noqa: SIM118
        if len(names) != 1:
            raise UserError(
                f"{file}: it holds no reward head (score.weight); give a run of recipe=reward"
            )
        return stored.get_tensor(names[0])


def shifted_left(answers: Answers, pad: int) -> tuple["Tensor", "Tensor", "Tensor"]:
    """Prompt and answer from column 0 on, as a reward model was trained; and where each is scored.

    That is the last token which is not the padding one, as transformers' sequence classifiers
    have it: where the end of text pads, the token before it.
    """
    import torch

    order = torch.argsort(answers.attention, dim=1, descending=True, stable=True)
    ids, attention = answers.ids.gather(1, order), answers.attention.gather(1, order)
    place = torch.arange(ids.shape[1], device=ids.device)
    scored = (place * ((ids != pad) & (attention == 1))).amax(dim=1)
    return ids, attention, scored


def _dtype_of(module: Any) -> Any:
    return next(module.parameters()).dtype
