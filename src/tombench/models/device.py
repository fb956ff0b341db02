"""Which device a model runs on."""

from typing import TYPE_CHECKING

from tombench.errors import UserError
from tombench.processes import place

if TYPE_CHECKING:
    import torch


def resolve_device(name: str) -> "torch.device":
    """The torch device of a name (auto, cpu, cuda, cuda:1, mps); auto takes cuda where it is.

    Of several processes on a machine each takes its own: the first cuda:0, the second cuda:1, and
    round again where there are fewer. A name with a number is that device in all of them.

    Raises UserError where the name is unknown or the device is not there.
    """
    import torch

    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and torch.cuda.device_count() and place().world > 1:
        name = f"cuda:{place().local % torch.cuda.device_count()}"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UserError(
            f"backend.device={name}: unknown; use auto, cpu, cuda, cuda:N or mps"
        ) from error
    there = {
        "cpu": True,
        "cuda": (device.index or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there.get(device.type, False):
        raise UserError(f"backend.device={name}: this machine has no such device; use auto or cpu")
    return device
