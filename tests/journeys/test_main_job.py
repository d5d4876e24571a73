"""The main job through the real entrances: a worker, a web process, and Slack in between."""

import copy
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.journeys.workplace import BOT_TOKEN, DESK, Workplace, terminate
from tests.slack_server import Entrance, HttpEntrance, Message, SlackServer, SocketEntrance

pytestmark = pytest.mark.journey


@pytest.fixture
def workplace(tmp_path: Path, sqlite_url: str) -> Iterator[Workplace]:
    with SlackServer() as slack:
        place = Workplace(tmp_path, sqlite_url, slack)
        yield place
        place.kill_all()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def serve(workplace: Workplace, entrance: str, port: int) -> Entrance:
    """Start the web process and wait until Slack can reach it."""
    slack = workplace.slack
    if entrance == "socket":
        settings = {"SLACK_APP_TOKEN": slack.app_token}
    else:
        settings = {"SLACK_SIGNING_SECRET": slack.signing_secret}
    workplace.start("serve", PORT=str(port), HOST="127.0.0.1", **settings)
    deadline = time.monotonic() + 30
    while not (is_up(port) and (entrance == "http" or slack.connections)):
        assert time.monotonic() < deadline, workplace.log()
        time.sleep(0.1)
    if entrance == "socket":
        return SocketEntrance(slack)
    return HttpEntrance(slack, f"http://127.0.0.1:{port}/slack/events")


def is_up(port: int) -> bool:
    try:
        answer = requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2)
    except requests.ConnectionError:
        return False
    return bool(answer.json()["status"] == "ok")


@pytest.mark.parametrize("entrance", ["socket", "http"])
def test_from_the_post_to_the_answer(workplace: Workplace, entrance: str) -> None:
    workplace.set_up(0, experts=4)
    (workplace.folder / "posts.jsonl").write_text(
        '{"id": "1", "platform": "x", "text": "Kestrel roaming charges abroad in Spain?", '
        '"author": {"handle": "tom"}, "url": "https://x.com/tom/status/1"}\n'
    )
    slack = workplace.slack
    door = serve(workplace, entrance, free_port())
    worker = workplace.start()
    slack.wait(lambda: len(slack.posted) == 2, 60)

    # The expert has it, with the reasons; the desk has a line.
    (card,) = slack.messages("U0EXPERT0")
    stale = copy.deepcopy(card)  # a screen that doesn't show later changes
    assert "Kestrel roaming charges abroad in Spain?" in card.words
    assert "Expert 0" in card.words
    expert = slack.add_user("U0EXPERT0")
    assert expert.press(door, card, "Take it").status == 200
    wait_for(slack, "U0EXPERT0", 0, "You have it since")
    wait_for(slack, DESK, 0, "has it since")

    # The community manager overrules the route, with a reason.
    maya = slack.add_user("U0MAYA")
    assert maya.press(door, slack.messages(DESK)[0], "Reassign").status == 200
    slack.wait(lambda: slack.view_of("U0MAYA"))
    options = maya.search(door, "expert", "expert 3")
    assert [option["value"] for option in options] == ["expert3"]
    assert maya.submit(door, expert="expert3", reason="She knows Spain.").status == 200
    slack.wait(lambda: slack.messages("U0EXPERT3"), 30)
    (second,) = slack.messages("U0EXPERT3")
    assert "She knows Spain." in second.words
    wait_for(slack, "U0EXPERT0", 0, "moved it")

    # Who comes too late is told so, and nothing happens.
    expert.press(door, stale, "Answered")
    slack.wait(lambda: slack.ephemeral("U0EXPERT0"), 30)
    assert "Nothing changed" in slack.ephemeral("U0EXPERT0")[0].words

    slack.add_user("U0EXPERT3").press(door, second, "Answered")
    wait_for(slack, "U0EXPERT3", 0, "Thank you")

    # Anyone can look an expert up; only they see the answer.
    slack.add_user("U0ANY")
    before = len(slack.posted)
    assert slack.add_user("U0ANY").type_command(door, "roaming charges").status == 200
    slack.wait(lambda: slack.ephemeral("U0ANY"), 30)
    assert "Expert 0" in slack.ephemeral("U0ANY")[0].words
    assert len(slack.posted) == before

    history = [verb for (verb,) in workplace.query("SELECT verb FROM events ORDER BY id")]
    assert history == ["assigned", "accept", "reassign", "assigned", "resolve"]
    assert len(slack.posted) == 3, "one message for each expert, one line at the desk"
    assert terminate(worker, 10) < 5
    assert terminate(workplace.running[0], 10) < 5
    assert BOT_TOKEN not in workplace.log()
    assert "Spain" not in workplace.log()


def wait_for(slack: SlackServer, where: str, number: int, words: str) -> None:
    def there() -> Message | None:
        message = slack.messages(where)[number]
        return message if words in message.words else None

    slack.wait(there, 30)


@pytest.mark.parametrize("command", ["work", "serve"])
def test_a_refused_token_is_one_sentence(workplace: Workplace, command: str) -> None:
    workplace.set_up(1)
    process = workplace.start(command, SLACK_BOT_TOKEN="xoxb-wrong", SLACK_APP_TOKEN="xapp-1")
    assert process.wait(30) == 2
    assert "SLACK_BOT_TOKEN" in workplace.log()
    assert "Traceback" not in workplace.log()
    assert "xoxb-wrong" not in workplace.log()
