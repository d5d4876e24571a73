"""The contract of a Store: the fake in memory, SQLite and a real PostgreSQL keep it alike."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.cards import Action, Button, Card, Field, Quote, Section
from bot.ports import Address, Delivery, Event, Receipt, SourceState, Store
from bot.storage import migrate
from bot.storage.database import connect
from bot.storage.store import SqlStore
from routing.assignment import Move, move, offer
from routing.model import (
    Assigned,
    AssignmentState,
    Author,
    Finding,
    Guidance,
    Ignored,
    Label,
    LabelKind,
    LabelledExample,
    Post,
    ReplyMode,
    RuledOut,
    Severity,
    Unrouted,
)
from tests.memory_store import MemoryStore

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SLACK = frozenset({"slack"})


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    sql = SqlStore(connect(request.getfixturevalue(name)))
    migrate.upgrade(sql.engine)
    yield sql
    sql.close()


def post(number: int = 1, text: str = "no signal since noon", handle: str = "tom") -> Post:
    return Post(
        platform="x",
        id=str(number),
        text=text,
        author=Author(handle, "Tom", 12, "7"),
        url=f"https://x.com/{handle}/status/{number}",
        posted_at=NOW - MINUTE,
        in_reply_to="99",
        language="en",
    )


def assigned(key: str = "x:1", expert: str = "anna") -> Assigned:
    finding = Finding("no-promises", Severity.BLOCK, 0, 2, "Don't.", "Do.")
    return Assigned(
        key=key,
        expert=expert,
        topic="roaming",
        confidence=0.91,
        reasons=("It is about roaming (0.91).",),
        guidance=Guidance(ReplyMode.OWN_ACCOUNT, "As yourself.", draft="Hi", findings=(finding,)),
        runner_up="ben",
        ruled_out=(RuledOut("cem", "on leave"),),
        urgency=2,
    )


def card(title: str = "A post for you") -> Card:
    return Card(
        title=title,
        summary="Tom asks about roaming",
        quote=Quote("@tom", "no signal <!channel> \u202e ünï 😡"),
        fields=(Field("Topic", "Roaming"),),
        sections=(Section("Why", ("Because.",)),),
        buttons=(Button(Action.ACCEPT, "Take it", "x:1/1", "primary"),),
    )


def delivery(delivery_id: str = "x:1/1/expert", title: str = "A post for you") -> Delivery:
    return Delivery(delivery_id, "x:1", 1, Address("slack", "U1"), card(title))


def with_post(store: Store, *posts: Post) -> None:
    with store.transaction() as tx:
        tx.add_posts(posts or (post(),), NOW)


def claim(store: Store, now: datetime, **options: Any) -> Delivery | None:
    with store.transaction() as tx:
        return tx.claim_delivery(now, 30 * MINUTE, SLACK, **options)


def test_a_post_comes_back_as_it_was(store: Store) -> None:
    strange = post(text="“hi” \u202e\u200b <!channel> 😡 " + "x" * 100_000)
    with_post(store, strange)
    with store.transaction() as tx:
        assert tx.post("x:1") == strange
        assert tx.post("x:2") is None


def test_a_post_is_kept_once(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.add_posts([post(1), post(2), post(1)], NOW) == 2
        assert tx.add_posts([post(2, "changed"), post(3)], NOW) == 1
    with store.transaction() as tx:
        taken = tx.take_new_posts(10)
    assert [p.id for p in taken] == ["1", "2", "3"]
    assert taken[1].text == "no signal since noon"


def test_an_exception_undoes_the_whole_transaction(store: Store) -> None:
    def fails() -> None:
        with store.transaction() as tx:
            tx.add_posts([post()], NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with store.transaction() as tx:
        assert tx.post("x:1") is None


def test_a_source_is_left_and_found_again(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.claim_source("x", NOW, MINUTE) == SourceState(None, NOW)
    with store.transaction() as tx:
        assert tx.claim_source("x", NOW, MINUTE) is None, "leased to the first"
        tx.keep_source("x", SourceState("since:5", NOW + 2 * MINUTE, "slow"))
    with store.transaction() as tx:
        assert tx.claim_source("x", NOW + MINUTE, MINUTE) is None
        state = SourceState("since:5", NOW + 2 * MINUTE, "slow")
        assert tx.claim_source("x", NOW + 2 * MINUTE, MINUTE) == state


def test_a_dead_readers_lease_runs_out(store: Store) -> None:
    with store.transaction() as tx:
        tx.claim_source("x", NOW, MINUTE)
    with store.transaction() as tx:
        assert tx.claim_source("x", NOW + MINUTE, MINUTE) is not None


@pytest.mark.parametrize(
    "decision",
    [
        assigned(),
        Unrouted("x:1", ("unsure",), nearest=("anna",), ruled_out=(RuledOut("ben", "full"),)),
        Ignored("x:1", ("our own post",)),
    ],
    ids=lambda decision: decision.outcome,
)
def test_a_decision_comes_back_as_it_was(
    store: Store, decision: Assigned | Unrouted | Ignored
) -> None:
    with_post(store)
    with store.transaction() as tx:
        tx.save_decision(decision, NOW, number=1)
    with store.transaction() as tx:
        assert tx.decision("x:1") == decision
        assert tx.decision("x:1", 1) == decision
        assert tx.decision("x:1", 2) is None
        assert tx.take_new_posts(10) == []


def test_the_latest_decision_counts(store: Store) -> None:
    with_post(store)
    with store.transaction() as tx:
        tx.save_decision(assigned(), NOW, number=1)
        tx.save_decision(assigned(expert="ben"), NOW, number=2)
        latest, first = tx.decision("x:1"), tx.decision("x:1", 1)
    assert isinstance(latest, Assigned)
    assert latest.expert == "ben"
    assert first == assigned()


def test_a_failed_post_is_set_aside(store: Store) -> None:
    with_post(store, post(1), post(2))
    with store.transaction() as tx:
        tx.fail_post("x:1", "it was bad")
    with store.transaction() as tx:
        assert [p.id for p in tx.take_new_posts(10)] == ["2"]
        assert dict(tx.counts()) == {"posts_new": 1, "posts_failed": 1}


def test_duplicates_are_the_same_words_by_the_same_author(store: Store) -> None:
    with_post(
        store,
        post(1, "No signal since noon!"),
        post(2, "no  SIGNAL since noon https://t.co/x"),
        post(3, "No signal since noon!", handle="sue"),
        post(4, "something else"),
    )
    with store.transaction() as tx:
        assert tx.duplicate_of(post(1, "No signal since noon!"), NOW) == ""
        assert tx.duplicate_of(post(2, "no  SIGNAL since noon https://t.co/x"), NOW) == "x:1"
        assert tx.duplicate_of(post(3, "No signal since noon!", "sue"), NOW) == ""
        assert tx.duplicate_of(post(4, "something else"), NOW) == ""
        later = NOW + timedelta(days=2)
        assert tx.duplicate_of(post(2, "no  SIGNAL since noon https://t.co/x"), later) == ""


def test_assignments_are_counted_and_change(store: Store) -> None:
    with_post(store, post(1), post(2))
    first = offer("x:1", 1, "anna", "roaming", NOW, 60 * MINUTE)
    second = offer("x:2", 1, "anna", "roaming", NOW - timedelta(days=8), 60 * MINUTE)
    with store.transaction() as tx:
        tx.add_assignment(first)
        tx.add_assignment(second)
    with store.transaction() as tx:
        assert tx.assignments("x:1") == [first]
        assert tx.workloads(NOW) == ({"anna": 2}, {"anna": 1})
        assert tx.busy_experts() == ["anna"]
        done = move(first, Move.RESOLVE, NOW + MINUTE, "answered it").assignment
        tx.update_assignment(done)
    with store.transaction() as tx:
        assert tx.assignments("x:1") == [done]
        assert done.state is AssignmentState.RESOLVED
        assert tx.workloads(NOW).open == {"anna": 1}
        assert tx.answered_before(post(1).author_key) == "anna"
        assert tx.answered_before("x:nobody") == ""
        assert tx.answered_before("") == ""


def test_overdue_follows_the_ladder(store: Store) -> None:
    with_post(store)
    assignment = offer("x:1", 1, "anna", "roaming", NOW, 60 * MINUTE)
    with store.transaction() as tx:
        tx.add_assignment(assignment)
    ladder = [timedelta(0), 30 * MINUTE]

    def due(after: timedelta) -> list[tuple[str, int]]:
        with store.transaction() as tx:
            return tx.overdue(NOW + after, ladder, 10)

    assert due(59 * MINUTE) == []
    assert due(60 * MINUTE) == [("x:1", 1)]
    with store.transaction() as tx:
        tx.update_assignment(replace(assignment, steps_taken=1))
    assert due(61 * MINUTE) == []
    assert due(90 * MINUTE) == [("x:1", 1)]
    with store.transaction() as tx:
        assert tx.overdue(NOW + 90 * MINUTE, [], 10) == []


def test_history_is_in_order(store: Store) -> None:
    with_post(store)
    events = [
        Event("x:1", 1, NOW + n * MINUTE, "anna", verb, "why")
        for n, verb in enumerate(("accept", "resolve"))
    ]
    with store.transaction() as tx:
        for event in events:
            tx.record(event)
    with store.transaction() as tx:
        assert tx.events("x:1") == events
        assert tx.events("x:2") == []


def test_a_delivery_is_claimed_by_one_and_comes_back_when_they_die(store: Store) -> None:
    with_post(store)
    with store.transaction() as tx:
        tx.put_delivery(delivery(), NOW)
    first = claim(store, NOW)
    assert first is not None
    assert (first.card, first.version, first.attempts, first.receipt) == (card(), 1, 0, None)
    assert claim(store, NOW + MINUTE) is None
    again = claim(store, NOW + 30 * MINUTE)
    assert again is not None
    assert again.attempts == 1, "somebody tried before: look before sending"


def test_a_delivery_is_shown_once_and_then_changed(store: Store) -> None:
    with_post(store)
    with store.transaction() as tx:
        tx.put_delivery(delivery(), NOW)
    claimed = claim(store, NOW)
    assert claimed is not None
    receipt = Receipt("D1", "123.45")
    with store.transaction() as tx:
        tx.delivered(claimed, receipt, NOW)
    assert claim(store, NOW + timedelta(days=1)) is None
    with store.transaction() as tx:
        assert [d.receipt for d in tx.deliveries("x:1")] == [receipt]
        tx.put_delivery(delivery(title="Taken"), NOW + MINUTE)
    changed = claim(store, NOW + MINUTE)
    assert changed is not None
    assert (changed.card.title, changed.version, changed.receipt) == ("Taken", 2, receipt)


def test_a_card_that_changes_while_it_is_sent_is_due_again_but_not_twice_at_once(
    store: Store,
) -> None:
    with_post(store)
    with store.transaction() as tx:
        tx.put_delivery(delivery(), NOW)
    sending = claim(store, NOW)
    assert sending is not None
    with store.transaction() as tx:
        tx.put_delivery(delivery(title="Taken"), NOW)
    assert claim(store, NOW + MINUTE) is None, "the first is still sending"
    with store.transaction() as tx:
        tx.delivered(sending, Receipt("D1", "1"), NOW + MINUTE)
    changed = claim(store, NOW + MINUTE)
    assert changed is not None
    assert changed.card.title == "Taken"
    assert changed.receipt == Receipt("D1", "1")


def test_a_failed_delivery_waits_or_is_given_up(store: Store) -> None:
    with_post(store)
    with store.transaction() as tx:
        tx.put_delivery(delivery("a"), NOW)
        tx.put_delivery(delivery("b"), NOW)
    for delivery_id, retry_at in (("a", NOW + 5 * MINUTE), ("b", None)):
        claimed = claim(store, NOW)
        assert claimed is not None
        assert claimed.id == delivery_id, "the one that was put first comes first"
        with store.transaction() as tx:
            tx.delivery_failed(delivery_id, "Slack is away", retry_at)
    assert claim(store, NOW + MINUTE) is None
    later = claim(store, NOW + 5 * MINUTE)
    assert later is not None
    assert later.id == "a"
    with store.transaction() as tx:
        tx.put_delivery(delivery("b", "Taken"), NOW)
    assert claim(store, NOW + 6 * MINUTE) is None, "what was given up stays so"


def test_deliveries_can_be_claimed_by_post_and_surface(store: Store) -> None:
    with_post(store)
    with store.transaction() as tx:
        tx.put_delivery(delivery(), NOW)
    assert claim(store, NOW, post_key="x:2") is None
    with store.transaction() as tx:
        assert tx.claim_delivery(NOW, MINUTE, frozenset({"teams"})) is None
    assert claim(store, NOW, post_key="x:1") is not None


def label(key: str, topic: str = "roaming", at: datetime = NOW, by: str = "anna") -> Label:
    return Label(key, topic, LabelKind.CONFIRMATION, by, at)


def with_examples(store: Store, *labels: Label, platform: str = "forum") -> None:
    """Keep a post for each label, of a source that lets models be trained on it."""
    with store.transaction() as tx:
        for kept in labels:
            of = replace(post(), platform=platform, id=kept.post_key.partition(":")[2], url="")
            tx.add_posts([of], NOW, "our forum", may_train=True)
            tx.assignments(of.key)
            tx.keep_label(kept)


def learned(store: Store) -> dict[str, datetime | None]:
    with store.transaction() as tx:
        return {e.label.post_key: e.learned_at for e in tx.training_examples()}


def test_a_labelled_example_says_who_when_and_from_where(store: Store) -> None:
    with_examples(store, label("forum:1"))
    expected = LabelledExample(
        label=label("forum:1"),
        text="no signal since noon",
        language="en",
        platform="forum",
        source="our forum",
        may_train=True,
    )
    with store.transaction() as tx:
        assert tx.label("forum:1") == label("forum:1")
        assert tx.label("forum:2") is None
        assert tx.examples() == tx.training_examples() == [expected]


def test_a_later_label_takes_the_place_of_the_earlier_and_can_be_taken_back(store: Store) -> None:
    later = Label("forum:1", "", LabelKind.OVERRIDE, "maya", NOW + MINUTE)
    with_examples(store, label("forum:1"), later)
    with store.transaction() as tx:
        assert [example.label for example in tx.examples()] == [later]
        tx.drop_label("forum:1")
        tx.drop_label("forum:2")
    with store.transaction() as tx:
        assert tx.label("forum:1") is None
        assert tx.examples() == []


def test_examples_come_in_the_order_of_their_labels(store: Store) -> None:
    keys = ("forum:3", "forum:1", "forum:2")
    ages = (0, 5, 0)
    with_examples(store, *(label(k, at=NOW - n * MINUTE) for k, n in zip(keys, ages, strict=True)))
    with store.transaction() as tx:
        found = [example.label.post_key for example in tx.training_examples()]
    assert found == ["forum:1", "forum:3", "forum:2"]


@pytest.mark.parametrize("platform", ["x", "X", "Twitter"])
def test_posts_of_x_are_evidence_and_never_train(store: Store, platform: str) -> None:
    with_examples(store, label(f"{platform}:1"), platform=platform)
    with_examples(store, label("forum:2"))
    with store.transaction() as tx:
        evidence = tx.examples()
        assert [e.label.post_key for e in evidence] == [f"{platform}:1", "forum:2"]
        assert [e.label.post_key for e in tx.training_examples()] == ["forum:2"]
        tx.use_examples(evidence, NOW)
    with store.transaction() as tx:
        assert [e.learned_at for e in tx.examples()] == [None, NOW]


def test_a_post_trains_nothing_unless_somebody_said_that_it_may(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_posts([replace(post(), platform="forum")], NOW)
        tx.add_posts([replace(post(), platform="forum")], NOW, "again", may_train=True)
        tx.keep_label(label("forum:1"))
    with store.transaction() as tx:
        assert tx.training_examples() == []
        (example,) = tx.examples()
    assert (example.source, example.may_train) == ("", False)


def test_the_model_in_use_is_the_one_trained_on_exactly_these(store: Store) -> None:
    with_examples(store, *(label(f"forum:{n}") for n in range(4)))
    assert set(learned(store).values()) == {None}
    with store.transaction() as tx:
        tx.use_examples(tx.training_examples()[:3], NOW)
    assert learned(store) == {"forum:0": NOW, "forum:1": NOW, "forum:2": NOW, "forum:3": None}
    with store.transaction() as tx:
        tx.use_examples(tx.training_examples()[2:], NOW + MINUTE)
    later = NOW + MINUTE
    assert learned(store) == {"forum:0": None, "forum:1": None, "forum:2": later, "forum:3": later}
    with store.transaction() as tx:
        tx.use_examples([], NOW)
    assert set(learned(store).values()) == {None}


def test_another_topic_is_not_what_the_model_learned(store: Store) -> None:
    with_examples(store, label("forum:1"), label("forum:2"))
    with store.transaction() as tx:
        read = tx.training_examples()
        tx.use_examples(read, NOW)
        tx.keep_label(label("forum:1", by="ben", at=NOW + MINUTE))
        tx.keep_label(label("forum:2", "billing"))
    assert learned(store) == {"forum:1": NOW, "forum:2": None}
    with store.transaction() as tx:
        tx.use_examples(read, NOW + MINUTE)
    assert learned(store) == {"forum:1": NOW + MINUTE, "forum:2": None}, (
        "labelled since it was read"
    )
