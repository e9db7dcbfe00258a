"""Arguments that are to be numbers."""

import numpy as np
import pytest
import scipy.sparse

from sicgrid._numbers import plain_numbers, real_numbers, shown


@pytest.mark.parametrize("values", [(1, 2), np.float32([1, 2]), [np.int64(1), 2.0]])
def test_numbers_of_any_library_are_numbers(values):
    taken = real_numbers("place", values, "two", (2,))
    assert taken.dtype == np.float64
    assert taken.tolist() == [1, 2]


@pytest.mark.parametrize(
    "values",
    ["a", "1", None, 3, (1,), (1, 2, 3), (1, "a"), (1, None), (1, 2j), (True, False), [[1], [2, 3]], {}, object()],
)
def test_what_is_none_is_refused_by_its_name(values):
    with pytest.raises(ValueError, match=r"^place must be two, got .{1,70}$"):
        real_numbers("place", values, "two", (2,))


def test_missing_numbers_pass_where_they_may():
    masked = np.ma.masked_array([[1, 2], [3, 4]], mask=[[0, 0], [1, 0]])
    np.testing.assert_array_equal(
        real_numbers("path", masked, "a path", (None, 2), missing=True), [[1, 2], [np.nan, 4]]
    )
    with pytest.raises(ValueError, match="path must be a path, got NaN or infinity in "):
        real_numbers("path", masked, "a path", (None, 2))
    with pytest.raises(ValueError, match="path must be a path"):
        real_numbers("path", np.zeros((0, 2)), "a path", (None, 2))


def test_a_long_value_is_told_by_what_it_is():
    assert shown(np.zeros(9)) == "an array of float64 of shape (9,)"
    assert shown("x" * 99) == "a str of 99"
    assert shown(scipy.sparse.csr_array(np.eye(2))) == "a csr_array"
    assert len(shown(dict.fromkeys(range(99), "word"))) < 20


@pytest.mark.parametrize("kind", ["U4", "datetime64[D]", "timedelta64[s]"])
def test_masked_text_and_dates_are_no_numbers(kind):
    """Masked numbers become NaN, and a cast of these to floats gave years in seconds."""
    values = np.ma.masked_array(
        np.array(["2020", "2021"]).astype(kind if kind[0] != "t" else "i8").astype(kind), [0, 1]
    )
    with pytest.raises(ValueError, match="place must be two, got "):
        real_numbers("place", values, "two", (2,), missing=True)
    with pytest.raises(ValueError, match="place must be real numbers, got "):
        plain_numbers("place", values)
