"""Three pictures in one: accuracy against speed, reliability, and risk against coverage."""

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator, PercentFormatter

from benchmarks.report import ALL, FEW, Report, Row

COLOURS = ("#d1495b", "#7b2d8b", "#2e6f95", "#5b8e3e", "#d98e04", "#6b7280", "#111827")
"""Ours first; far apart in lightness too, for people who don't see all colours."""


def draw(report: Report, path: Path) -> None:
    """Write the picture as a PNG, 1,800 pixels wide."""
    figure = Figure(figsize=(15, 5.4), dpi=120, layout="constrained")
    axes = figure.subplots(1, 3)
    _speed(axes[0], report.rows)
    _reliability(axes[1], report.rows)
    _risk(axes[2], report.rows)
    for axis in axes:
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path)


def _style(number: int, row: Row) -> dict[str, Any]:
    return {
        "color": COLOURS[number % len(COLOURS)],
        "linewidth": 2.6 if row.ours else 1.4,
        "zorder": 3 if row.ours else 2,
    }


def _speed(axis: Axes, rows: list[Row]) -> None:
    for number, row in enumerate(rows):
        colour = COLOURS[number % len(COLOURS)]
        points = [row.learned[many] for many in (FEW, ALL) if many in row.learned]
        speeds = [each.posts_per_second for each in points]
        accuracies = [each.accuracy for each in points]
        axis.plot(speeds, accuracies, color=colour, alpha=0.4, linewidth=1)
        axis.scatter(speeds[:1], accuracies[:1], color=colour, s=110 if row.ours else 55, zorder=3)
        axis.scatter(
            speeds[1:], accuracies[1:], facecolors="white", edgecolors=colour, zorder=3,
            s=110 if row.ours else 55, linewidths=2,
        )  # fmt: skip
        axis.annotate(
            row.name, (speeds[0], accuracies[0]), xytext=(0, -16), textcoords="offset points",
            ha="center", color=colour, fontsize=10, weight="bold" if row.ours else "normal",
        )  # fmt: skip
    axis.set_xscale("log")
    axis.margins(x=0.24, y=0.14)
    axis.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(_short))
    axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axis.set_title("Right and fast: up and to the right is better", fontsize=12)
    axis.set_xlabel("posts a second, one thread\nfull: 10 examples of each topic; ring: all 10,003")
    axis.set_ylabel("accuracy, 77 topics")


def _short(value: float, _place: int | None = None) -> str:
    return f"{value:.0f}" if value < 1000 else f"{value / 1000:.0f}k"


def _reliability(axis: Axes, rows: list[Row]) -> None:
    axis.plot([0, 1], [0, 1], color="#9ca3af", linestyle="--", linewidth=1)
    for number, row in enumerate(rows):
        # A handful of posts says nothing about how often such scores are right.
        bins = [each for each in row.learned[FEW].bins if each.count >= 10]
        axis.plot(
            [each.score for each in bins], [each.accuracy for each in bins], marker="o",
            markersize=4, label=f"{row.name} (ECE {row.learned[FEW].ece:.3f})",
            **_style(number, row),
        )  # fmt: skip
    axis.set_xlim(0, 1)
    axis.set_ylim(0, 1)
    axis.text(0.03, 0.95, "too modest", color="#6b7280", fontsize=10)
    axis.text(0.97, 0.42, "too sure", ha="right", color="#6b7280", fontsize=10)
    axis.set_title("Does a score mean what it says?", fontsize=12)
    axis.set_xlabel(
        "score of the first topic\n10 examples of each topic; dashed: as honest as can be"
    )
    axis.set_ylabel("how often it was right")
    axis.legend(fontsize=8.5, frameon=False, loc="lower right")


def _risk(axis: Axes, rows: list[Row]) -> None:
    for number, row in enumerate(rows):
        half = row.half_known[0]
        points = half.risk_coverage
        # The first few posts jump between 0 and 1.
        shown = [point for point in points if point.coverage >= 0.01]
        axis.plot(
            [point.coverage for point in shown], [point.risk for point in shown],
            label=row.name, **_style(number, row),
        )  # fmt: skip
        axis.scatter(
            [half.automatic.value], [half.wrong.value], color=COLOURS[number % len(COLOURS)],
            s=60, zorder=4, edgecolors="white",
        )  # fmt: skip
    axis.set_xlim(0, 1)
    axis.set_ylim(0, None)
    axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axis.set_title("Half of the posts on topics nobody has: lower is better", fontsize=12)
    axis.set_xlabel("share of posts answered without asking\ndot: what happens by default")
    axis.set_ylabel("wrong among them")
    axis.legend(fontsize=8.5, frameon=False, loc="upper left")
