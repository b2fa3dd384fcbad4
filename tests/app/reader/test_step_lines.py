"""Lines along which the colour steps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from app.reader.step_lines import side_lines, step_lengths, together

Picture = npt.NDArray[np.uint8]


def lines_of(grey: Picture) -> npt.NDArray[np.float64]:
    return side_lines(grey[:, :, None], (grey,))


def test_the_edge_of_a_sheet_is_found_and_a_rule_is_not() -> None:
    """Paper from column 120 on: one line, at 120. The printed rule at row 100 has paper on both sides."""
    grey = np.full((240, 320), 60, np.uint8)
    grey[:, 120:] = 220
    grey[100:102, 130:310] = 20
    (line,) = lines_of(grey)
    assert abs(line[0]) > 0.999
    assert abs(line[2] / line[0] - 120.0) < 0.6


def test_an_empty_picture_has_no_lines() -> None:
    """Nothing steps, nothing is found."""
    assert lines_of(np.full((240, 320), 200, np.uint8)).shape == (0, 3)


def test_the_length_of_a_step_is_measured_along_the_line() -> None:
    """Half of the column at 120 is an edge: half of its length counts."""
    grey = np.full((240, 320), 60, np.uint8)
    grey[:120, 120:] = 220
    (length,) = step_lengths(grey[:, :, None], np.array([[1.0, 0.0, 120.0]]))
    assert abs(length - 120.0) <= 6.0


def test_segments_on_one_line_are_one_line() -> None:
    """Two pieces of row 50 count together and before the longer piece of row 90."""
    ends = np.array([[10.0, 50.0, 60.0, 50.0], [80.0, 50.0, 130.0, 50.0], [10.0, 90.0, 90.0, 90.0]])
    along = np.tile([1.0, 0.0], (3, 1))
    lines = together(ends, along, ends[:, 2] - ends[:, 0])
    assert np.allclose(np.abs(lines[:, 2]), [50.0, 90.0])
