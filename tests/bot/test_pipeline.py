"""Ingest, route, deliver, escalate: with a store and a messenger in memory."""

from datetime import datetime, timedelta

import pytest

from bot.cards import Action
from bot.pipeline import DELIVERY_LEASE, Delivered, Watched
from bot.ports import DeliveryError, SettingsError, SourceError, StoreError
from routing.company import Step, StepAction
from routing.model import Assigned, AssignmentState, Label, LabelKind, Post, Unrouted
from tests.fakes import FakeSource
from tests.office import (
    ANNA,
    BEN,
    DESK,
    MINUTE,
    NOW,
    Office,
    about_roaming,
    roster,
    unclear,
)


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_post_reaches_the_expert_with_its_reasons_and_the_desk_gets_a_line(
    office: Office,
) -> None:
    office.receive(about_roaming())
    (card,) = office.cards(ANNA)
    assert card.title == "Roaming: a post for you"
    assert card.quote is not None
    assert "why is roaming so dear" in card.quote.text
    said = " ".join(line for section in card.sections for line in section.lines)
    assert "Anna Keller" in said
    assert "Second: Ben Ortiz" in said
    assert "Tia Trainee: " in said
    assert [button.label for button in card.buttons] == [
        "Take it",
        "Answered",
        "Pass",
        "Not for us",
    ]
    (line,) = office.cards(DESK)
    assert line.title == "Roaming → Anna Keller"
    assert [button.label for button in line.buttons] == ["Reassign"]
    assert office.cards(BEN) == []


def test_a_post_that_is_not_clear_goes_to_the_desk_and_rings_nobody(office: Office) -> None:
    office.receive(unclear())
    assert isinstance(office.decision(), Unrouted)
    (card,) = office.cards(DESK)
    assert card.title == "Please choose who answers"
    assert office.slack.sends == 1


def test_what_is_not_for_us_rings_nobody_but_is_kept_with_its_reason(office: Office) -> None:
    office.receive(Post("x", "1", "Lovely sunset at the lake tonight."))
    decision = office.decision()
    assert decision is not None
    assert decision.outcome == "ignored"
    assert decision.reasons
    assert office.slack.sends == 0


def test_capacity_is_kept_within_one_batch(office: Office) -> None:
    office.receive(*(about_roaming(n, f"customer{n}") for n in range(1, 7)))
    experts = [a.expert for n in range(1, 7) for a in office.assignments(f"x:{n}")]
    assert experts.count("anna") == 2
    assert experts.count("ben") == 3
    assert isinstance(office.decision("x:6"), Unrouted)


def test_the_same_words_by_the_same_author_are_answered_once(office: Office) -> None:
    first = about_roaming(1)
    office.receive(first, Post("x", "2", first.text, first.author))
    decision = office.decision("x:2")
    assert decision is not None
    assert decision.outcome == "ignored"
    assert "x:1" in decision.reasons[0]


def test_a_bad_post_is_set_aside_and_a_person_is_asked(office: Office) -> None:
    class Breaks:
        def read(self, posts: object) -> object:
            raise ZeroDivisionError("secret text of a customer")

        def read_one(self, post: Post) -> object:
            if post.id == "1":
                raise ZeroDivisionError("secret text of a customer")
            return original.read_one(post)

    original = office.pipeline.dialler.reader
    object.__setattr__(office.pipeline.dialler, "reader", Breaks())
    office.receive(about_roaming(1), about_roaming(2, "sue"))
    failed = office.decision("x:1")
    assert isinstance(failed, Unrouted)
    assert "ZeroDivisionError" in failed.reasons[0]
    assert isinstance(office.decision("x:2"), Assigned)
    assert office.cards(DESK)[0].title == "Please choose who answers"
    assert "secret" not in str(office.notes)


def test_a_post_that_another_worker_has_routed_meanwhile_is_not_set_aside(office: Office) -> None:
    class Breaks:
        """Fails after another worker has come in between and routed the post."""

        def read_one(self, post: Post) -> object:
            raise ZeroDivisionError

        def read(self, posts: object) -> object:
            raise ZeroDivisionError

    other = Office(store=office.store)
    original = office.pipeline._set_aside

    def late(key: str, error: str, now: datetime) -> None:
        other.pipeline.route(10, NOW)
        original(key, error, now)

    object.__setattr__(office.pipeline.dialler, "reader", Breaks())
    object.__setattr__(office.pipeline, "_set_aside", late)
    with office.store.transaction() as tx:
        tx.add_posts([about_roaming()], NOW)
    office.pipeline.route(10, NOW)
    assert isinstance(office.decision(), Assigned)
    assert office.history() == [("direct-dial", "assigned")]


