"""Names that lived in this room before they had a better place, for programs that still ask for them here."""

MOVED = {
    **dict.fromkeys(("PART_NAMES", "PartNews", "analyze_run", "claims"), "..findings"),
    **dict.fromkeys(
        ("ErrorCorrectionConfig", "FourierConfig", "ModulesConfig", "PhasesConfig", "StateSpaceConfig"), "..analysis"
    ),
    **dict.fromkeys(("PeriodsConfig", "UniqueRangeConfig"), "..analysis"),
    "IntrinsicCorrectionConfig": "..evaluation",
}
"""Name -> room in which it is now. Found at first use, since that room may stand above this one."""
