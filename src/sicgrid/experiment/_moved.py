"""Names that this room had before they had a better one, or a better place, for programs that still ask for them."""

MOVED = {
    **dict.fromkeys(("PART_NAMES", "analyze_run", "claims"), "..findings"),
    "PartNews": "..findings:PartEvent",
    **dict.fromkeys(
        ("ErrorCorrectionConfig", "FourierConfig", "ModulesConfig", "PhasesConfig", "StateSpaceConfig"), "..analysis"
    ),
    **dict.fromkeys(("PeriodsConfig", "UniqueRangeConfig"), "..analysis"),
    "IntrinsicCorrectionConfig": "..evaluation",
    "nearest": "._config:did_you_mean",
    "only_checks": "._presets:check_only_warning",
}
"""Name -> room in which it is now, with its name there if it has another.

Found at first use, since that room may stand above this one.
"""
