"""``python -m sicgrid`` is the ``sicgrid`` command."""

from .cli import run

if __name__ == "__main__":
    raise SystemExit(run())
