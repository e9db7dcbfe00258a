"""Names of parts, by which their results are stored and asked for; `--only` takes them, and stored runs hold them.

They stand here, and not beside their parts, since files name each other's parts that must not import each other. A new
part that no other file asks for may keep its name in its own.
"""

UNITS = "units"
MODULES = "modules"
PERIODS = "periods"
FOURIER = "fourier"
PHASES = "phases"
STATE_SPACE = "state_space"
TOPOLOGY = "topology"
GENERALIZATION = "generalization"
UNIQUE_RANGE = "unique_range"
ERROR_CORRECTION = "error_correction"
INTRINSIC_CORRECTION = "intrinsic_correction"
GEOMETRY = "geometry"
FIELDS = "fields"
