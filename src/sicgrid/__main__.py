"""``python -m sicgrid`` is the ``sicgrid`` command."""

from .cli import main

if __name__ == "__main__":
    raise SystemExit(main())
