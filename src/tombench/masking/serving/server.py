"""A loaded model that answers under masks: each request names in `role` which one it is under.

Weights are loaded once. A mask is put on in place when the first request under it comes, and taken
off exactly when one under another comes.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from tombench.backends.base import Estimate
from tombench.backends.hf.server import HfServer
from tombench.errors import UserError
from tombench.masking.masks import Mask
from tombench.masking.roles import UNMASKED
from tombench.masking.serving.windows import text_windows, window_log_likelihoods
from tombench.schema import (
    GenerateRequest,
    GenerateResponse,
    LikelihoodRequest,
    LikelihoodResponse,
    Request,
    WindowsRequest,
)


class MaskedServer:
    """`HfServer` under masks."""

    def __init__(
        self,
        inner: HfServer,
        masks: Mapping[str, Callable[[], Mask]],
        put_on: Callable[[Mask], AbstractContextManager[None]],
        material: Any = None,
    ) -> None:
        """
        Args:
            inner: answers.
            masks: by role; made when it is put on.
            put_on: masks the weights that `inner` answers with, and restores them.
            material: what the masks are made of, for who measures them after all is answered.
        """
        self.inner, self.masks, self.put_on, self.material = inner, masks, put_on, material
        self._worn, self._role = ExitStack(), UNMASKED

    def batches(self, requests: Sequence[Sequence[Request]]) -> list[list[int]]:
        """Item indices by role, in the order in which roles first come; long texts alone."""
        by_role: dict[str, list[int]] = {}
        for place, item in enumerate(requests):
            by_role.setdefault(item[0].role, []).append(place)
        planned = []
        for places in by_role.values():
            long = [n for n in places if isinstance(requests[n][0], WindowsRequest)]
            short = [n for n in places if n not in set(long)]
            cut = self.inner.batches([requests[n] for n in short]) if short else []
            planned += [[n] for n in long] + [[short[n] for n in batch] for batch in cut]
        return planned

    def generate(self, requests: Sequence[GenerateRequest]) -> list[GenerateResponse]:
        self._wear(requests)
        return self.inner.generate(requests)

    def loglikelihood(self, requests: Sequence[LikelihoodRequest]) -> list[LikelihoodResponse]:
        self._wear(requests)
        return self.inner.loglikelihood(requests)

    def windows(self, requests: Sequence[WindowsRequest]) -> list[LikelihoodResponse]:
        """Sums in nats over each window of each text."""
        self._wear(requests)
        return [self._windows(request) for request in requests]

    def prompt_as_sent(self, request: Request) -> str:
        return self.inner.prompt_as_sent(request)

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate:
        raise NotImplementedError("a dry run asks the backend's preview")

    def unmasked(self) -> None:
        """Take off whatever mask is on."""
        self._worn.close()
        self._role = UNMASKED

    def _windows(self, request: WindowsRequest) -> LikelihoodResponse:
        loaded = self.inner.loaded
        windows = text_windows(loaded, request.text, request.window, request.most)
        sums = window_log_likelihoods(loaded, windows, self.inner.batch_tokens)
        counts = tuple(len(window) - 1 for window in windows)
        return LikelihoodResponse("", tuple(sums), counts)

    def _wear(self, requests: Sequence[Any]) -> None:
        """The mask that the requests, one role's all, are under."""
        roles = {request.role for request in requests}
        if not roles - {self._role}:
            return
        if len(roles) > 1:
            raise ValueError(f"one batch under several masks: {', '.join(sorted(roles))}")
        (role,) = roles
        self.unmasked()
        if role != UNMASKED:
            if role not in self.masks:
                raise UserError(f"no mask '{role}'; there are {', '.join(self.masks)}")
            self._worn.enter_context(self.put_on(self.masks[role]()))
            self._role = role
