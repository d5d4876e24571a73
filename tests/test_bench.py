"""The benchmark's arithmetic and its report; what it measures is no business of a test."""

import json
import math
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from benchmarks.banking77 import Banking77, Labelled, every_second, first_of_each, identifier
from benchmarks.metrics import (
    Bin,
    Point,
    auroc,
    expected_calibration_error,
    percentile,
    reliability,
    risk_coverage,
    share,
)
from benchmarks.report import (
    ALL,
    FEW,
    NOTHING,
    Deciding,
    EndToEnd,
    HalfKnown,
    Learned,
    Report,
    Row,
    as_json,
    markdown,
    show,
    tables,
)


def test_a_bin_holds_its_upper_bound_and_not_its_lower() -> None:
    bins = reliability(np.array([0.0, 0.5, 0.51, 1.0]), np.array([False, True, True, True]), 2)
    assert bins == (Bin(2, 0.25, 0.5), Bin(2, 0.755, 1.0))


def test_the_calibration_error_weighs_bins_by_what_they_hold() -> None:
    # Three posts at 0.9 of which two are right, one at 0.3 which is right, and an empty bin.
    bins = reliability(np.array([0.9, 0.9, 0.9, 0.3]), np.array([True, True, False, True]), 5)
    assert [each.count for each in bins] == [0, 1, 0, 0, 3]
    expected = 3 / 4 * abs(0.9 - 2 / 3) + 1 / 4 * abs(0.3 - 1.0)
    assert expected_calibration_error(bins) == pytest.approx(expected)


def test_scores_that_mean_what_they_say_have_no_calibration_error() -> None:
    right = np.array([True] * 3 + [False])
    assert expected_calibration_error(reliability(np.full(4, 0.75), right)) == 0


@pytest.mark.parametrize(
    ("known", "unknown", "expected"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),
        ([0.1, 0.2], [0.9, 0.8], 0.0),
        ([0.5, 0.5], [0.5], 0.5),
        ([0.9, 0.4], [0.4, 0.6], 0.625),  # of four pairs two are won, one lost, one tied
    ],
)
def test_auroc_counts_pairs(known: list[float], unknown: list[float], expected: float) -> None:
    assert auroc(np.array(known), np.array(unknown)) == expected


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_the_interval_of_a_share_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    found = share(count, of)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)
    assert math.isnan(found.value) if of == 0 else found.value == count / of


def test_posts_with_the_same_score_are_answered_together() -> None:
    scores = np.array([0.6, 0.9, 0.6, 0.3])
    right = np.array([False, True, True, False])
    assert risk_coverage(scores, right) == (Point(0.25, 0.0), Point(0.75, 1 / 3), Point(1.0, 0.5))


def test_a_long_curve_keeps_its_ends() -> None:
    points = risk_coverage(np.linspace(1, 0, 1000), np.ones(1000, bool), most=10)
    assert len(points) == 10
    assert (points[0].coverage, points[-1].coverage) == (0.001, 1.0)


def test_a_percentile_is_one_of_the_values() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [percentile(values, each) for each in (0, 20, 50, 95, 100)] == [1, 1, 3, 5, 5]


def test_topics_get_the_ids_a_roster_allows() -> None:
    assert identifier("reverted_card_payment?") == "reverted_card_payment"
    assert identifier("Refund_not_showing_up") == "refund_not_showing_up"


def test_the_first_examples_of_each_topic_are_taken_in_file_order() -> None:
    rows = [Labelled(text, topic) for text, topic in ("1a", "2b", "3a", "4a", "5b")]
    assert [row.text for row in first_of_each(rows, 2)] == ["1", "2", "3", "5"]
    assert first_of_each(rows, None) == rows


def test_every_second_topic_is_taken_in_alphabetical_order() -> None:
    assert every_second(["c", "a", "d", "b"], 0) == ("a", "c")
    assert every_second(["c", "a", "d", "b"], 1) == ("b", "d")


