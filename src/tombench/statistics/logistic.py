"""Ridge logistic regression, and what it predicts of clusters that it was not fitted to."""

from collections.abc import Hashable, Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit

RIDGE = 1.0
FOLDS = 5


def fit(features: csr_matrix, labels: np.ndarray, ridge: float = RIDGE) -> np.ndarray:
    """Weights [d + 1], the intercept last, that make labels [n] of 0 and 1 most likely.

    Minimises Σ log(1 + exp(−y (x·w + b))) + ridge/2 · |w|², y in {−1, 1}, by L-BFGS; the intercept
    is not penalised (Hastie, Tibshirani & Friedman 2009, section 4.4).
    """
    signs = 2.0 * labels - 1
    mean = np.asarray(features.mean(axis=0)).ravel()  # centred columns are faster to fit

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        inner, intercept = weights[:-1], weights[-1]
        margins = signs * (features @ inner - mean @ inner + intercept)
        slope = -signs * expit(-margins)
        gradient = features.T @ slope - mean * slope.sum() + ridge * inner
        value = float(np.logaddexp(0, -margins).sum()) + ridge / 2 * float(inner @ inner)
        return value, np.append(gradient, slope.sum())

    start = np.zeros(features.shape[1] + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return np.append(found[:-1], found[-1] - mean @ found[:-1])


def out_of_fold(
    features: csr_matrix, labels: np.ndarray, clusters: Sequence[Hashable], folds: int = FOLDS
) -> np.ndarray:
    """Log odds of 1 [n], each by a fit to the other folds; a cluster is in one fold as a whole.

    Columns are divided by their standard deviation over all rows. Clusters take folds in turn, in
    the order in which they come. Where the other folds hold one label alone, its sign is what is
    predicted: +1 or -1. With a single cluster nothing is known: 0.
    """
    order = {cluster: place for place, cluster in enumerate(dict.fromkeys(clusters))}
    fold = np.array([order[cluster] % folds for cluster in clusters])
    scaled = features @ _inverse_deviations(features)
    found = np.zeros(len(labels))
    for out in sorted(set(fold.tolist())):
        inside, outside = fold != out, fold == out
        seen = set(labels[inside].tolist())
        if len(seen) == 1:
            found[outside] = 2.0 * seen.pop() - 1
        elif seen:
            weights = fit(scaled[inside], labels[inside])
            found[outside] = scaled[outside] @ weights[:-1] + weights[-1]
    return found


def _inverse_deviations(features: csr_matrix) -> csr_matrix:
    """A diagonal [d, d]; 0 for a column that is the same in all rows."""
    mean = np.asarray(features.mean(axis=0)).ravel()
    square = np.asarray(features.multiply(features).mean(axis=0)).ravel()
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    inverse = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation > 1e-9)
    places = np.arange(len(inverse))
    return csr_matrix((inverse, (places, places)), shape=(len(inverse), len(inverse)))
