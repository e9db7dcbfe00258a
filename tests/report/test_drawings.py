from dataclasses import replace

import numpy as np

import ideal_results as ideal
from sicgrid.report._drawings import PARTS, box_drawings, part_drawings
from sicgrid.report._panels import figure_drawings


def test_names_are_unique_and_everything_has_words(analyzed):
    drawings = figure_drawings(analyzed, "langston")
    names = [drawing.name for drawing in drawings]
    assert len(names) == len(set(names))
    assert {
        "modules",
        "fourier",
        "phase-squares",
        "phase-planes",
        "torus-1",
        "torus-2",
        "rings",
        "barcodes",
        "boxes",
    } <= {*names}
    assert all(drawing.label for drawing in drawings)


def test_every_part_has_a_figure(analyzed):
    for name in PARTS:
        assert part_drawings(analyzed, name), name


def test_a_part_that_is_missing_or_empty_has_none(analyzed):
    for name in PARTS:
        assert part_drawings(replace(analyzed, parts={}), name) == []
        assert part_drawings(replace(analyzed, parts={name: ideal.empty()}), name) == []


def test_one_box_makes_no_panels_of_boxes(analyzed):
    alone = replace(analyzed, boxes={2.0: analyzed.boxes[2.0]}, parts={})
    assert list(box_drawings(alone)) == []


def test_the_units_shown_in_all_boxes_come_from_every_module(analyzed):
    boxes = next(iter(box_drawings(analyzed)))
    titles = [axes.get_title() for axes in boxes.draw().axes if axes.get_title().startswith("unit")]
    modules = ideal.members()[[int(title.split()[1]) for title in titles]]
    assert np.array_equal(modules, [0, 0, 0, 0, 1, 1, 1, 1])
