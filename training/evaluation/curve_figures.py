"""Curves as SVG: drawn by hand, the same bytes for the same figures, no library and no font of its own.

A chart is a plot area of shares, 0 to ``x_most`` by 0 to ``y_most``; what lies beyond is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from training.evaluation.curves import Curve, CurvePoint

INK, PALE, LINE, BAND, MARK = "#222222", "#d9d9d9", "#1f5fa8", "#c6d8ee", "#b3401a"
SIDE_PX, LEFT_PX, TOP_PX, GAP_PX, BELOW_PX = 260.0, 56.0, 44.0, 76.0, 50.0
MOST_ERROR = 0.1
_ROUND = (0.01, 0.02, 0.05, MOST_ERROR)


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot area whose upper left corner stands at (``left``, ``top``) pixels; shares to pixels."""

    left: float
    top: float
    x_most: float
    y_most: float

    def x(self, share: float) -> float:
        return self.left + SIDE_PX * min(share, self.x_most) / self.x_most

    def y(self, share: float) -> float:
        return self.top + SIDE_PX * (1.0 - min(share, self.y_most) / self.y_most)

    def frame(self, x_title: str, y_title: str) -> list[str]:
        """Grid, ticks in percent, titles of the axes."""
        out = []
        for k in range(6):
            x, y = self.x_most * k / 5, self.y_most * k / 5
            across = f"M{self.x(x):.1f} {self.top:.1f}v{SIDE_PX:.1f}M{self.left:.1f} {self.y(y):.1f}h{SIDE_PX:.1f}"
            out.append(f'<path d="{across}" stroke="{PALE}"/>')
            out.append(text(self.x(x), self.top + SIDE_PX + 16, f"{100 * x:g}", "middle"))
            out.append(text(self.left - 6, self.y(y) + 4, f"{100 * y:g}", "end"))
        middle = self.top + SIDE_PX / 2
        out.append(text(self.left + SIDE_PX / 2, self.top + SIDE_PX + 36, x_title, "middle"))
        out.append(text(self.left - 38, middle, y_title, "middle", f' transform="rotate(-90 {self.left - 38:.1f} {middle:.1f})"'))
        return out

    def line(self, points: Sequence[tuple[float, float]]) -> str:
        """The points of a polyline or polygon."""
        return " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)


def text(x: float, y: float, words: str, anchor: str = "start", more: str = "") -> str:
    """One line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(words)}</text>'


def document(width: float, title: str, body: Sequence[str]) -> str:
    """The whole SVG on white paper."""
    height = TOP_PX + SIDE_PX + BELOW_PX
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'role="img" font-family="sans-serif" font-size="12" fill="{INK}">'
    )
    paper = f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", paper, text(12, 22, title, more=' font-weight="bold"'), *body, "</svg>", ""])


def error_bound(curve: Curve) -> float:
    """The end of the error axis: the first round share that holds all points, or ``MOST_ERROR``."""
    most = max((p.of_accepted for p in curve.points), default=0.0)
    return next((share for share in _ROUND if share >= most), MOST_ERROR)


def error_of(point: CurvePoint, per_accepted: bool) -> tuple[float, float, float]:
    """(lower, observed, upper) share of wrong answers, of all or of the accepted."""
    if per_accepted:
        return point.of_accepted_low, point.of_accepted, point.of_accepted_high
    return point.error_low, point.error_rate, point.error_high


def curve_chart(chart: Chart, curve: Curve, per_accepted: bool, stated: Sequence[tuple[float, CurvePoint]]) -> list[str]:
    """Error rate with its band over read rate; the stated operating points with the interval of their read rate."""
    points = [p for p in curve.points if error_of(p, per_accepted)[1] <= chart.y_most]
    out = chart.frame("accepted and right, % of all", f"wrong, % of {'the accepted' if per_accepted else 'all'}")
    band = [(p.read_rate, error_of(p, per_accepted)[0]) for p in points]
    band += [(p.read_rate, error_of(p, per_accepted)[2]) for p in reversed(points)]
    if points:
        out.append(f'<polygon points="{chart.line(band)}" fill="{BAND}" fill-opacity="0.7"/>')
        line = chart.line([(p.read_rate, error_of(p, per_accepted)[1]) for p in points])
        out.append(f'<polyline points="{line}" fill="none" stroke="{LINE}" stroke-width="2"/>')
    labels: dict[CurvePoint, str] = {}
    for rate, p in stated:  # rates that share a threshold share a dot
        same = next((other for other in labels if other.threshold == p.threshold), p)
        labels[same] = f"{labels[same]}, {rate:g}" if same in labels else f"{rate:g}"
    for p, label in labels.items():
        error = error_of(p, per_accepted)[1]
        if error <= chart.y_most:
            x, y = chart.x(p.read_rate), chart.y(error)
            out.append(f'<path d="M{chart.x(p.read_low):.1f} {y:.1f}H{chart.x(p.read_high):.1f}" stroke="{MARK}"/>')
            out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{MARK}"/>')
            out.append(text(x - 6, y - 8, label, "end", f' fill="{MARK}"'))
    return out


def curve_svg(curve: Curve, stated: Sequence[tuple[float, CurvePoint]]) -> str:
    """Error rate over read rate, of all and of the accepted; ``stated`` are (max_error, what it comes to)."""
    bound = error_bound(curve)
    left, right = Chart(LEFT_PX, TOP_PX, 1.0, bound), Chart(LEFT_PX + SIDE_PX + GAP_PX, TOP_PX, 1.0, bound)
    body = [*curve_chart(left, curve, False, stated), *curve_chart(right, curve, True, stated)]
    title = f"{curve.title}: {curve.count} answers; band and bars: 95 % intervals; dots: max_error"
    return document(right.left + SIDE_PX + 24, title, body)


def reliability_svg(curve: Curve) -> str:
    """Share right against confidence in bins of equal count; the diagonal is a confidence that means what it says."""
    chart = Chart(LEFT_PX, TOP_PX, 1.0, 1.0)
    body = chart.frame("confidence, %", "right, %")
    body.append(f'<path d="M{chart.x(0):.1f} {chart.y(0):.1f}L{chart.x(1):.1f} {chart.y(1):.1f}" stroke="{INK}" stroke-dasharray="4 4"/>')
    for b in curve.bins:
        x = chart.x(b.confidence)
        body.append(f'<path d="M{x:.1f} {chart.y(b.right_low):.1f}V{chart.y(b.right_high):.1f}" stroke="{LINE}"/>')
        body.append(f'<circle cx="{x:.1f}" cy="{chart.y(b.right):.1f}" r="3.5" fill="{LINE}"/>')
    body.append(text(chart.x(0.04), chart.y(0.93), f"calibration error {100 * curve.calibration_error:.1f} %"))
    return document(LEFT_PX + SIDE_PX + 24, curve.title, body)
