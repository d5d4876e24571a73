"""The main job in the terminal: SQLite, a replay of sample posts, a console in place of Slack."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import track
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot import bootstrap
from bot.console import ConsoleMessenger
from bot.dry_run import printable
from bot.intake import BadLine, read_posts
from bot.pipeline import Pipeline, Watched
from bot.ports import SettingsError, Telemetry
from bot.sources import jsonl
from bot.storage import migrate
from bot.storage.database import connect
from bot.storage.store import SqlStore
from routing.company import Roster
from routing.model import Assigned, Decision, Ignored, Post

NEXT_STEPS = """\
That was a replay; nothing was sent anywhere. What to do next:

  source .venv/bin/activate
  direct-dial lookup "roaming charges"    who knows about this?
  direct-dial check                       after you have edited experts.yaml

To have the posts arrive in Slack, follow “Set up Slack” in README.md: make
an app from slack-manifest.yaml, put its tokens into .env, then

  direct-dial migrate
  direct-dial work                        dials the experts
  direct-dial serve                       answers buttons and /expert
"""


def run(roster: Roster, replay: Path, telemetry: Telemetry, console: Console) -> None:
    """Replay the posts as they came, each at its own time, and show every card.

    Raises SettingsError when there is nothing to replay.
    """
    if not replay.is_file():
        raise SettingsError(f"{replay} is missing; run the demo in the project's folder")
    with replay.open("rb") as stream:
        posts = [line for line in read_posts(stream, replay.name) if not isinstance(line, BadLine)]
    if not posts:
        raise SettingsError(f"{replay} has no posts; see examples/posts.jsonl of the project")
    with TemporaryDirectory(prefix="direct-dial-") as folder:
        store = SqlStore(connect(f"sqlite:///{folder}/demo.db"))
        try:
            migrate.upgrade(store.engine)
            messenger = ConsoleMessenger(console)
            pipeline = bootstrap.join(store, roster, {"console": messenger}, telemetry)
            decided = _replay(pipeline, replay, posts, console)
            _show(pipeline, decided, console)
        finally:
            store.close()
    console.print(_summary(decided, roster))
    console.print(Text(NEXT_STEPS))


def _replay(
    pipeline: Pipeline, replay: Path, posts: Sequence[Post], console: Console
) -> list[tuple[Post, Decision, datetime]]:
    """Ingest the file as the worker does, then decide about each post at the time it came."""
    settings = jsonl.Settings(path=replay, follow=False)
    source = jsonl.open_source(settings, {})
    clock = min((post.posted_at for post in posts if post.posted_at), default=bootstrap.now())
    while pipeline.ingest(Watched("replay", source, timedelta(0)), clock):
        pass
    decided = []
    for post in track(posts, "Reading and routing", console=console):
        clock = max(clock, post.posted_at or clock)
        pipeline.route(1, clock)
        with pipeline.store.transaction() as tx:
            decision = tx.decision(post.key)
        if decision is not None:
            decided.append((post, decision, clock))
    return decided


def _show(
    pipeline: Pipeline,
    decided: Sequence[tuple[Post, Decision, datetime]],
    console: Console,
) -> None:
    for number, (post, decision, clock) in enumerate(decided, start=1):
        console.print(Rule(Text(f"{number} of {len(decided)}", style="dim")))
        if isinstance(decision, Ignored):
            who = f"@{post.author.handle}: " if post.author.handle else ""
            said = printable(" ".join(post.text.split()))
            console.print(Text(f"{who}{said}", style="italic"), Text(" ".join(decision.reasons)))
        pipeline.show_changes(post.key, lambda clock=clock: clock)  # type: ignore[misc]


def _summary(decided: Sequence[tuple[Post, Decision, datetime]], roster: Roster) -> Table:
    """Return how many posts went to whom, by topic."""
    counts: Counter[tuple[str, str]] = Counter()
    for _, decision, _ in decided:
        if isinstance(decision, Assigned):
            topic = roster.topic_by_id[decision.topic].title
            counts[topic, roster.name_of(decision.expert)] += 1
        elif isinstance(decision, Ignored):
            counts["(not for us)", "nobody"] += 1
        else:
            counts["(asked a person)", "the community managers"] += 1
    table = Table(title=f"{len(decided)} posts by topic and expert", title_justify="left")
    table.add_column("Topic")
    table.add_column("Expert")
    table.add_column("Posts", justify="right")
    for (topic, expert), count in sorted(counts.items(), key=lambda c: (c[0][0] < "A", c)):
        table.add_row(topic, expert, str(count))
    return table
