"""The reading benchmark: Direct Dial and its peers on the same texts in the same run.

`make bench` takes some minutes; `make bench QUICK=1` one. Nothing is chosen by looking at the
test file, every seed is fixed, and everybody has one thread. Only times differ between two runs.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import decide, end_to_end, machine, metrics, picture
from benchmarks.banking77 import FOLDER, SOURCE, Banking77, every_second
from benchmarks.competitor import SEED, Answer, Competitor
from benchmarks.ours import DirectDial, Tier
from benchmarks.peers import FastText, MiniLM, SpacyBow, TfIdf
from benchmarks.report import ALL, FEW, HalfKnown, Learned, Report, Row, as_json, markdown, show

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "bench"
PICTURE = ROOT / "docs" / "bench-reading.png"
EXAMPLES = {FEW: 10, ALL: None}

PROMISE = {"policy": {"misroute_target": 0.05}}
"""At most one in twenty automatic routes wrong."""
TIERS = (
    # A tier is one line: its name, and what experts.yaml says to get it.
    Tier("Direct Dial, fast", PROMISE),
    Tier("Direct Dial, best", {**PROMISE, "reading": "best"}, needs_torch=True),
)
PEERS: tuple[type[TfIdf | FastText | SpacyBow], ...] = (TfIdf, FastText, SpacyBow)


def tiers() -> list[Tier]:
    """Return those of our tiers that can run here."""
    return [tier for tier in TIERS if MiniLM.is_installed() or not tier.needs_torch]


Step = tuple[str, Callable[[], None]]


class Measuring:
    """What is measured, as steps that fill a report."""

    def __init__(self, data: Banking77, report: Report, *, quick: bool) -> None:
        self.data = data
        self.report = report
        self.amounts = (FEW,) if quick else (FEW, ALL)
        self.rounds = 1 if quick else 5
        self.halves = {"even": 0} if quick else {"even": 0, "odd": 1}
        # The larger size is thirteen times the test file: a minute of a worker's day.
        self.sizes = (3_080, 12_320) if quick else (3_080, 40_040)
        self.runs = 1 if quick else 3
        self.texts = [row.text for row in data.test]
        self.truth = np.array([row.topic for row in data.test])
        self.trained: dict[str, dict[str, Competitor]] = {amount: {} for amount in self.amounts}
        report.settings.update(
            seed=SEED, rounds=self.rounds, end_to_end_runs=self.runs, quick=quick,
            train=len(data.train), test=len(data.test), topics=len(data.names),
        )  # fmt: skip

    def steps(self) -> list[Step]:
        """Return every step with what it does, in order."""
        rows: list[tuple[Callable[[], Competitor], Row]] = [
            (partial(DirectDial, tier), Row(tier.name, ours=True)) for tier in tiers()
        ]
        others = [*PEERS, *([MiniLM] if MiniLM.is_installed() else [])]
        rows += [(peer, Row(peer.name, ours=False)) for peer in others]
        self.report.rows = [row for _, row in rows]
        found: list[Step] = []
        for amount in self.amounts:
            found += [
                (
                    f"{row.name} learns, {amount}",
                    partial(self.learn, make, row, amount),
                )
                for make, row in rows
            ]
            found += [
                (f"everybody reads, {amount}, round {n + 1}", partial(self.one_round, amount))
                for n in range(self.rounds)
            ]
        for kept, first in self.halves.items():
            found += [
                (f"{row.name}, {kept} topics only", partial(self.half, make, row, kept, first))
                for make, row in rows
            ]
        return found

    def learn(self, make: Callable[[], Competitor], row: Row, amount: str) -> None:
        """Train one competitor; loading its libraries and models is not counted."""
        make().fit(self.data.examples(2, every_second(self.data.names, 0)[:2]))
        competitor = make()
        examples = self.data.examples(EXAMPLES[amount])
        before = time.perf_counter()
        competitor.fit(examples)
        row.learned[amount] = Learned(fit_seconds=time.perf_counter() - before)
        self.trained[amount][row.name] = competitor

    def one_round(self, amount: str) -> None:
        """Let everybody read the test posts once, one after the other: the same busy minute."""
        for row in self.report.rows:
            learned = row.learned[amount]
            before = time.perf_counter()
            answers = self.trained[amount][row.name].read(self.texts)
            learned.seconds.append(time.perf_counter() - before)
            if len(learned.seconds) == 1:
                self._judge(learned, answers)
        slow = next(r.learned[amount].seconds for r in self.report.rows if r.name == TfIdf.name)
        for row in self.report.rows:
            learned = row.learned[amount]
            learned.posts_per_second = len(self.texts) / statistics.median(learned.seconds)
            learned.against_tfidf = statistics.median(
                theirs / own for theirs, own in zip(slow, learned.seconds, strict=True)
            )

    def _judge(self, learned: Learned, answers: list[Answer]) -> None:
        right = np.array([answer.topic for answer in answers]) == self.truth
        scores = np.array([answer.score for answer in answers])
        sure = np.array([answer.sure for answer in answers])
        learned.accuracy = float(right.mean())
        learned.bins = metrics.reliability(scores, right)
        learned.ece = metrics.expected_calibration_error(learned.bins)
        learned.automatic = metrics.share(int(sure.sum()), len(sure))
        learned.wrong = metrics.share(int((sure & ~right).sum()), int(sure.sum()))

    def half(self, make: Callable[[], Competitor], row: Row, kept: str, first: int) -> None:
        """Teach only every second topic and let it read posts on all."""
        known_topics = every_second(self.data.names, first)
        competitor = make()
        competitor.fit(self.data.examples(EXAMPLES[FEW], known_topics))
        answers = competitor.read(self.texts)
        known = np.isin(self.truth, known_topics)
        right = np.array([answer.topic for answer in answers]) == self.truth
        scores = np.array([answer.score for answer in answers])
        sure = np.array([answer.sure for answer in answers])
        told = np.array([answer.known for answer in answers])
        like_ours = np.where(np.isnan(told), scores, told)
        row.half_known.append(
            HalfKnown(
                kept=kept,
                known=int(known.sum()),
                unknown=int((~known).sum()),
                auroc=metrics.auroc(like_ours[known], like_ours[~known]),
                automatic=metrics.share(int(sure.sum()), len(sure)),
                wrong=metrics.share(int((sure & ~right).sum()), int(sure.sum())),
                risk_coverage=metrics.risk_coverage(scores, right),
            )
        )

    def end_to_end(self) -> list[Step]:
        """Return a step for each of our tiers; they take the threads they like."""

        def measure(ours: DirectDial) -> None:
            examples = self.data.examples(EXAMPLES[FEW])
            self.report.end_to_end.append(
                end_to_end.measure(ours, examples, self.texts, self.sizes, self.runs)
            )

        return [
            (f"direct-dial read, {tier.name}", partial(measure, DirectDial(tier)))
            for tier in tiers()
        ]


def run(steps: list[Step], title: str, console: Console) -> None:
    """Do the steps, saying which; a line each where nobody watches."""
    columns = (
        TextColumn("{task.description:<44}"), BarColumn(20), MofNCompleteColumn(),
        TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=len(steps))
        for what, do in steps:
            progress.update(task, description=what)
            if not console.is_terminal:
                console.print(what)
            do()
            progress.advance(task)
        progress.update(task, description=title)


def decide_with(topics_each: int, report: Report) -> None:
    """Measure how long deciding takes when every expert has so many topics."""
    report.deciding.append(decide.measure(topics_each))


def main() -> None:
    """Measure, print the tables, and write table, figures and picture."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="A smoke run of a minute.")
    arguments.add_argument(
        "--write", action="store_true", help="Also write the picture to docs/bench-reading.png."
    )
    chosen = arguments.parse_args()
    progress = Console(stderr=True)
    report = Report(machine=machine.facts(), settings={})
    try:
        measuring = Measuring(Banking77.load(), report, quick=chosen.quick)
    except FileNotFoundError:
        report.left_out.append(
            f"Reading is left out: {FOLDER} is missing. Make train.jsonl and test.jsonl, with text "
            f"and topic in each line, of Banking77 ({SOURCE})."
        )
    else:
        if not MiniLM.is_installed():
            names = ", ".join([MiniLM.name, *(tier.name for tier in TIERS if tier.needs_torch)])
            report.left_out.append(
                f"Left out, as torch is missing: {names}. Into .venv: {MiniLM.INSTALL}"
            )
        with machine.one_thread():
            run(measuring.steps(), "reading", progress)
        run(measuring.end_to_end(), "end to end", progress)
    run(
        [(f"deciding, {each} topics each", partial(decide_with, each, report)) for each in (3, 10)],
        "deciding",
        progress,
    )
    show(report, Console())
    write(report, picture_too=chosen.write)


def write(report: Report, *, picture_too: bool) -> None:
    """Write the report's files below `build/bench`; the picture into the docs when asked."""
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / "reading.json").write_text(as_json(report), "utf-8")
    (BUILD / "reading.md").write_text(markdown(report), "utf-8")
    written = [BUILD / "reading.json", BUILD / "reading.md"]
    if report.rows:
        for path in (BUILD / "reading.png", *([PICTURE] if picture_too else [])):
            picture.draw(report, path)
            written.append(path)
    for path in written:
        sys.stdout.write(f"written: {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
