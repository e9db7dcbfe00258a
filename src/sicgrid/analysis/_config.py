"""Settings of the analysis."""

from typing import Any, Literal

from pydantic import Field, model_validator

from .._settings import Settings

FEWEST_BINS = 10  # along a side of a box: what the grid score takes
MOST_BINS = 500  # along a side: 25 m in bins of 5 cm, more than a laboratory has; a box in centimeters has more


class AnalysisConfig(Settings):
    """How rate maps are made, scored and judged."""

    @model_validator(mode="before")
    @classmethod
    def _smoothing_in_bins(cls, settings: Any) -> Any:
        """Read ``smoothing``, in bins, of version 0.1 as ``smoothing_m``."""
        if not isinstance(settings, dict) or "smoothing" not in settings:
            return settings
        others = {name: value for name, value in settings.items() if name != "smoothing"}
        bins, bin_size = settings["smoothing"], settings.get("bin_size", cls.model_fields["bin_size"].default)
        if "smoothing_m" in others or not isinstance(bins, int | float) or not isinstance(bin_size, int | float):
            raise ValueError("smoothing is in bins and was replaced by smoothing_m, in meters; give smoothing_m alone")
        return others | {"smoothing_m": round(bins * bin_size, 9)}

    bin_size: float = Field(
        default=0.05, gt=0, description="side of a rate map's bin, m. Source: ours (40 bins in the paper's 2 m box)."
    )
    smoothing_m: float = Field(
        default=0.0,
        ge=0,
        description="standard deviation of the Gaussian smoothing of the rate maps that are shown and scored, of their "
        "nulls, and of those that information and fields are of, m; 0 for none. Lattices are fitted to unsmoothed "
        "maps. Source: ours (states of a network are not noisy; a run of recorded spikes takes 0.05 where nothing is "
        "set).",
    )
    scorer: Literal["langston", "sargolini", "banino"] = Field(
        default="langston",
        description="grid score. Source: Langston et al. 2010, Sargolini et al. 2006 or Banino et al. 2018.",
    )
    min_overlap: int = Field(
        default=20,
        ge=2,
        description="least number of overlapping bins in the autocorrelogram. Source: Sargolini et al. 2006.",
    )
    shuffles: int = Field(
        default=100,
        ge=2,
        description="maps in each null distribution of each unit. Source: ours (the field uses 100 to 1000).",
    )
    min_shift: float = Field(
        default=0.05,
        ge=0,
        lt=0.5,
        description="smallest circular shift, share of an animal's path. Source: the field's 20 s to 30 s of 10 min.",
    )
    active_threshold: float = Field(
        default=0.02,
        ge=0,
        description="a unit is active when the peak of its rate map is above this. Source: ours (a quarter of "
        "1/sqrt(128), the activity of 128 equally active units).",
    )
    constant_below: float = Field(
        default=0.2,
        ge=0,
        description="an active unit is constant when the standard deviation of its rate map over bins is below this "
        "share of its mean. Source: ours (ideal grid cells have about 1; 0.2 means 0.03 bits of spatial information).",
    )

    def bins_across(self, arena: float) -> int:
        """Bins along a side of a box.

        Raises
        ------
        ValueError
            If they are too few for an autocorrelogram, or so many that the side is hardly in meters.

        """
        bins = round(arena / self.bin_size)
        if bins > MOST_BINS:
            raise ValueError(
                f"arena must be at most {MOST_BINS} bins wide, got {arena:g} m with bin_size={self.bin_size:g} m, "
                f"{bins:,} bins; is it in centimeters (divide by 100), or are the bins too small?"
            )
        if bins < FEWEST_BINS:
            raise ValueError(
                f"arena must be at least {FEWEST_BINS} bins wide for an autocorrelogram, got {arena} m with "
                f"bin_size={self.bin_size} m; use smaller bins"
            )
        return bins
