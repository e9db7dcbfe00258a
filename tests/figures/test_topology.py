import ideal_results as ideal
from figure_words import drawn, words
from sicgrid import figures


def test_it_can_be_drawn_and_says_why_when_it_is_empty():
    assert drawn(figures.barcodes(ideal.barcode()))
    assert words(figures.barcodes(ideal.empty())) == [ideal.REASON]


def test_barcode_marks_the_bars_of_a_torus():
    figure = figures.barcodes(ideal.barcode())
    passed = [len(axes.collections[1].get_segments()) for axes in figure.axes]
    assert passed == [1, 1, 2, 2, 1, 1]
    assert "module 1 — Betti (1, 2, 1): torus" in words(figure)
