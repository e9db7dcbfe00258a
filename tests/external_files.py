"""A short recording of known content, written as each of the formats that can be read."""

from datetime import UTC, datetime

import numpy as np

TIMES = 10.0 + 0.1 * np.arange(200)
POSITIONS = np.stack([0.5 + 0.4 * np.cos(0.3 * TIMES), 0.3 * np.sin(0.7 * TIMES)], axis=1)
SPIKE_TIMES = np.array([10.31, 12.0, 12.04, 20.5, 15.2])
SPIKE_UNITS = np.array([4, 9, 4, 9, 10])
ACTIVITY = np.abs(np.sin(TIMES))[:, None] * np.array([1.0, 2.0, 0.0])


def write_npz(path, **over):
    arrays = {"positions": POSITIONS, "times": TIMES, "spike_times": SPIKE_TIMES, "spike_units": SPIKE_UNITS} | over
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def write_csv(path, header, columns):
    rows = [",".join(map(repr, row)) for row in zip(*(np.asarray(column).tolist() for column in columns), strict=True)]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def write_csvs(folder):
    path = write_csv(folder / "path.csv", "t,x,y", [TIMES, *POSITIONS.T])
    return path, write_csv(folder / "spikes.csv", "unit,t", [SPIKE_UNITS, SPIKE_TIMES])


def new_nwb(positions=None):
    """A file without units; with a series "position" in the module "behavior" if there are positions."""
    import pynwb
    from pynwb.behavior import Position, SpatialSeries

    file = pynwb.NWBFile("a rat in a box", "known", datetime(2026, 1, 1, tzinfo=UTC))
    if positions is not None:
        place = SpatialSeries(name="position", data=positions, reference_frame="lower left corner", timestamps=TIMES)
        file.create_processing_module("behavior", "where it was").add(Position(spatial_series=place))
    return file


def save_nwb(file, path):
    import pynwb

    with pynwb.NWBHDF5IO(str(path), "w") as opened:
        opened.write(file)
    return path


def add_imaging(file, traces, **options):
    """Series "traces" of three regions with the ids 12, 10, 11, at 5 Hz from 11 s on, in a container of each name."""
    from pynwb import ophys

    module = file.create_processing_module("ophys", "imaging")
    channel = ophys.OpticalChannel(name="green", description="green", emission_lambda=500.0)
    plane = file.create_imaging_plane(
        name="plane",
        optical_channel=channel,
        description="the only one",
        device=file.create_device("microscope"),
        excitation_lambda=600.0,
        indicator="GCaMP6",
        location="MEC",
    )
    segmentation = ophys.ImageSegmentation()
    module.add(segmentation)
    regions = segmentation.create_plane_segmentation(name="regions", description="cells", imaging_plane=plane)
    for identifier in (10, 11, 12):
        regions.add_roi(pixel_mask=[(1, 1, 1.0)], id=identifier)
    for name, data in traces.items():
        chosen = regions.create_roi_table_region(region=[2, 0, 1], description="all")
        series = ophys.RoiResponseSeries(
            name="traces", data=data, rois=chosen, unit="n.a.", rate=5.0, starting_time=11.0, **options
        )
        module.add(getattr(ophys, name)(name=name, roi_response_series=series))


def write_nwb(path, positions=POSITIONS, times=TIMES, spike_times=SPIKE_TIMES, spike_units=SPIKE_UNITS, **options):
    """``options``: unit, conversion, offset, rate (instead of times), series (names of the SpatialSeries)."""
    from pynwb.behavior import Position, SpatialSeries

    file = new_nwb()
    module = file.create_processing_module("behavior", "where it was")
    place = Position()
    clock = {"rate": options["rate"], "starting_time": times[0]} if "rate" in options else {"timestamps": times}
    for name in options.get("series", ["position"]):
        place.add_spatial_series(
            SpatialSeries(
                name=name,
                data=positions,
                reference_frame="lower left corner",
                unit=options.get("unit", "meters"),
                conversion=options.get("conversion", 1.0),
                offset=options.get("offset", 0.0),
                **clock,
            )
        )
    module.add(place)
    for unit in np.unique(spike_units):
        file.add_unit(spike_times=np.sort(spike_times[spike_units == unit]), id=int(unit))
    return save_nwb(file, path)
