"""The kit's camera: poses, the pinhole, quarter turns."""

from __future__ import annotations

import numpy as np
import pytest

from training.synthetic.kit_camera import DISTANCE, TURNS, Pose, on_table, pinhole, quarter_turned, through


def projected(x: float, y: float, pose: Pose, distance: float) -> tuple[float, float]:
    """The slow way: turn the point about the axis across the direction of the tilt, then look through the pinhole."""
    tilt, direction, turn = np.radians([pose.tilt_degrees, pose.direction_degrees, pose.turn_degrees])
    along = x * np.cos(direction) + y * np.sin(direction)
    across = -x * np.sin(direction) + y * np.cos(direction)
    share = distance / (distance + along * np.sin(tilt))
    along, across = along * np.cos(tilt) * share, across * share
    u, v = along * np.cos(direction) - across * np.sin(direction), along * np.sin(direction) + across * np.cos(direction)
    return float(u * np.cos(turn) - v * np.sin(turn)), float(u * np.sin(turn) + v * np.cos(turn))


@pytest.mark.parametrize("pose", [Pose(0.0, 0.0, 0.0), Pose(25.0, 0.0, 0.0), Pose(14.0, 200.0, 3.0), Pose(40.0, 77.0, -6.0)])
def test_the_map_is_that_of_a_pinhole(pose: Pose) -> None:
    """Against turning and projecting each point; the middle of the check stays where it is."""
    points = [(0.0, 0.0), (1200.0, 0.0), (1200.0, 550.0), (0.0, 550.0), (600.0, 275.0), (313.0, 77.0)]
    slow = [projected(x - 600.0, y - 275.0, pose, DISTANCE * 1200) for x, y in points]
    assert np.allclose(through(pinhole(1200, 550, pose), points), slow, atol=1e-6)


def test_the_far_edge_is_shorter() -> None:
    """Direction 0: the right edge is farther."""
    corners = through(pinhole(1200, 550, Pose(20.0, 0.0, 0.0)), [(0, 0), (1200, 0), (1200, 550), (0, 550)])
    assert corners[2, 1] - corners[1, 1] < 0.9 * (corners[3, 1] - corners[0, 1])


def test_the_whole_check_lies_on_the_table() -> None:
    """All corners inside the picture, the room around in the colour of the table."""
    seen, matrix = on_table(np.full((200, 400, 3), 250, np.uint8), Pose(18.0, 130.0, 4.0), 20, (10, 20, 30))
    corners = through(matrix, [(0, 0), (400, 0), (400, 200), (0, 200)])
    assert corners.min() >= 19
    assert (corners <= np.array([seen.shape[1], seen.shape[0]]) - 18).all()
    assert (seen[:15] == (10, 20, 30)).all()
    middle = through(matrix, [(200, 100)])[0].astype(int)
    assert (seen[middle[1], middle[0]] == 250).all()


@pytest.mark.parametrize("degrees", TURNS)
def test_a_turned_pixel_is_where_the_map_says(degrees: int) -> None:
    """A dot, and the upper left corner after 90 degrees clockwise is the upper right one."""
    picture = np.zeros((30, 50, 3), np.uint8)
    picture[4, 7] = 255
    turned, matrix = quarter_turned(picture, degrees)
    x, y = through(matrix, [(7.5, 4.5)])[0]
    assert turned[int(y), int(x)].min() == 255
    assert tuple(through(quarter_turned(picture, 90)[1], [(0, 0)])[0]) == (30.0, 0.0)


def test_other_turns_are_refused() -> None:
    """By a sentence."""
    with pytest.raises(ValueError, match="a turn is one of 0, 90, 180, 270 degrees; given: 45"):
        quarter_turned(np.zeros((3, 3, 3), np.uint8), 45)


def test_poses_keep_their_bounds() -> None:
    """No tilt beyond the most."""
    rng = np.random.default_rng(2)
    poses = [Pose.draw(rng, 12.0) for _ in range(200)]
    assert 10 < max(pose.tilt_degrees for pose in poses) <= 12
    assert max(abs(pose.turn_degrees) for pose in poses) <= 6
