from figure_words import NOTHING, drawn, only_says_why, words
from sicgrid import figures


def test_it_can_be_drawn_and_says_why_when_it_is_empty(analyzed):
    assert drawn(figures.barcodes(analyzed.parts["topology"]))
    assert only_says_why(figures.barcodes(NOTHING))


def test_barcode_marks_the_bars_of_a_torus(analyzed):
    figure = figures.barcodes(analyzed.parts["topology"])
    passed = [len(axes.collections[1].get_segments()) for axes in figure.axes]
    assert passed == [1, 1, 2, 2, 1, 1]
    assert "module 1 · 0.45 m — Betti (1, 2, 1): torus" in words(figure)
