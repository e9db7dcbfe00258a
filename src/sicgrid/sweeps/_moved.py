"""What names of this room were called in version 0.1, for programs that still ask for them."""

MOVED = {"News": "._engine:SweepEvent", "read_metrics": "._metrics:run_metrics"}