def test_banking77_is_read_and_everybody_learns_the_names(tmp_path: Path) -> None:
    for part in ("train", "test"):
        lines = [
            {"text": f"{part} 1", "topic": "pin_blocked"},
            {"text": f"{part} 2", "topic": "Refund?"},
        ]
        (tmp_path / f"{part}.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    data = Banking77.load(tmp_path)
    assert data.names == {"pin_blocked": "pin blocked", "refund": "Refund"}
    assert data.test == (("test 1", "pin_blocked"), ("test 2", "refund"))
    assert data.examples(10, ["refund"]).with_names() == (
        ("train 2", "refund"),
        ("Refund", "refund"),
    )


def a_report() -> Report:
    """Return what a short run finds: nothing was learned from all examples."""
    learned = Learned(
        fit_seconds=1.5,
        accuracy=0.8,
        ece=0.05,
        bins=(Bin(0, math.nan, math.nan), Bin(4, 0.75, 0.8)),
        automatic=share(3, 4),
        wrong=share(1, 3),
        posts_per_second=1234.5,
        against_tfidf=0.5,
        seconds=[2.0],
    )
    half = HalfKnown("even", 2, 2, 0.9, share(2, 4), share(1, 2), (Point(1.0, 0.5),))
    return Report(
        machine={"cpu": "a chip", "cores": 2, "python": "3.11", "load_at_start": 1.25},
        settings={"rounds": 1},
        rows=[Row("Ours | fast", ours=True, learned={FEW: learned}, half_known=[half])],
        end_to_end=[EndToEnd("Ours | fast", (1000, 5000), (3.0, 7.0), 200_000_000)],
        deciding=[Deciding(3, 10_000, 300, 290, 450.4, 900.0)],
        left_out=["Somebody was left out."],
    )


def test_end_to_end_speed_is_told_with_and_without_start_up() -> None:
    found = a_report().end_to_end[0]
    assert found.posts_per_second == 1000
    assert found.start_up == 2
    assert found.with_start_up == pytest.approx(5000 / 7)


def test_what_was_not_measured_is_shown_as_such() -> None:
    accuracy, speed, trust, unknown, process, deciding = tables(a_report())
    assert accuracy.rows == (("Ours | fast", "80.0 %", NOTHING, "1.50", NOTHING),)
    assert speed.rows == (("Ours | fast", "1,234", NOTHING, "0.50", NOTHING),)
    assert trust.rows == (("Ours | fast", "0.050", "75.0 %", "33.3 % (6.1 to 79.2)"),)
    assert unknown.rows == (("Ours | fast", "0.900", "50.0 %", "50.0 % (9.5 to 90.5)"),)
    assert process.rows == (("Ours | fast", "1,000", "714", "2.0", NOTHING, "200"),)
    assert deciding.rows == (("10,000 experts, 3 topics each", "450", "900"),)


def test_without_the_data_only_deciding_is_told() -> None:
    report = a_report()
    report.rows, report.end_to_end = [], []
    assert len(tables(report)) == 1


def test_the_terminal_report_fits_into_80_columns_and_says_what_was_left_out() -> None:
    out = StringIO()
    show(a_report(), Console(file=out, width=80))
    text = out.getvalue()
    assert "33.3 % (6.1 to 79.2)" in text
    assert "Somebody was left out." in text
    assert "load 1.2" in text
    assert "…" not in text


def test_markdown_keeps_its_columns_whatever_a_name_contains() -> None:
    text = markdown(a_report())
    assert "| Ours \\| fast | 80.0 % | – | 1.50 | – |" in text
    assert f"| 77 topics | accuracy {FEW} | accuracy {ALL} |" in text
    assert "|---|---:|---:|" in text


def test_json_has_every_figure_and_null_for_what_is_missing() -> None:
    found = json.loads(as_json(a_report()))
    learned = found["rows"][0]["learned"][FEW]
    assert learned["accuracy"] == 0.8
    assert learned["bins"][0] == {"count": 0, "score": None, "accuracy": None}
    assert learned["wrong"]["of"] == 3
    assert learned["automatic"]["value"] == 0.75
    assert found["end_to_end"][0]["posts_per_second"] == 1000
    assert found["end_to_end"][0]["load_seconds"] is None
    assert found["machine"]["cpu"] == "a chip"
