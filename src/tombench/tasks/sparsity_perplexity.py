"""Perplexity of a text that was read in windows: by tokens, and as the study averages it."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from tombench.schema import Metric, Record
from tombench.statistics.intervals import POINT

STUDY_BATCH = 2  # windows


@dataclass(frozen=True, eq=False)
class Windows:
    """How a model predicts a text, window by window."""

    nats: np.ndarray  # negative log-likelihood of a window's predictions [windows]
    predictions: np.ndarray  # tokens that are predicted: all but a window's first [windows]
    full: int  # windows of the whole length; at most one shorter follows

    @property
    def log_perplexity(self) -> float:
        """Nats a prediction, every prediction counted alike."""
        return float(self.nats.sum() / self.predictions.sum())


def windows_of(record: Record) -> Windows | None:
    """Of a record of part=perplexity; None where the model could not be asked."""
    if record.error or not record.log_probs:
        return None
    order = sorted(record.log_probs, key=int)
    nats = -np.array([record.log_probs[number] for number in order])
    window, tail = int(record.condition["window"]), int(record.condition["tail"])
    full = len(nats) - (tail > 0)
    predictions = np.array([window - 1] * full + [tail - 1] * (tail > 0), dtype=float)
    return Windows(nats, predictions, full)


def perplexity(windows: Windows) -> Metric:
    """exp(Σ nats / Σ predictions) over all windows, with a 95 % interval over windows.

    The t interval of the logarithm, its variance that of a ratio of sums (Cochran, Sampling
    Techniques, 1977, section 6.3), then exp. Neighbouring windows of one text count as
    independent. Of a single window no interval is known: both ends are the value.
    """
    mean, count = windows.log_perplexity, len(windows.nats)
    total = int(windows.predictions.sum())
    reach = 0.0
    if count > 1:
        rest = windows.nats - mean * windows.predictions
        variance = count / (count - 1) * float(np.sum(rest**2)) / total**2
        reach = float(stdtrit(count - 1, POINT)) * float(np.sqrt(variance))
    low, value, high = (float(np.exp(x)) for x in (mean - reach, mean, mean + reach))
    return Metric(value, low, high, total, count)


def study_perplexity(windows: Windows) -> float | None:
    """exp of the mean over batches of two full windows of their mean nats a prediction.

    The last of an odd number is a batch of its own and so counts double; what is shorter than a
    window is left out. None where there is no full window. Source:
    joel-wu/how-large-language-models-encode-theory-of-mind, `ToM_and_perplexity_evaluation.py`.
    """
    if not windows.full:
        return None
    means = (windows.nats / windows.predictions)[: windows.full]
    batches = [
        means[start : start + STUDY_BATCH].mean() for start in range(0, len(means), STUDY_BATCH)
    ]
    return float(np.exp(np.mean(batches)))
