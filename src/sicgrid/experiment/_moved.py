"""Names that lived in this room before they had a better place, for programs that still ask for them here."""

MOVED = {
    **dict.fromkeys(("PART_NAMES", "analyze_run", "claims"), "..findings"),
    "PartNews": "..findings:PartEvent",
    **dict.fromkeys(
        ("ErrorCorrectionConfig", "FourierConfig", "ModulesConfig", "PhasesConfig", "StateSpaceConfig"), "..analysis"
    ),
    **dict.fromkeys(("PeriodsConfig", "UniqueRangeConfig"), "..analysis"),
    "IntrinsicCorrectionConfig": "..evaluation",
}
"""Name -> room in which it is now, with its name there if it has another.

Found at first use, since that room may stand above this one.
"""
