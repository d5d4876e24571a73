"""No post is lost and none dialled twice, whatever crashes: real processes, really killed."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.workplace import Workplace, terminate
from tests.slack_server import SlackServer, hanging

POSTS = 500
KILLS = 50
pytestmark = pytest.mark.journey


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def workplace(
    request: pytest.FixtureRequest, tmp_path: Path, slack: SlackServer
) -> Iterator[Workplace]:
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    place = Workplace(tmp_path, request.getfixturevalue(name), slack)
    yield place
    place.kill_all()


@pytest.fixture
def on_postgresql(tmp_path: Path, slack: SlackServer, postgres_url: str) -> Iterator[Workplace]:
    place = Workplace(tmp_path, postgres_url, slack)
    yield place
    place.kill_all()


@pytest.mark.timeout(900)
def test_a_worker_killed_fifty_times_loses_nothing_and_repeats_nothing(
    workplace: Workplace,
) -> None:
    """Killed at random moments: before, between and within sends, and while deciding.

    The kills are spread over the messages that 500 posts make, so that each hits a worker that
    has something in its hands.
    """
    workplace.set_up(POSTS)
    chance = random.Random(20261121)
    kills = 0
    while kills < KILLS:
        before = len(workplace.slack.posted)
        worker = workplace.start()
        wanted = chance.randint(0, 15)
        deadline = time.monotonic() + 30
        while len(workplace.slack.posted) - before < wanted and time.monotonic() < deadline:
            assert worker.poll() is None, workplace.log()[-2000:]
            time.sleep(0.002)
        # Most wait for a number of messages; some are killed while they start or decide.
        time.sleep(chance.uniform(0, 3.0 if wanted == 0 else 0.02))
        worker.kill()
        worker.wait()
        kills += 1
    before = len(workplace.slack.posted)
    workplace.start()
    workplace.wait_until_done(POSTS, 180)
    workplace.assert_each_dialled_once(POSTS)
    assert len(workplace.slack.posted) > before, "the last kills hit workers with nothing to do"


@pytest.mark.timeout(300)
def test_two_workers_at_once_dial_nobody_twice_and_keep_the_capacity(
    on_postgresql: Workplace,
) -> None:
    on_postgresql.set_up(300, capacity=30, experts=8)
    for _ in range(2):
        on_postgresql.start()
    on_postgresql.wait_until_done(300, 120)
    on_postgresql.assert_each_dialled_once(300)
    loads = on_postgresql.query("SELECT expert, count(*) FROM assignments GROUP BY expert")
    assert {count for _, count in loads} == {30}, "there is work for more than all can take"


def test_sigterm_finishes_what_is_in_hand_and_stops_within_five_seconds(
    workplace: Workplace,
) -> None:
    workplace.set_up(2000)
    worker = workplace.start()
    workplace.slack.wait(lambda: len(workplace.slack.posted) > 10, 60)
    assert terminate(worker, 10) < 5
    assert worker.returncode == 0, workplace.log()[-2000:]
    half_done = workplace.query(
        "SELECT count(*) FROM deliveries WHERE state = 'due' AND attempts > 0"
    )
    assert half_done == [(0,)]


def test_sigterm_stops_within_five_seconds_while_slack_hangs(workplace: Workplace) -> None:
    workplace.set_up(40)
    workplace.slack.fail("chat.postMessage", *[hanging(processed=True)] * 3)
    worker = workplace.start()
    workplace.slack.wait(lambda: workplace.slack.called("chat.postMessage"), 60)
    assert terminate(worker, 10) < 5
    workplace.start()
    workplace.wait_until_done(40, 120)
    workplace.assert_each_dialled_once(40)
