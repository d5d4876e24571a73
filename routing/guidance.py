"""What the expert sees beside the post: how it may be answered, and what helps to answer well."""

from routing.company import Expert, Roster, StandingLevel, Topic
from routing.languages import language_name, language_names
from routing.model import (
    MAX_URGENCY,
    UNKNOWN_LANGUAGE,
    Guidance,
    Kind,
    Post,
    Reading,
    ReplyMode,
)
from routing.policy import check
from routing.policy.rule import Draft


def guide(post: Post, reading: Reading, expert: Expert, topic: Topic, roster: Roster) -> Guidance:
    """Return reply mode, do and don't, and a draft that has been checked against the policy."""
    mode, rule = _reply_mode(post, expert, topic, roster)
    draft, note = _draft(post, reading, topic)
    return Guidance(
        reply_mode=mode,
        rule=rule,
        do=roster.policy.do,
        dont=roster.policy.dont,
        facts=() if topic.restricted else topic.facts,
        draft=draft,
        draft_note=note,
        findings=check(Draft(draft, roster.policy.links)) if draft else (),
    )


def _reply_mode(post: Post, expert: Expert, topic: Topic, roster: Roster) -> tuple[ReplyMode, str]:
    if topic.restricted:
        return (
            ReplyMode.NOBODY,
            f"{topic.title} is a restricted topic: only {topic.restricted} may answer.",
        )
    if expert.standing.level is StandingLevel.COACHED:
        coach = roster.name_of(expert.standing.coach) if expert.standing.coach else "your coach"
        return ReplyMode.WITH_COACH, f"Show your answer to {coach} before you send it."
    if roster.policy.reply_from == "brand":
        brand = roster.company.name or "the company"
        how = "write it here in the thread, a community manager sends it."
        return ReplyMode.BRAND_ACCOUNT, f"Answers come from the account of {brand}: {how}"
    # X lets an API reply only as an account that was mentioned, so a person sends it.
    where = "in X's own composer" if post.platform == "x" else "on the page of the post"
    how = f"Answer as yourself from your own account, {where}. Nothing is sent for you."
    return ReplyMode.OWN_ACCOUNT, how


def _draft(post: Post, reading: Reading, topic: Topic) -> tuple[str, str]:
    """Return a draft and where it comes from, or nothing and why."""
    if why_not := _no_draft(reading, topic):
        return "", f"No draft{why_not}"
    handle = f"@{post.author.handle}" if post.author.handle else ""
    text = topic.drafts[reading.language].replace("{author}", handle)
    return " ".join(text.split()).replace(" ,", ","), "from the roster; say it in your own words"


def _no_draft(reading: Reading, topic: Topic) -> str:
    """Return why there is none, to stand behind “No draft”, or nothing."""
    why = ""
    if topic.restricted:
        why = f": {topic.restricted} decides what is said."
    elif reading.kind is Kind.PRAISE:
        why = " for praise: say thank you in your own words."
    elif reading.urgency == MAX_URGENCY:
        why = " for something this urgent: answer exactly what was said."
    elif not topic.drafts:
        why = f": the roster has no wording for {topic.title} yet. Use your own words."
    elif reading.language not in topic.drafts:
        known = f"there is one in {language_names(sorted(topic.drafts))}"
        wanted = language_name(reading.language)
        unknown = reading.language == UNKNOWN_LANGUAGE
        why = f", as the post's language isn't known; {known}." if unknown else ""
        why = why or f" in the post's language ({wanted}); {known}."
    return why
