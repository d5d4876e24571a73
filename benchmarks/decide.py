"""Microseconds for deciding one post: 10,000 experts, 200 topics.

Part of `make bench`; alone with `python -m benchmarks.decide`. Reading is left out: each post
comes with its reading.
"""

import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta

from benchmarks.metrics import percentile
from benchmarks.report import Deciding
from routing.company import Company, Expert, Roster, Shift, Standing, StandingLevel, Topic
from routing.decide import decide
from routing.model import Assigned, Kind, Post, Reading, Situation, TopicScore

EXPERTS, TOPICS, POSTS = 10_000, 200, 300
ZONES = ("Europe/London", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
SHIFTS = ("Mon-Fri 09:00-17:00", "Mon-Fri 07:00-15:00", "Sun-Thu 22:00-06:00")
FRIDAY = datetime(2026, 11, 20, 10, tzinfo=UTC)


def a_large_roster(topics_each: int, chance: random.Random) -> Roster:
    """Return 10,000 experts with `topics_each` topics each, in five time zones."""
    shifts = tuple(Shift.parse(text) for text in SHIFTS)
    topics = tuple(Topic(id=f"topic-{number}") for number in range(TOPICS))
    experts = tuple(
        Expert(
            id=f"expert-{number}",
            name=f"Expert {number}",
            topics={
                f"topic-{topic}": chance.randint(1, 3)
                for topic in chance.sample(range(TOPICS), topics_each)
            },
            languages=tuple(chance.sample(("en", "de", "fr", "es"), 2)),
            time_zone=chance.choice(ZONES),
            hours=(chance.choice(shifts),),
            holidays=chance.choice(("", "GB-ENG", "DE-BE")),
            standing=Standing(
                level=chance.choice(
                    (StandingLevel.DIRECT, StandingLevel.DIRECT, StandingLevel.IN_TRAINING)
                )
            ),
        )
        for number in range(EXPERTS)
    )
    return Roster(company=Company(name="Kestrel Mobile"), topics=topics, experts=experts)


def a_reading(chance: random.Random) -> Reading:
    """Return what was read of one post: mostly one topic, sometimes two."""
    topics = chance.sample(range(TOPICS), chance.choice((1, 1, 1, 2)))
    return Reading(
        language=chance.choice(("en", "de", "fr", "es")),
        kind=Kind.QUESTION,
        topics=tuple(TopicScore(f"topic-{topic}", 0.9 - n / 10) for n, topic in enumerate(topics)),
        confident=True,
        brand=("Kestrel",),
    )


def measure(topics_each: int) -> Deciding:
    """Decide many posts as the worker does, one `now` for every fifty."""
    chance = random.Random(7)  # noqa: S311 - repeatable, not secret
    roster = a_large_roster(topics_each, chance)
    situation = Situation(
        open_assignments={f"expert-{n}": chance.randint(0, 3) for n in range(0, EXPERTS, 3)},
        recent_assignments={f"expert-{n}": chance.randint(0, 9) for n in range(0, EXPERTS, 2)},
    )
    spent, assigned = [], 0
    for number in range(POSTS):
        post = Post(platform="x", id=str(number + 1), text="How much is roaming?")
        reading = a_reading(chance)
        now = FRIDAY + timedelta(minutes=number // 50)
        before = time.perf_counter()
        decision = decide(post, reading, roster, situation, now)
        spent.append((time.perf_counter() - before) * 1e6)
        assigned += isinstance(decision, Assigned)
    return Deciding(
        topics_each=topics_each,
        experts=EXPERTS,
        posts=POSTS,
        assigned=assigned,
        median_us=statistics.median(spent),
        p95_us=percentile(spent, 95),
    )


if __name__ == "__main__":
    for each in (3, 10):
        found = measure(each)
        sys.stdout.write(
            f"{each:>2} topics each: median {found.median_us:,.0f} µs a post, 95th percentile "
            f"{found.p95_us:,.0f} µs; {found.assigned} of {found.posts} assigned\n"
        )
