"""One company for the journeys: a roster, a file of posts, a local Slack, and worker processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, text

from bot.storage import migrate
from bot.storage.database import connect
from tests.slack_server import Message, SlackServer

DESK = "C0DESK"
BOT_TOKEN = "xoxb-test"
TOPICS = {
    "roaming": "roaming charges abroad in Spain",
    "billing": "my bill is wrong again",
    "outage": "no network signal at all",
    "esim": "how do I activate the esim",
}


def roster(capacity: int, experts: int) -> str:
    """Four topics; every expert knows two of them, is always on duty and lives in Slack."""
    topics = [
        {
            "id": topic,
            "examples": [f"{said} please help", f"question about {said}"],
            "phrases": [said.split()[0] if topic == "roaming" else topic, *said.split()[-2:]],
        }
        for topic, said in TOPICS.items()
    ]
    names = list(TOPICS)
    people = [
        {
            "id": f"expert{n}",
            "name": f"Expert {n}",
            "topics": {names[n % 4]: 3, names[(n + 1) % 4]: 2},
            "standing": "direct",
            "capacity": capacity,
            "slack": f"U0EXPERT{n}",
        }
        for n in range(experts)
    ]
    return json.dumps(
        {
            "company": {"name": "Kestrel", "desk": {"slack": DESK}},
            "topics": topics,
            "experts": people,
            "managers": [{"id": "maya", "name": "Maya", "slack": "U0MAYA"}],
            "watch": [{"source": "jsonl", "path": "posts.jsonl", "follow": False, "every": "1s"}],
        }
    )


def posts(count: int) -> str:
    """Nine of ten are for an expert; the others are unclear, or none of the company's business."""
    lines = []
    for n in range(count):
        said = list(TOPICS.values())[n % 4]
        text_said = f"Kestrel {said} number {n}?"
        if n % 20 == 7:
            text_said = f"Kestrel zzyzx qwrt {n}?"
        if n % 20 == 13:
            text_said = f"Lovely sunset at the lake, evening {n}."
        author = {"handle": f"customer{n}"}
        lines.append(
            json.dumps({"id": str(n), "platform": "x", "text": text_said, "author": author})
        )
    return "\n".join(lines) + "\n"


@dataclass
class Workplace:
    folder: Path
    database_url: str
    slack: SlackServer
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def set_up(self, count: int, *, capacity: int = 10_000, experts: int = 8) -> None:
        (self.folder / "experts.yaml").write_text(roster(capacity, experts))
        (self.folder / "posts.jsonl").write_text(posts(count))
        self.slack.add_channel(DESK)
        for n in range(experts):
            self.slack.add_user(f"U0EXPERT{n}")
        self.slack.add_user("U0MAYA")
        engine = self.engine()
        migrate.upgrade(engine)
        engine.dispose()

    def engine(self) -> Engine:
        return connect(self.database_url)

    def start(self, command: str = "work", **settings: str) -> subprocess.Popen[bytes]:
        """Start a worker, or the web process, as the Procfile does."""
        environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251 - a child process needs it
            "DATABASE_URL": self.database_url,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_API_URL": self.slack.url,
            "LOG_LEVEL": "WARNING",
        }
        log = (self.folder / "worker.log").open("ab")
        worker = subprocess.Popen(
            [str(Path(sys.executable).with_name("direct-dial")), command],
            cwd=self.folder,
            env=environment | settings,
            stdout=log,
            stderr=log,
        )
        log.close()
        self.running.append(worker)
        return worker

    def kill_all(self) -> None:
        for worker in self.running:
            if worker.poll() is None:
                worker.kill()
            worker.wait()

    def log(self) -> str:
        return (self.folder / "worker.log").read_text()

    def query(self, sql: str) -> list[tuple[object, ...]]:
        engine = self.engine()
        with engine.connect() as connection:
            rows = [tuple(row) for row in connection.execute(text(sql))]
        engine.dispose()
        return rows

    def is_done(self, count: int) -> bool:
        """Whether every post is decided and every card shown."""
        undecided = self.query("SELECT count(*) FROM posts WHERE state = 'routed'")[0][0] != count
        waiting = self.query("SELECT count(*) FROM deliveries WHERE state <> 'shown'")[0][0]
        return not undecided and waiting == 0

    def wait_until_done(self, count: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_done(count):
            assert time.monotonic() < deadline, self.log()[-2000:]
            assert any(worker.poll() is None for worker in self.running), self.log()[-2000:]
            time.sleep(0.2)

    def assert_each_dialled_once(self, count: int) -> None:
        """Every post one decision; its expert one message; the desk one line."""
        decided = self.query("SELECT post_key, count(*) FROM decisions GROUP BY post_key")
        assert len(decided) == count
        assert {times for _, times in decided} == {1}
        assigned = self.query("SELECT post_key, expert FROM assignments")
        outcomes: Counter[object] = Counter()
        for outcome, times in self.query(
            "SELECT outcome, count(*) FROM decisions GROUP BY outcome"
        ):
            outcomes[outcome] = int(str(times))
        assert outcomes["assigned"] == len(assigned)
        assert set(outcomes) == {"assigned", "unrouted", "ignored"}, outcomes
        arrived = [self._delivery_id(message) for message in self.slack.posted]
        assert len(arrived) == len(set(arrived)), "somebody was dialled twice"
        wanted = {f"{key}/1/expert" for key, _ in assigned}
        wanted |= {
            f"{key}/desk"
            for (key,) in self.query("SELECT post_key FROM decisions WHERE outcome <> 'ignored'")
        }
        assert set(arrived) == wanted
        for key, expert in assigned:
            user = str(expert).upper().replace("EXPERT", "U0EXPERT")
            there = [self._delivery_id(message) for message in self.slack.messages(user)]
            assert there.count(f"{key}/1/expert") == 1

    @staticmethod
    def _delivery_id(message: Message) -> str:
        assert message.metadata is not None
        return str(message.metadata["event_payload"]["delivery_id"])


def terminate(worker: subprocess.Popen[bytes], seconds: float) -> float:
    """Send SIGTERM and return how long the worker took to stop."""
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    worker.wait(seconds)
    return time.monotonic() - began
