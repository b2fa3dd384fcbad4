"""Curves as SVG: well-formed, the same every time, and where the figures say."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from training.evaluation.curve_figures import LEFT_PX, SIDE_PX, TOP_PX, Chart, curve_svg, error_bound, reliability_svg
from training.evaluation.curves import Curve, curve, point
from training.measure import Answer

SVG = "{http://www.w3.org/2000/svg}"


def drawn(errors: int = 2) -> Curve:
    """A hundred answers, of which the least sure ones are wrong."""
    rows = [Answer("a", "", "1", "1", "1", k / 100, False, k >= errors) for k in range(100)]
    return curve("Set <1> & others", rows)


def test_shares_stand_where_the_axes_say() -> None:
    """The origin is lower left; what is beyond the axis stays at its end."""
    chart = Chart(10.0, 20.0, 1.0, 0.1)
    assert (chart.x(0.0), chart.y(0.0)) == (10.0, 20.0 + SIDE_PX)
    assert (chart.x(1.0), chart.y(0.1)) == (10.0 + SIDE_PX, 20.0)
    assert chart.y(0.5) == 20.0


@pytest.mark.parametrize(("errors", "bound"), [(0, 0.01), (1, 0.01), (2, 0.02), (4, 0.05), (10, 0.1), (60, 0.1)])
def test_the_error_axis_holds_the_curve(errors: int, bound: float) -> None:
    """Up to a round share, ten percent at most."""
    assert error_bound(drawn(errors)) == bound


def test_a_figure_is_an_svg_of_its_own() -> None:
    """Well-formed, with a title, without anything from elsewhere; the same bytes every time."""
    for figure in (curve_svg(drawn(), [(0.01, point(0.5, 50, 0, 100))]), reliability_svg(drawn())):
        root = ElementTree.fromstring(figure)
        assert (root.findtext(f"{SVG}title") or "").startswith("Set <1> & others")
        assert not {"image", "script", "style", "use"} & {element.tag.removeprefix(SVG) for element in root.iter()}
    assert curve_svg(drawn(), []) == curve_svg(drawn(), [])


def test_both_charts_show_the_stated_points() -> None:
    """Of all and of the accepted; rates with the same threshold share a dot, one beyond the axis has none."""
    stated = [(0.01, point(0.5, 50, 0, 100)), (0.02, point(0.5, 50, 0, 100)), (0.05, point(0.1, 50, 40, 100))]
    root = ElementTree.fromstring(curve_svg(drawn(), stated))
    circles = root.findall(f"{SVG}circle")
    assert len(circles) == 2
    assert float(circles[0].get("cx", "")) == pytest.approx(LEFT_PX + SIDE_PX / 2, abs=0.1)
    assert float(circles[0].get("cy", "")) == pytest.approx(TOP_PX + SIDE_PX, abs=0.1)
    assert [element.text for element in root.findall(f"{SVG}text")].count("0.01, 0.02") == 2
    assert len(root.findall(f"{SVG}polyline")) == 2


def test_an_empty_set_has_empty_axes() -> None:
    """No curve, no point, no failure."""
    empty = curve("nothing", [])
    assert "polyline" not in curve_svg(empty, [])
    assert "circle" not in reliability_svg(empty)


def test_bins_stand_over_their_confidence() -> None:
    """One mark a bin, ten of them."""
    circles = ElementTree.fromstring(reliability_svg(drawn(0))).findall(f"{SVG}circle")
    assert len(circles) == 10
    assert {float(circle.get("cy", "")) for circle in circles} == {TOP_PX}
