"""What a user reads when a server does not do as asked: one line each, never with the key."""

import logging
import re
from typing import TYPE_CHECKING

from tombench.backends.api.faults import Fault, Kind, message
from tombench.errors import RunFailed, UserError, listed, nearest, told
from tombench.provenance import HIDDEN, redacted
from tombench.terminal import visible

if TYPE_CHECKING:
    from tombench.backends.api.backend import ApiBackend

SHOWN = 5  # names of models
SECRET = 8  # characters from which on a key is looked for in what a server says
KEPT = "all earlier records are kept"
logger = logging.getLogger("tombench")


class Lines:
    """Words the errors of one server; knows the key in order to leave it out."""

    def __init__(self, settings: "ApiBackend", served: str) -> None:
        self.settings, self.served = settings, served
        self.key = settings.key()
        self._said: set[str] = set()

    def without_key(self, text: str) -> str:
        """A text, the key hidden wherever a server repeats it."""
        known = self.key is not None and len(self.key) >= SECRET
        return text.replace(str(self.key), HIDDEN) if known else text

    def safe(self, text: str) -> str:
        """A server's words as one line without any secret, fit for a terminal."""
        return visible(message(redacted(self.without_key(text))))

    def warn_once(self, line: str) -> None:
        """Log a warning, the first time."""
        if line not in self._said:
            self._said.add(line)
            logger.warning("%s", line)

    def no_server(self, why: str) -> UserError:
        return UserError(
            f"backend.base_url={self.settings.base_url}: no server answers ({self.safe(why)});"
            " start it, or give its URL"
        )

    def about_key(self) -> UserError:
        name = self.settings.key_variable
        if self.key is None:
            return UserError(f"{self._server} wants a key, and ${name} is not set; set it")
        return UserError(f"{self._server} refuses the key in ${name}; check it")

    def gave_up(self, fault: Fault, retries: int) -> RunFailed:
        return RunFailed(
            f"{self._server}: {retries} retries did not help, the last answer was"
            f" '{fault.told}'; {KEPT}: give the same command again later"
        )

    def must_wait(self, fault: Fault) -> RunFailed:
        return RunFailed(
            f"{self._server} asks to wait {(fault.wait or 0) / 60:.0f} minutes ({fault.told});"
            f" {KEPT}: give the same command again then"
        )

    def ended(self, fault: Fault, names: list[str]) -> UserError:
        """Why no such request can pass; `names`: the models that the server lists, if any."""
        if fault.kind is Kind.KEY:
            return self.about_key()
        if fault.kind is Kind.CREDIT:
            return RunFailed(f"{self._server}: the account is used up ({fault.told}); {KEPT}")
        if fault.kind is Kind.UNKNOWN:
            return self._unknown(fault, names)
        return UserError(
            f"{self._server} refuses the request ({fault.told}); {_advice(fault.told)}"
        )

    def _unknown(self, fault: Fault, names: list[str]) -> UserError:
        hints = ["check the URL (it often ends in /v1) and model.path"]
        if names and self.served not in names:
            hints = [nearest(self.served, names), listed(names[:SHOWN])]
        return UserError(
            told(
                f"{self._server} knows no model '{self.served}', or has no"
                f" backend.mode={self.settings.mode} ({fault.told})",
                *hints,
            )
        )

    @property
    def _server(self) -> str:
        return f"backend.base_url={self.settings.base_url}: the server"


def _advice(said: str) -> str:
    """What to set where a server does not take a field of ours."""
    if re.search(r"\btop_k\b", said):
        return "backend.send_top_k=false leaves top_k out, and the task's top_k is then not applied"
    if re.search(r"\btemperature\b|\btop_p\b", said):
        return "set generation.temperature and generation.top_p to what it takes (often both 1)"
    return "check model.*, generation.* and backend.extra_body"
