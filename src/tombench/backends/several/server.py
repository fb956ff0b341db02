"""Several models that answer one run: what a stage calls.

By default each request is for one model, and whoever asked combines the scores, as over a candidate
set (`planning.steering`). With `alphas` three models are also combined token by token.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from tombench.backends.base import Backend, Server
from tombench.backends.hf.backend import HfBackend
from tombench.backends.responses.store import ResponseStore
from tombench.backends.several.audit import audit
from tombench.backends.several.keeping import keep_role, keep_tokens
from tombench.backends.several.roles import GROUPS, TOKENS, TUNED, mixes_of
from tombench.backends.several.routing import SeveralPreview, SeveralServer
from tombench.backends.several.weights import Shelf
from tombench.backends.vllm.backend import VllmBackend
from tombench.errors import UserError
from tombench.models.base import Model

Models = Mapping[str, Model]
"""By role: `several.roles`; the first one plans the batches, so let it be a small one."""


def check_several(backend: Backend, models: Models, alphas: Sequence[float] = ()) -> None:
    """Refuse (UserError) what could not be loaded or combined, before any weights are read.

    alphas: those that are combined token by token; () where only whole scores are.
    """
    mistakes: dict[str, str] = {}  # by the line as the model alone would have it
    for role, model in models.items():
        try:
            backend.check(model)
        except UserError as error:
            for line in error.mistakes:
                mistakes.setdefault(line, _named(line, role))
    told = [*mistakes.values(), *_unfit(backend, models, alphas)]
    if told:
        raise UserError(*told)
    if alphas:
        audit(models)


def several_server(
    backend: Backend, models: Models, cache: Path | None = None, alphas: Sequence[float] = ()
) -> SeveralServer:
    """All models, ready to answer, the same weights loaded once.

    Args:
        cache: folder of kept responses; weights are loaded only where it lacks something.
        alphas: what requests of role TOKENS are answered for: one number an alpha and
            continuation, alpha-major, then those of `roles.ABLATIONS`; () without such requests.

    Raises:
        UserError: a model cannot be loaded; or, with a cache, pinned.
    """
    shelf = Shelf(backend, models)
    if cache is None:
        servers = {role: shelf.server(role) for role in models}
        if alphas:
            servers[TOKENS] = _combined(shelf, alphas)
        return SeveralServer(servers, shelf.shared)
    store = ResponseStore(cache)
    by_model = {shelf.key(role): role for role in models}
    kept = {
        key: keep_role(backend, models[role], store, partial(shelf.server, role))
        for key, role in by_model.items()
    }
    servers = {role: kept[shelf.key(role)] for role in models}
    if alphas:
        load = partial(_combined, shelf, alphas)
        servers[TOKENS] = keep_tokens(backend, models, store, load, mixes_of(alphas))
    return SeveralServer(servers, shelf.shared)


def several_preview(backend: Backend, models: Models) -> SeveralPreview:
    """For a dry run: tokens a model, memory of all distinct weights; none are fetched."""
    shelf = Shelf(backend, models, preview=True)
    return SeveralPreview({role: shelf.server(role) for role in models}, shelf.shared)


def _combined(shelf: Shelf, alphas: Sequence[float]) -> Server:
    from tombench.backends.several.tokens import TokenSteeredServer

    servers = {role: shelf.server(role) for role in shelf.models}
    return TokenSteeredServer(servers, mixes_of(alphas), audit(shelf.models))


def _unfit(backend: Backend, models: Models, alphas: Sequence[float]) -> list[str]:
    """What a backend cannot do with several models."""
    told = []
    if len(models) > 1 and isinstance(backend, VllmBackend):
        told.append(
            "backend=vllm: it holds one model at a time, and several are asked; give backend=hf, or"
            " serve them and give backend=api"
        )
    if len(models) > 1 and getattr(backend, "served_name", None) is not None:
        paths = ", ".join(f"{GROUPS.get(role, role)}.path" for role in models)
        told.append(
            "backend.served_name: it is one name, and several models are asked; leave it out and"
            f" give {paths} as the server calls them"
        )
    if alphas and not isinstance(backend, HfBackend):
        told.append(
            "policy.over=tokens: it needs the logits of the whole vocabulary, which backend=hf"
            " alone gives; give policy.over=candidates"
        )
    return told


def _named(line: str, role: str) -> str:
    """A mistake of one of several models, under the group that it was given in."""
    group = GROUPS.get(role, role)
    for start in ("model.", "model="):
        if line.startswith(start):
            return group + line.removeprefix("model")
    return line if role == TUNED else f"{group}: {line}"
