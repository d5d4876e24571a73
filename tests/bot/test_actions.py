"""What people do, whatever the surface: one outcome, and the loser is told who has it."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.actions import Outcome
from bot.cards import Action, Form
from bot.ports import Address
from routing.model import (
    NONE_OF_OURS,
    Assigned,
    AssignmentState,
    Ignored,
    Label,
    LabelKind,
    Unrouted,
)
from tests.office import ANNA, BEN, CEM, DESK, MAYA, MINUTE, NOW, Office, about_roaming, unclear

STRANGER = Address("slack", "USTRANGER")


@pytest.fixture
def office() -> Office:
    office = Office()
    office.receive(about_roaming())
    return office


def press(office: Office, action: Action, by: Address, value: str = "x:1/1") -> Outcome:
    outcome = office.actions.perform(action, value, by, NOW + MINUTE)
    office.pipeline.show_changes(outcome.post_key, lambda: NOW + MINUTE)
    return outcome


def test_taking_it_shows_everywhere_and_is_written_down(office: Office) -> None:
    assert press(office, Action.ACCEPT, ANNA).status == "done"
    assert office.assignments()[0].state is AssignmentState.ACCEPTED
    assert office.cards(ANNA)[0].status == "You have it since 10:01."
    assert "Anna Keller has it since 10:01" in office.cards(DESK)[0].status
    assert office.history() == [("direct-dial", "assigned"), ("anna", "accept")]


@pytest.mark.parametrize("action", [Action.ACCEPT, Action.DECLINE, Action.RESOLVE, Action.DISMISS])
def test_a_second_click_changes_nothing(office: Office, action: Action) -> None:
    press(office, action, ANNA)
    before = (office.assignments(), office.history(), office.slack.sends)
    assert press(office, action, ANNA).status == "already"
    assert (office.assignments(), office.history(), office.slack.sends) == before


def test_passing_asks_the_next_and_never_the_same_again(office: Office) -> None:
    press(office, Action.DECLINE, ANNA)
    assert [a.expert for a in office.assignments()] == ["anna", "ben"]
    assert office.cards(ANNA)[0].buttons == ()
    assert len(office.cards(BEN)) == 1
    press(office, Action.DECLINE, BEN, "x:1/2")
    decision = office.decision()
    assert isinstance(decision, Unrouted)
    reasons = {ruled.expert: ruled.reason for ruled in decision.ruled_out}
    assert reasons["anna"] == "passed on it"
    assert office.cards(DESK)[0].title == "Please choose who answers"


def test_answered_thanks_and_closes(office: Office) -> None:
    press(office, Action.ACCEPT, ANNA)
    press(office, Action.RESOLVE, ANNA)
    assert office.cards(ANNA)[0].status == "Answered at 10:01. Thank you!"
    assert office.cards(ANNA)[0].buttons == ()
    assert office.cards(DESK)[0].buttons == ()


def test_who_comes_too_late_is_told_who_has_it(office: Office) -> None:
    assert office.actions.reassign("x:1/1", "ben", "he knows", MAYA, NOW).status == "done"
    press(office, Action.ACCEPT, BEN, "x:1/2")
    late = press(office, Action.ACCEPT, ANNA)
    assert late.status == "refused"
    assert late.message == "Nothing changed: Ben Ortiz has had it since 10:01."
    assert office.assignments()[1].state is AssignmentState.ACCEPTED


def test_only_the_expert_or_a_manager_may(office: Office) -> None:
    outcome = press(office, Action.ACCEPT, BEN)
    assert (outcome.status, outcome.message) == (
        "refused",
        "It is Anna Keller's. A community manager can move it.",
    )
    outcome = press(office, Action.ACCEPT, STRANGER)
    assert outcome.status == "refused"
    assert "Maya Lind" in outcome.message
    assert press(office, Action.RESOLVE, MAYA).status == "done"
    assert office.history()[-1] == ("maya", "resolve")


def test_reassigning_needs_a_manager(office: Office) -> None:
    for by in (ANNA, STRANGER):
        assert office.actions.reassign("x:1/1", "ben", "because", by, NOW).status == "refused"
        assert isinstance(office.actions.reassign_form("x:1/0", by, NOW), Outcome)
        assert office.actions.expert_choices("x:1/1", "", by, 100) == []
    assert len(office.assignments()) == 1
    assert any("refused" in trouble for trouble in office.notes.troubles)


def test_reassigning_tells_both_with_the_reason(office: Office) -> None:
    form = office.actions.reassign_form("x:1/0", MAYA, NOW)
    assert isinstance(form, Form)
    choices = office.actions.expert_choices("x:1/1", "", MAYA, 100)
    assert choices[0].id == "ben", "the runner-up comes first"
    assert [e.id for e in office.actions.expert_choices("x:1/1", "cem", MAYA, 100)] == ["cem"]
    office.actions.reassign("x:1/1", "cem", "he was there", MAYA, NOW)
    office.show()
    assert [a.expert for a in office.assignments()] == ["anna", "cem"]
    assert "moved it" in office.cards(ANNA)[0].status
    (card,) = office.cards(CEM)
    why = [line for section in card.sections for line in section.lines]
    assert "Maya Lind chose Cem Aydın: he was there" in why
    assert office.history()[-2:] == [("maya", "reassign"), ("maya", "assigned")]


def test_a_retried_reassign_changes_nothing(office: Office) -> None:
    assert office.actions.reassign("x:1/1", "ben", "he knows", MAYA, NOW).status == "done"
    assert office.actions.reassign("x:1/1", "ben", "he knows", MAYA, NOW).status == "already"
    assert len(office.assignments()) == 2


def test_of_two_managers_the_second_is_told_who_has_it(office: Office) -> None:
    assert office.actions.reassign("x:1/1", "ben", "he knows", MAYA, NOW).status == "done"
    late = office.actions.reassign("x:1/1", "cem", "no, he does", MAYA, NOW)
    assert late.status == "refused"
    assert "Ben Ortiz was asked" in late.message
    assert [a.expert for a in office.assignments()] == ["anna", "ben"]


def test_a_dialogue_about_a_post_that_nobody_was_asked_for_can_be_stale_too(office: Office) -> None:
    office.receive(unclear(2))
    late = office.actions.reassign("x:2/5", "cem", "I know", MAYA, NOW)
    assert (late.status, office.assignments("x:2")) == ("refused", [])


def test_nobody_dials_who_is_not_on_board(office: Office) -> None:
    outcome = office.actions.reassign("x:1/1", "tia", "she is keen", MAYA, NOW)
    assert outcome.status == "refused"
    assert "on board yet" in outcome.message
    assert office.actions.reassign("x:1/1", "nobody", "?", MAYA, NOW).status == "refused"


def test_nobody_is_chosen_who_would_never_hear_of_it(office: Office) -> None:
    outcome = office.actions.reassign("x:1/1", "pat", "he was there", MAYA, NOW)
    assert outcome.status == "refused"
    assert "Pat Paper has no Slack address" in outcome.message


def test_what_is_answered_stays_answered(office: Office) -> None:
    press(office, Action.RESOLVE, ANNA)
    outcome = office.actions.reassign("x:1/1", "ben", "he knows", MAYA, NOW)
    assert outcome.message == "Nothing changed: Anna Keller answered it at 10:01."


def test_a_manager_gives_an_unclear_post_to_somebody(office: Office) -> None:
    office.receive(unclear(2))
    assert office.actions.reassign("x:2/0", "cem", "I know", MAYA, NOW).status == "done"
    office.show()
    assert isinstance(office.decision("x:2"), Assigned)
    assert len(office.cards(CEM)) == 1
    assert office.cards(DESK)[1].buttons[0].label == "Reassign"


def test_a_manager_closes_an_unclear_post(office: Office) -> None:
    office.receive(unclear(2))
    assert press(office, Action.DISMISS, ANNA, "x:2/0").status == "refused"
    assert press(office, Action.DISMISS, MAYA, "x:2/0").status == "done"
    assert press(office, Action.DISMISS, MAYA, "x:2/0").status == "already"
    decision = office.decision("x:2")
    assert isinstance(decision, Ignored)
    assert decision.reasons == ("Maya Lind marked it as not for us.",)
    assert office.cards(DESK)[1].title == "Not for us"


def test_a_stale_desk_button_does_not_close_what_somebody_has(office: Office) -> None:
    outcome = press(office, Action.DISMISS, MAYA, "x:1/0")
    assert outcome.status == "refused"
    assert "Anna Keller was asked" in outcome.message


@pytest.mark.parametrize("value", ["", "x:9/1", "x:1/99", "nonsense", "x:1/٣", "/1", "x:1/-1"])
def test_a_button_that_is_not_ours_does_nothing(office: Office, value: str) -> None:
    before = office.assignments()
    assert press(office, Action.ACCEPT, ANNA, value).status == "refused"
    assert office.assignments() == before


def test_a_reason_from_a_keyboard_of_its_own_is_stored(office: Office) -> None:
    assert office.actions.reassign("x:1/1", "ben", "so \x00 \ud800", MAYA, NOW).status == "done"


def test_an_answer_is_a_confirmation_and_taking_or_passing_says_nothing(office: Office) -> None:
    press(office, Action.DECLINE, ANNA)
    press(office, Action.ACCEPT, BEN, "x:1/2")
    assert office.label() is None
    press(office, Action.RESOLVE, BEN, "x:1/2")
    confirmation = Label("x:1", "roaming", LabelKind.CONFIRMATION, "ben", NOW + MINUTE)
    assert office.label() == confirmation
    press(office, Action.RESOLVE, BEN, "x:1/2")
    assert office.label() == confirmation


def test_a_manager_who_tidies_up_confirms_nothing(office: Office) -> None:
    assert press(office, Action.RESOLVE, MAYA).status == "done"
    assert office.label() is None


def test_reassigning_says_the_topic_only_where_it_changes_it(office: Office) -> None:
    office.actions.reassign("x:1/1", "ben", "anna is away", MAYA, NOW)
    assert office.label() is None
    office.receive(unclear(2))
    office.actions.reassign("x:2/0", "cem", "it is her bill", MAYA, NOW)
    override = Label("x:2", "billing", LabelKind.OVERRIDE, "maya", NOW)
    assert office.label("x:2") == override
    press(office, Action.RESOLVE, CEM, "x:2/1")
    assert office.label("x:2") == override, "the manager's word counts"


def test_not_for_us_is_a_label_until_a_manager_gives_it_to_somebody(office: Office) -> None:
    press(office, Action.DISMISS, ANNA)
    label = office.label()
    assert label == Label("x:1", NONE_OF_OURS, LabelKind.OVERRIDE, "anna", NOW + MINUTE)
    assert office.actions.reassign("x:1/1", "cem", "he was there", MAYA, NOW).status == "done"
    assert office.label() is None
    office.receive(unclear(2))
    press(office, Action.DISMISS, MAYA, "x:2/0")
    label = office.label("x:2")
    assert label is not None
    assert (label.topic, label.by) == (NONE_OF_OURS, "maya")


@pytest.mark.parametrize("by", [BEN, CEM, STRANGER])
def test_a_refused_action_labels_nothing(office: Office, by: Address) -> None:
    for action in Action:
        press(office, action, by) if action is not Action.REASSIGN else None
    office.actions.reassign("x:1/1", "tia", "she is keen", MAYA, NOW)
    assert office.label() is None


def test_a_label_is_kept_with_its_action_or_not_at_all(office: Office) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    object.__setattr__(office.pipeline.dialler, "show", breaks)
    with pytest.raises(ZeroDivisionError):
        press(office, Action.RESOLVE, ANNA)
    assert office.label() is None
    assert office.assignments()[0].state is AssignmentState.OFFERED


def test_looking_up_answers_with_a_card(office: Office) -> None:
    card = office.actions.lookup("roaming", NOW)
    assert "Anna Keller" in card.sections[0].heading
    assert "no such thing" in office.actions.lookup("no such thing \ud800", NOW).title


STEPS = st.lists(
    st.tuples(
        st.sampled_from([*Action]), st.sampled_from([ANNA, BEN, CEM, MAYA]), st.integers(0, 3)
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_people_press_at_most_one_has_it(
    steps: list[tuple[Action, Address, int]],
) -> None:
    office = Office()
    office.receive(about_roaming())
    experts = itertools.cycle(["ben", "cem", "anna"])
    for action, by, number in steps:
        if action is Action.REASSIGN:
            asked = len(office.assignments())
            office.actions.reassign(f"x:1/{asked}", next(experts), "because", by, NOW)
        else:
            office.actions.perform(action, f"x:1/{number}", by, NOW)
        office.show()
        assignments = office.assignments()
        assert sum(a.is_open for a in assignments) <= 1
        assert [a.number for a in assignments] == list(range(1, len(assignments) + 1))
        assert sum(a.state is AssignmentState.RESOLVED for a in assignments) <= 1
        open_cards = [
            shown.delivery.number
            for shown in office.slack.shown
            if shown.delivery.number and shown.card.buttons
        ]
        assert open_cards == [a.number for a in assignments if a.is_open]
