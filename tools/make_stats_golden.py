#!/usr/bin/env python3
"""Makes testdata/stats/*.json: values of SciPy and statsmodels that our statistics must equal.

Run by hand when a case is added; the tests only read the files:

    python3 -m venv venv && venv/bin/pip install scipy statsmodels
    venv/bin/python tools/make_stats_golden.py testdata/stats
"""

import json
import pathlib
import sys

import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.tsa.stattools import acf


def note(what):
    return (f"{what} Made by tools/make_stats_golden.py with SciPy {scipy.__version__}, "
            f"NumPy {np.__version__}, statsmodels {statsmodels.__version__}.")


def numbers(values):
    return [round(float(v), 6) for v in values]


def series(rng):
    """Named series in time order, short enough to be read."""
    return {
        "three": numbers([3.0, 1.0, 2.5]),
        "normal_12": numbers(rng.normal(10, 1, 12)),
        "normal_31": numbers(rng.normal(100, 5, 31)),
        "rising_40": numbers(50 + 0.2 * np.arange(40) + rng.normal(0, 1, 40)),
        "ties_25": numbers(np.round(rng.normal(10, 1, 25))),
        "constant_15": [7.0] * 15,
        "heavy_tailed_64": numbers(10 + np.abs(rng.standard_cauchy(64))),
        "walk_50": numbers(100 + np.cumsum(rng.normal(0, 1, 50))),
        "two_steps_20": numbers([1.0] * 10 + [2.0] * 10),
    }


def rank_intervals():
    cases = []
    for n in (1, 5, 6, 8, 11, 12, 15, 19, 24, 30, 64, 150, 601, 1000, 20001):
        for comparisons in (1, 5, 24):
            level = 1 - 0.05 / comparisons
            ranks = np.arange(0, n // 2 + 2)
            fitting = ranks[(ranks >= 1) & (stats.binom.cdf(ranks - 1, n, 0.5) <= (1 - level) / 2)]
            rank = int(min(fitting.max(), (n + 1) // 2)) if len(fitting) else 0
            cases.append({"n": n, "comparisons": comparisons, "rank": rank})
    cdf = [{"k": k, "n": n, "p": float(stats.binom.cdf(k, n, 0.5))}
           for k, n in ((0, 1), (0, 12), (2, 12), (3, 12), (6, 12), (9, 12), (12, 12), (40, 100),
                        (460, 1000), (500, 1000), (9800, 20000), (10200, 20000))]
    sign = [{"below": k, "n": n, "p": float(stats.binomtest(k, n).pvalue)}
            for k, n in ((0, 6), (2, 12), (6, 12), (10, 12), (11, 15), (20, 64))]
    return {"note": note("Ranks of median intervals, fair binomial cdf, sign tests."),
            "ranks": cases, "cdf": cdf, "sign_tests": sign}


def medians(data):
    cases = []
    for name, values in data.items():
        test = stats.quantile_test(values, q=0, p=0.5)
        interval = test.confidence_interval(0.95)
        cases.append({"name": name, "values": values, "median": float(np.median(values)),
                      "low": None if np.isnan(interval.low) else float(interval.low),
                      "high": None if np.isnan(interval.high) else float(interval.high)})
    return {"note": note("Medians with the intervals of quantile_test."), "cases": cases}


def trends(data):
    cases = []
    for name, values in data.items():
        slope, _, low, high = stats.theilslopes(values, alpha=0.95)
        lag1 = 0.0 if len(set(values)) == 1 else float(acf(values, nlags=1, fft=False)[1])
        cases.append({"name": name, "values": values, "slope": float(slope), "low": float(low),
                      "high": float(high), "lag1": lag1})
    return {"note": note("Theil-Sen slopes with 95 % intervals, lag-1 autocorrelation."),
            "cases": cases}


def quantiles(data):
    cases = []
    for name, values in data.items():
        q1, q3 = np.quantile(values, [0.25, 0.75])
        reach = 1.5 * stats.iqr(values)
        outliers = sum(1 for v in values if v < q1 - reach or v > q3 + reach)
        probabilities = (0.0, 0.05, 0.25, 0.5, 0.9, 0.99, 1.0)
        cases.append({"name": name, "values": values,
                      "quantiles": [{"p": p, "value": float(np.quantile(values, p))}
                                    for p in probabilities],
                      "outliers": outliers if len(values) >= 4 else 0})
    return {"note": note("Quantiles by linear interpolation, outliers by Tukey's fences."),
            "cases": cases}


def holm():
    cases = []
    for p_values in ([0.04], [0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.5], [0.001, 0.02, 0.02, 1.0],
                     [0.0, 0.05, 0.0125, 0.016], [0.03, 0.011, 0.2, 0.0004, 0.012, 0.049]):
        rejected, adjusted, _, _ = multipletests(p_values, alpha=0.05, method="holm")
        cases.append({"p_values": p_values, "adjusted": [float(p) for p in adjusted],
                      "rejected": [bool(r) for r in rejected]})
    return {"note": note("Holm's correction."), "cases": cases}


def main():
    folder = pathlib.Path(sys.argv[1])
    data = series(np.random.default_rng(20250))
    for name, content in (("rank_intervals", rank_intervals()), ("medians", medians(data)),
                          ("trends", trends(data)), ("quantiles", quantiles(data)),
                          ("holm", holm())):
        with open(folder / f"{name}.json", "w", encoding="utf-8") as file:
            json.dump(content, file, separators=(",", ":"))
            file.write("\n")


if __name__ == "__main__":
    main()