def test_the_desks_card_is_tried_until_somebody_mends_the_channel(office: Office) -> None:
    office.slack.unreachable.add("CDESK")
    office.receive(unclear())
    assert office.cards(DESK) == []
    assert "delivery failed" in office.notes.troubles[0]
    office.slack.unreachable.clear()
    office.show(NOW + 5 * MINUTE)
    assert len(office.cards(DESK)) == 1


def test_ingesting_keeps_the_place_and_waits_its_time(office: Office) -> None:
    source = FakeSource(*(about_roaming(n) for n in range(1, 4)), page_size=2)
    watched = Watched("fake", source, MINUTE)
    assert office.pipeline.ingest(watched, NOW) is True, "more at once"
    assert office.pipeline.ingest(watched, NOW) is False
    source.add(about_roaming(4))
    assert office.pipeline.ingest(watched, NOW + MINUTE / 2) is False
    with office.store.transaction() as tx:
        assert len(tx.take_new_posts(10)) == 3
    office.pipeline.ingest(watched, NOW + MINUTE)
    with office.store.transaction() as tx:
        assert len(tx.take_new_posts(10)) == 4


def test_ingesting_keeps_where_posts_are_from_and_whether_they_may_train(office: Office) -> None:
    for name, may_train in (("forum", True), ("news", False)):
        posts = FakeSource(Post(name, "1", "is roaming dear?"))
        office.pipeline.ingest(Watched(name, posts, MINUTE, may_train=may_train), NOW)
        with office.store.transaction() as tx:
            tx.keep_label(Label(f"{name}:1", "roaming", LabelKind.CONFIRMATION, "anna", NOW))
    with office.store.transaction() as tx:
        assert {e.source: e.may_train for e in tx.examples()} == {"forum": True, "news": False}


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (SourceError("too many requests", permanent=False, retry_after=7 * MINUTE), 7 * MINUTE),
        (SourceError("away", permanent=False), MINUTE),
        (SourceError("the token was refused", permanent=True), 15 * MINUTE),
    ],
)
def test_a_source_that_fails_is_waited_out_and_said(
    office: Office, error: SourceError, wait: timedelta
) -> None:
    source = FakeSource(about_roaming())
    source.fail_next(error)
    watched = Watched("fake", source, MINUTE)
    assert office.pipeline.ingest(watched, NOW) is False
    office.pipeline.ingest(watched, NOW + wait - timedelta(seconds=1))
    with office.store.transaction() as tx:
        assert tx.take_new_posts(10) == [], "not before its time"
    office.pipeline.ingest(watched, NOW + wait)
    with office.store.transaction() as tx:
        assert len(tx.take_new_posts(10)) == 1
    assert str(error) in str(office.notes.troubles if error.permanent else office.notes.notes)


def test_a_wrong_token_is_said_at_once_and_a_withdrawn_one_is_trouble(office: Office) -> None:
    refused = SourceError("set X_BEARER_TOKEN", permanent=True, refused=True, retry_after=MINUTE)
    source = FakeSource(about_roaming())
    source.fail_next(refused)
    watched = Watched("fake", source, MINUTE)
    with pytest.raises(SettingsError, match="fake: set X_BEARER_TOKEN"):
        office.pipeline.ingest(watched, NOW)
    office.pipeline.ingest(watched, NOW + MINUTE)
    source.fail_next(refused)
    assert office.pipeline.ingest(watched, NOW + 2 * MINUTE) is False
    assert len(office.notes.troubles) == 2


def test_a_companys_own_source_that_breaks_does_not_stop_the_rest(office: Office) -> None:
    class Broken:
        def fetch(self, cursor: str | None) -> object:
            raise KeyError("boom")

    assert office.pipeline.ingest(Watched("own", Broken(), MINUTE), NOW) is False  # type: ignore[arg-type]
    assert "KeyError" in office.notes.troubles[0]


def test_an_unclear_outcome_is_looked_at_before_sending_again(office: Office) -> None:
    office.slack.fail(DeliveryError("timed out", permanent=False), after_showing=True)
    office.receive(about_roaming())
    assert len(office.cards(ANNA)) == 1
    office.show(NOW + MINUTE)
    assert len(office.cards(ANNA)) == 1, "it had arrived"
    assert len(office.cards(DESK)) == 1


def test_a_failed_send_is_tried_again_when_the_platform_says(office: Office) -> None:
    office.slack.fail(DeliveryError("slow down", permanent=False, retry_after=3 * MINUTE))
    office.receive(about_roaming())
    assert office.cards(ANNA) == []
    office.show(NOW + 2 * MINUTE)
    assert office.cards(ANNA) == []
    office.show(NOW + 3 * MINUTE)
    assert len(office.cards(ANNA)) == 1


