"""Fits gelu(x) = x * (1/2 + c * P(s)), c = clamp(x, -edge, edge), s = c * c * 2 / edge^2 - 1, with the error of gelu
itself made even over the range (weights raised where it is largest). Prints coefficients in powers of s."""
import numpy as np
from numpy.polynomial import chebyshev
from scipy.special import erf

for edge, degree in ((4.75, 10), (4.0, 7)):
    count = 4000
    s = np.cos(np.pi * (np.arange(count) + 0.5) / count)
    x = np.sqrt((s + 1) / 2) * edge
    target = 0.5 * erf(x / np.sqrt(2)) / x
    effect = x * x + 1e-3
    weights = np.ones(count)
    powers = chebyshev.chebvander(s, degree)
    for _ in range(60):
        scale = np.sqrt(weights) * effect
        fit = np.linalg.lstsq(powers * scale[:, None], target * scale, rcond=None)[0]
        error = np.abs((powers @ fit - target) * effect)
        weights *= error / error.mean() + 1e-3
        weights /= weights.mean()
    print(edge, "largest error %.1e" % error.max(), [float(np.float32(c)) for c in chebyshev.cheb2poly(fit)])
