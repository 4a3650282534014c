"""The distribution functions that the tests and intervals here need."""

from ragstone.imports import require


def normal_quantile(probability: float) -> float:
    """The z with P(Z <= z) = probability."""
    return float(require("scipy.special", "evaluation").ndtri(probability))


def t_cdf(value: float, degrees: float) -> float:
    """P(T <= value) of Student's t."""
    return float(require("scipy.special", "evaluation").stdtr(degrees, value))


def t_quantile(probability: float, degrees: float) -> float:
    """The t with P(T <= t) = probability."""
    return float(require("scipy.special", "evaluation").stdtrit(degrees, probability))


def binomial_cdf(hits: int, n: int, share: float) -> float:
    """P(X <= hits) of n draws that hit with probability ``share``."""
    return float(require("scipy.special", "evaluation").bdtr(hits, n, share))


def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x with P(X <= x) = probability of Beta(a, b)."""
    return float(require("scipy.special", "evaluation").betaincinv(a, b, probability))