def test_who_dies_while_sending_is_followed_after_the_lease(office: Office) -> None:
    with office.store.transaction() as tx:
        tx.add_posts([about_roaming()], NOW)
    office.pipeline.route(10, NOW)
    with office.store.transaction() as tx:  # a worker claims, and is killed
        claimed = tx.claim_delivery(NOW, DELIVERY_LEASE, frozenset({"slack"}))
    assert claimed is not None
    office.slack.send(claimed)  # ... after the message went out
    office.show(NOW)
    office.show(NOW + DELIVERY_LEASE)
    assert len(office.cards(ANNA)) == 1


def test_an_expert_who_cannot_be_reached_is_followed_by_the_next(office: Office) -> None:
    office.slack.unreachable.add("UANNA")
    office.receive(about_roaming())
    first, second = office.assignments()
    assert (first.expert, first.state) == ("anna", AssignmentState.ESCALATED)
    assert "can't be reached" in first.because
    assert second.expert == "ben"
    assert len(office.cards(BEN)) == 1
    assert office.cards(DESK)[0].title == "Roaming → Ben Ortiz"


def test_a_card_that_breaks_its_renderer_does_not_stop_the_others(office: Office) -> None:
    original = office.slack.send

    def send(delivery: object) -> object:
        if "UANNA" in str(delivery):
            raise NameError("a bug")
        return original(delivery)  # type: ignore[arg-type]

    object.__setattr__(office.slack, "send", send)
    office.receive(about_roaming())
    assert len(office.cards(DESK)) == 1
    assert "NameError" in str(office.notes)


def test_a_database_that_is_away_is_nobodys_fault(office: Office) -> None:
    class Away:
        def transaction(self) -> object:
            raise StoreError("The database can't be reached.")

    object.__setattr__(office.pipeline, "store", Away())
    with pytest.raises(StoreError):
        office.pipeline.route(10, NOW)


def test_the_ladder_reminds_then_asks_the_next_then_the_manager(office: Office) -> None:
    office.receive(about_roaming())
    assert office.pipeline.escalate(NOW + 59 * MINUTE) == 0
    assert office.pipeline.escalate(NOW + 60 * MINUTE) == 1
    assert office.pipeline.escalate(NOW + 60 * MINUTE) == 0
    office.show(NOW + 60 * MINUTE)
    assert [card.title for card in office.cards(ANNA)] == [
        "Roaming: a post for you",
        "Reminder: Roaming",
    ]
    assert office.pipeline.escalate(NOW + 90 * MINUTE) == 1
    office.show(NOW + 90 * MINUTE)
    first, second = office.assignments()
    assert (first.state, second.expert) == (AssignmentState.ESCALATED, "ben")
    assert [bool(card.buttons) for card in office.cards(ANNA)] == [False, False]
    ben_due = NOW + 150 * MINUTE
    for after in (0, 30):
        office.pipeline.escalate(ben_due + after * MINUTE)
    assert isinstance(office.decision(), Unrouted), "nobody is left"
    office.show(ben_due + 30 * MINUTE)
    assert office.cards(DESK)[0].title == "Please choose who answers"


def test_the_manager_is_rung_when_the_ladder_says_so() -> None:
    ladder = (Step(do=StepAction.MANAGER),)
    escalation = roster().escalation.model_copy(update={"ladder": ladder})
    office = Office(roster().model_copy(update={"escalation": escalation}))
    office.receive(about_roaming())
    office.pipeline.escalate(NOW + 60 * MINUTE)
    office.show(NOW + 60 * MINUTE)
    _, late = office.cards(DESK)
    assert late.title == "Nobody has answered yet: Roaming → Anna Keller"
    assert [button.label for button in late.buttons] == ["Reassign"]
    office.actions.perform(Action.RESOLVE, "x:1/1", ANNA, NOW)
    office.show(NOW + 60 * MINUTE)
    assert all("answered at" in card.status for card in office.cards(DESK))


def test_escalating_stops_when_somebody_answers(office: Office) -> None:
    office.receive(about_roaming())
    office.actions.perform(Action.RESOLVE, "x:1/1", ANNA, NOW)
    assert office.pipeline.escalate(NOW + 600 * MINUTE) == 0


def test_follow_ups_go_to_who_answered_before(office: Office) -> None:
    office.receive(about_roaming(1))
    office.actions.perform(Action.DECLINE, "x:1/1", ANNA, NOW)
    office.actions.perform(Action.RESOLVE, "x:1/2", BEN, NOW)
    office.receive(about_roaming(2))
    assert [a.expert for a in office.assignments("x:2")] == ["ben"]
    decision = office.decision("x:2")
    assert decision is not None
    assert any("before" in reason for reason in decision.reasons)


def test_delivering_says_when_nothing_is_due(office: Office) -> None:
    assert office.pipeline.deliver_one(NOW) is Delivered.NOTHING_DUE
