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

# The same by a table: gelu(x) = x / 2 + E(|x|), E(t) = t * (Phi(t) - 1/2), a polynomial in t for each of 16 pieces.
# Piece k holds the t that round to k steps; from 14.5 steps on E is t / 2.
for name, end, degree in (("precise", 4.75, 3), ("quick", 4.0, 2)):
    step = end / 14.5
    pieces, worst = [], 0
    for piece in range(15):
        low, high = max(0, piece - 0.5) * step, (piece + 0.5) * step
        t = (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * (np.arange(500) + 0.5) / 500)
        target = 0.5 * t * erf(t / np.sqrt(2))
        powers, weights = np.vander(t, degree + 1, increasing=True), np.ones(500)
        for _ in range(60):
            fit = np.linalg.lstsq(powers * np.sqrt(weights)[:, None], target * np.sqrt(weights), rcond=None)[0]
            error = np.abs(powers @ fit - target)
            weights *= error / error.mean() + 1e-3
        pieces.append(fit)
        worst = max(worst, error.max())
    pieces.append([0, 0.5] + [0] * (degree - 1))
    print(name, "steps a unit", 1 / step, "largest error %.1e" % worst)
    for power in range(degree + 1):
        print([float(np.float32(piece[power])) for piece in pieces])
