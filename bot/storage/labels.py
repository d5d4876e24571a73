"""The labels of posts, and the labelled examples that they make: a part of a transaction."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, select, true, update

from bot.storage import tables as t
from routing.model import Label, LabelKind, LabelledExample


class Labels:
    """The labels' part of one transaction; see `ports.Transaction`."""

    def __init__(self, connection: Connection) -> None:
        self._do = connection

    def label(self, post_key: str) -> Label | None:
        """Return the label that holds."""
        row = self._do.execute(select(t.labels).where(t.labels.c.post_key == post_key)).first()
        return _label(row) if row else None

    def keep_label(self, label: Label) -> None:
        """Keep a label; whoever calls this has locked the post by reading its assignments."""
        known = self.label(label.post_key)
        if known is None:
            self._do.execute(t.labels.insert().values(**asdict(label)))
            return
        values: dict[str, Any] = asdict(label)
        if known.topic != label.topic:
            values["learned_at"] = None
        self._do.execute(
            update(t.labels).where(t.labels.c.post_key == label.post_key).values(**values)
        )

    def drop_label(self, post_key: str) -> None:
        """Take a label back."""
        self._do.execute(delete(t.labels).where(t.labels.c.post_key == post_key))

    def examples(self) -> list[LabelledExample]:
        """Return all examples: evidence."""
        return self._examples(true())

    def training_examples(self) -> list[LabelledExample]:
        """Return the examples that a model may be trained on."""
        return self._examples(t.posts.c.may_train)

    def use_examples(self, examples: Iterable[LabelledExample], at: datetime) -> None:
        """Mark what the model in use was trained on."""
        of = t.labels.c
        self._do.execute(update(t.labels).values(learned_at=None))
        used = [{"of_post": e.label.post_key, "as_topic": e.label.topic} for e in examples]
        if not used:  # without rows the statement would run once, for no post
            return
        allowed = select(t.posts.c.key).where(t.posts.c.may_train)
        self._do.execute(
            update(t.labels)
            .where(
                of.post_key == bindparam("of_post"),
                of.topic == bindparam("as_topic"),
                of.post_key.in_(allowed),
            )
            .values(learned_at=at),
            used,
        )

    def _examples(self, which: ColumnElement[bool]) -> list[LabelledExample]:
        p, of = t.posts.c, t.labels.c
        query = (
            select(t.labels, p.text, p.language, p.platform, p.source, p.may_train)
            .join_from(t.labels, t.posts, of.post_key == p.key)
            .where(which)
            .order_by(of.at, p.seq)
        )
        return [_example(row) for row in self._do.execute(query)]


def _label(row: Any) -> Label:
    return Label(row.post_key, row.topic, LabelKind(row.how), row.by, row.at)


def _example(row: Any) -> LabelledExample:
    return LabelledExample(
        label=_label(row),
        text=row.text,
        language=row.language,
        platform=row.platform,
        source=row.source,
        may_train=row.may_train,
        learned_at=row.learned_at,
    )
