import subprocess
import sys


def test_analysis_is_usable_without_torch_and_plotting():
    code = (
        "import sys\n"
        "from sicgrid.analysis import rate_maps, autocorrelogram, grid_score, lattice, synthetic_cells\n"
        "assert callable(synthetic_cells.grid_cells)\n"
        "print([name for name in ('torch', 'matplotlib', 'numba') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
