"""Grid scores of rate maps by another package, in that package's own environment: run by `peers.py`.

PYTHON benchmarks/peer_scores.py PACKAGE MAPS.npy SECONDS

Prints JSON: the package's version, the seconds taken, and a score for each map done before the time was up. One map
first, which is not counted: whatever is compiled or loaded on the way. Needs numpy and the package, nothing of sicgrid.
"""

import importlib.metadata
import json
import sys
import time
import warnings

import numpy as np


def opexebo():
    """Expanding rings, the best of a sliding mean."""
    import opexebo as package

    def score(rates):
        return package.analysis.grid_score(package.analysis.autocorrelation(rates))[0]

    return score


def ephysiopy():
    """The whole autocorrelogram turned against itself: no rings."""
    from ephysiopy.common.binning import RateMap
    from ephysiopy.common.fieldcalcs import gridness

    correlogram = RateMap.__new__(RateMap)._autoCorr2D  # which needs no recording

    def score(rates):
        return gridness(correlogram(rates, np.zeros(rates.shape, bool)))[0]

    return score


def canns():
    """Expanding rings, the best of a sliding mean, with spacing, orientation and ellipse."""
    from canns.analyzer.data.cell_classification.core.grid_cells import GridnessAnalyzer, compute_2d_autocorrelation

    analyzer = GridnessAnalyzer()

    def score(rates):
        return analyzer.compute_gridness_score(compute_2d_autocorrelation(rates)).score

    return score


def main() -> None:
    name, file, limit = sys.argv[1], sys.argv[2], float(sys.argv[3])
    warnings.simplefilter("ignore")
    maps = np.load(file)
    score = {"opexebo": opexebo, "ephysiopy": ephysiopy, "canns": canns}[name]()
    score(maps[0])
    start, scores = time.perf_counter(), []
    for rates in maps:
        scores.append(float(score(rates)))
        if time.perf_counter() - start > limit:
            break
    taken = time.perf_counter() - start
    print(json.dumps({"version": importlib.metadata.version(name), "seconds": taken, "scores": scores}))


if __name__ == "__main__":
    main()
