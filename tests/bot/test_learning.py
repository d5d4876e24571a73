"""Learning from labels: only from what may be, only when it isn't worse, and told in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

import pytest
from rich.console import Console

from bot import bootstrap, console
from bot.learning import Report, learn, learned
from bot.ports import Store
from bot.storage import migrate
from bot.storage.database import connect
from bot.storage.store import SqlStore
from routing.company import Roster
from routing.model import Label, LabelKind, Post
from routing.reading.comparison import Pair
from routing.reading.pipeline import Reader
from routing.roster import load
from tests.memory_store import MemoryStore
from tests.office import NOW, Notes, roster
from tests.routing.test_comparison import Parrot, School

SHOP = """
topics:
  - id: roaming
    examples: [roaming abroad, roaming in Spain, roaming costs, roaming zones, my roaming]
  - id: billing
    examples: [billing date, billing wrong, billing twice, billing address, my billing]
experts:
  - {id: ada, name: Ada, topics: {roaming: 1, billing: 1}}
"""
DAY_PASSES = [f"day pass {word}" for word in ("price", "broken", "please", "again", "missing")]


def shop() -> Roster:
    return load(SHOP)[0]


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    sql = SqlStore(connect(request.getfixturevalue("sqlite_url")))
    migrate.upgrade(sql.engine)
    yield sql
    sql.close()


def label(store: Store, texts: Mapping[str, str], platform: str = "forum", **post: str) -> None:
    """Keep posts from a source that lets models be trained on all it has, with their topics."""
    with store.transaction() as tx:
        for text, topic in texts.items():
            tx.add_posts([Post(platform, text, text, **post)], NOW, "all", may_train=True)  # type: ignore[arg-type]
            tx.keep_label(Label(f"{platform}:{text}", topic, LabelKind.CONFIRMATION, "ada", NOW))


def in_use(store: Store) -> list[str]:
    with store.transaction() as tx:
        return sorted(example.text for example in tx.examples() if example.learned_at)


def learning(store: Store, *, dry_run: bool = False) -> tuple[Report, list[str]]:
    """Learn at the shop; return the report and every text that was handed to training."""
    school = School()
    told = learn(store, shop(), NOW, school, dry_run=dry_run)
    return told, sorted({text for parrot in school.parrots for text in parrot.texts})


def test_what_people_said_is_learned_when_it_makes_nothing_worse(store: Store) -> None:
    label(store, dict.fromkeys(DAY_PASSES, "roaming"))
    told, _ = learning(store)
    assert told.replaced
    assert told.new == (("roaming", 5),)
    assert in_use(store) == sorted(DAY_PASSES)
    assert learned(store, shop()) == [(text, "roaming") for text in DAY_PASSES]
    assert told.conclusion.startswith("Not worse with 5 new examples, so it is in use")
    assert told.comparison is not None
    (change, same) = told.comparison.changes
    assert (change.topic, change.examples, change.before, change.after) == ("roaming", 10, 5, 10)
    assert same.before == same.after == 5


def test_a_dry_run_says_the_same_and_changes_nothing(store: Store) -> None:
    label(store, dict.fromkeys(DAY_PASSES, "roaming"))
    told, _ = learning(store, dry_run=True)
    assert not told.replaced
    assert in_use(store) == []
    assert told.conclusion.endswith("Nothing was changed.")
    assert told.comparison == learning(store)[0].comparison


def test_what_makes_it_worse_is_not_used_and_the_reason_is_said(store: Store) -> None:
    wrong = [f"billing {n}a {n}b" for n in range(12)]
    label(store, dict.fromkeys(wrong, "roaming") | {"my bill": "billing"})
    # On the wrong labels themselves it does better; the roster's own examples pay for that.
    told, _ = learning(store)
    assert not told.replaced
    assert in_use(store) == []
    assert "billing would lose" in told.conclusion
    assert told.conclusion.endswith("The model in use stays; nothing was changed.")


def test_the_second_time_there_is_nothing_new(store: Store) -> None:
    label(store, dict.fromkeys(DAY_PASSES, "roaming"))
    learning(store)
    told, trained_on = learning(store)
    assert (told.comparison, told.replaced, trained_on) == (None, False, [])
    assert told.conclusion == (
        "Nothing to learn: the model in use has learned all that it may. Nothing was changed."
    )
    assert in_use(store) == sorted(DAY_PASSES)


def test_later_labels_come_on_top_of_those_in_use(store: Store) -> None:
    label(store, dict.fromkeys(DAY_PASSES, "roaming"))
    learning(store)
    label(store, {"direct debit": "billing"})
    told, _ = learning(store)
    assert told.new == (("billing", 1),)
    assert in_use(store) == sorted([*DAY_PASSES, "direct debit"])


def test_without_labels_it_says_where_they_come_from(store: Store) -> None:
    told, trained_on = learning(store)
    assert trained_on == []
    assert told.conclusion.startswith("Nothing to learn: there are no labels yet")


@pytest.mark.parametrize(
    ("platform", "url"),
    [("x", ""), ("X", ""), ("twitter", ""), ("export", "https://x.com/sue/status/1")],
)
def test_labels_from_x_change_nothing_in_what_is_trained(
    store: Store, platform: str, url: str
) -> None:
    label(store, {"day pass price": "roaming", "hello": ""})
    told, without = learning(store, dry_run=True)
    label(store, {"zone three": "roaming", "sim swap": "billing"}, platform, url=url)
    label(store, {"good morning": ""}, platform, url=url)
    told_after, with_x = learning(store, dry_run=True)
    assert with_x == without
    assert told_after.comparison == told.comparison
    learning(store)
    assert in_use(store) == ["day pass price"]
    assert learned(store, shop()) == [("day pass price", "roaming")]


def test_labels_from_x_alone_are_evidence_and_that_is_said(store: Store) -> None:
    label(store, dict.fromkeys(DAY_PASSES, "roaming"), "x")
    told, trained_on = learning(store)
    assert trained_on == []
    assert told.conclusion == (
        "Nothing to learn: no label is one that a model may learn a topic from. "
        "Nothing was changed."
    )
    (note,) = told.notes
    assert note == (
        "5 labels are from X, whose rules forbid training; they count as evidence of who knows "
        "what, not here."
    )


def test_none_of_ours_judges_and_is_never_an_example_of_a_topic(store: Store) -> None:
    label(store, dict.fromkeys(DAY_PASSES, "roaming") | {"the day is nice": "", "zzyzx": ""})
    told, trained_on = learning(store)
    assert not {"the day is nice", "zzyzx"} & set(trained_on)
    assert told.comparison is not None
    assert told.comparison.strangers == (2, 0, 1)
    assert "2 labels say that a post is none of ours: judged by, not learned from." in told.notes
    assert in_use(store) == sorted(DAY_PASSES)


def test_a_topic_that_left_the_roster_is_left_out_and_named(store: Store) -> None:
    label(store, {"fax": "faxes", "day pass": "roaming"})
    told, trained_on = learning(store)
    assert "fax" not in trained_on
    assert "1 label is on topics that experts.yaml no longer has (faxes)." in told.notes
    assert in_use(store) == ["day pass"]


@dataclass
class Busy(School):
    """Trains, and meanwhile somebody else learns from the same store, or says otherwise."""

    store: Store = field(default_factory=MemoryStore)
    other: bool = False

    def __call__(self, roster: Roster, more: Sequence[Pair]) -> Parrot:
        if not self.parrots:
            if self.other:
                learn(self.store, roster, NOW, School())
            else:
                label(self.store, {DAY_PASSES[0]: "billing"})
        return super().__call__(roster, more)


def test_two_who_learn_at_once_come_to_the_same(store: Store) -> None:
    label(store, dict.fromkeys(DAY_PASSES, "roaming"))
    assert learn(store, shop(), NOW, Busy(store=store, other=True)).replaced
    assert in_use(store) == sorted(DAY_PASSES)


def test_what_is_labelled_otherwise_meanwhile_is_not_taken_as_learned(store: Store) -> None:
    label(store, dict.fromkeys(DAY_PASSES, "roaming"))
    assert learn(store, shop(), NOW, Busy(store=store)).replaced
    assert in_use(store) == sorted(DAY_PASSES[1:])


def test_every_process_reads_with_the_examples_in_use(store: Store) -> None:
    post = Post("forum", "new", "zzyzx qwrt?")

    def best() -> str:
        pipeline = bootstrap.join(store, roster(), {}, Notes())  # type: ignore[arg-type]
        reading = pipeline.dialler.reader.read_one(post)
        return reading.topics[0].id if reading.confident else "unsure"

    label(store, {f"zzyzx qwrt {word}": "billing" for word in ("a", "b", "again", "now", "please")})
    assert best() == "unsure"
    with store.transaction() as tx:
        tx.use_examples(tx.training_examples(), NOW)
    assert best() == "billing"


def printed(told: Report) -> str:
    out = StringIO()
    Console(file=out, width=80).print(console.report(told))
    return out.getvalue()


def test_the_report_fits_80_columns_and_repeats_no_post(store: Store) -> None:
    label(store, {f"{text} \x1b[31m[bold]": "roaming" for text in DAY_PASSES} | {"hi": ""})
    text = printed(learning(store)[0])
    assert max(map(len, text.splitlines())) <= 80
    for part in ("roaming", "+5", "1 other topic: as before", "right before", "none of ours"):
        assert part in text
    assert "\x1b" not in text
    assert "broken" not in text


def test_words_worth_a_phrase_are_proposed_also_from_x(store: Store) -> None:
    label(store, dict.fromkeys(DAY_PASSES, "roaming"), "x")
    label(store, {f"total {n}a": "billing" for n in ("ab", "cd", "ef", "gh", "ij", "kl", "mn")})
    label(store, {f"sum {n}a": "billing" for n in ("ab", "cd", "ef", "gh", "ij", "kl", "mn")})
    told, _ = learning(store, dry_run=True)
    assert ("roaming", "day pass", 5) in told.proposals
    said = " ".join(printed(told).split())
    assert (
        "Words that came up in 5 posts people said were about roaming, and nowhere else: "
        "“day pass”; add it to the topic's phrases if it settles it."
    ) in said


def test_the_real_reader_learns_what_it_could_not_know(store: Store) -> None:
    said = ["kwik", "kwik pack", "my kwik", "is kwik dear", "how long is a kwik", "kwik again"]
    label(store, dict.fromkeys(said, "roaming"))
    heard: list[int] = []
    told = learn(store, shop(), NOW, Reader, tell=heard.append)
    assert heard == list(range(1, 11))
    assert told.comparison is not None
    (roaming, _) = told.comparison.changes
    assert roaming.after > roaming.before
    assert told.replaced
