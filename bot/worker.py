"""Runs the pipeline's steps round by round; backs off when the world is down; stops cleanly."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.pipeline import Delivered, Pipeline, Watched
from bot.ports import StoreError

BATCH = 50
"""Posts decided in one transaction: well under a second of work, so that SIGTERM is quick."""
DELIVERIES_A_ROUND = 100
"""So that a flood of cards doesn't keep new posts from being read."""
PAUSE_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 60.0


@dataclass
class Worker:
    """One worker process; several may run on PostgreSQL."""

    pipeline: Pipeline
    watched: Sequence[Watched]
    clock: Callable[[], datetime]
    stopping: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Finish what is being done, then return from `run`."""
        self.stopping.set()

    def run(self) -> None:
        """Work until `stop`. A database that is away is waited for, longer and longer."""
        backoff = PAUSE_SECONDS
        while not self.stopping.is_set():
            try:
                busy = self.round()
                backoff = PAUSE_SECONDS
            except StoreError as error:
                self.pipeline.telemetry.trouble("database", reason=str(error), retry_in=backoff)
                self.stopping.wait(backoff)
                backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)
                continue
            if not busy:
                self.stopping.wait(PAUSE_SECONDS)

    def run_once(self) -> None:
        """Work until nothing is due any more, then return: for cron, and for trying things."""
        while not self.stopping.is_set() and self.round():
            pass

    def round(self) -> bool:
        """Take every step once; return whether there was anything to do."""
        busy = False
        for watched in self.watched:
            if self.stopping.is_set():
                return False
            busy |= self.pipeline.ingest(watched, self.clock())
        for step in (self._route, self._escalate, self._deliver):
            if self.stopping.is_set():
                return False
            busy |= step()
        return busy

    def _route(self) -> bool:
        return self.pipeline.route(BATCH, self.clock()) > 0

    def _escalate(self) -> bool:
        return self.pipeline.escalate(self.clock()) > 0

    def _deliver(self) -> bool:
        """Show cards that are due; return whether there may be more.

        The first that has to be tried again ends the round: when a platform is down, waiting for
        each of a thousand cards to time out would keep everything else from happening.
        """
        for _ in range(DELIVERIES_A_ROUND):
            if self.stopping.is_set():
                return False
            result = self.pipeline.deliver_one(self.clock())
            if result in (Delivered.NOTHING_DUE, Delivered.LATER):
                return False
        return True
