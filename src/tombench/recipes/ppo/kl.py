"""How dear it is to leave the reference: a fixed coefficient, or one that seeks a target."""

from dataclasses import dataclass, replace

LARGEST_ERROR = 0.2


@dataclass(frozen=True)
class Kl:
    """The coefficient now; `horizon` None: it stays."""

    coefficient: float
    target: float = 0.0  # nats an answer
    horizon: int | None = None  # answers over which an error of 1 would double it

    def after(self, measured: float, answers: int) -> "Kl":
        """The coefficient after a step in which answers left the reference by `measured` nats.

        coefficient *= 1 + error * answers / horizon, error = measured / target - 1 held to ±0.2
        (Ziegler et al. 2019, "Fine-Tuning Language Models from Human Preferences", section 2.2).
        """
        if self.horizon is None:
            return self
        error = min(max(measured / self.target - 1, -LARGEST_ERROR), LARGEST_ERROR)
        return replace(self, coefficient=self.coefficient * (1 + error * answers / self.horizon))
