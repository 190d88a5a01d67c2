"""Whom a reading names and how it feels towards them, as texts that analytics count by."""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BITE = 10_000
FEELINGS = {"negative": "-", "neutral": "0", "positive": "+"}
READING = sa.table(
    "reading",
    sa.column("mention_id", sa.Integer),
    sa.column("entities", sa.JSON),
    sa.column("extra", sa.JSON),
    sa.column("voices", sa.Text),
    sa.column("places", sa.Text),
)


def upgrade() -> None:
    """Forward. The counts stay as they are, so the trigger that notes changed days is not to see this."""
    op.add_column("reading", sa.Column("voices", sa.Text(), server_default="[]", nullable=False))
    op.add_column("reading", sa.Column("places", sa.Text(), server_default="[]", nullable=False))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE reading DISABLE TRIGGER rollup_reading_update")
        _fill()
        op.execute("ALTER TABLE reading ENABLE TRIGGER rollup_reading_update")
        return
    trigger = op.get_bind().exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'rollup_reading_update'")
    again = trigger.scalar_one()
    op.execute("DROP TRIGGER rollup_reading_update")
    _fill()
    op.get_bind().exec_driver_sql(again)


def _fill() -> None:
    bind = op.get_bind()
    update = (
        sa.update(READING)
        .where(READING.c.mention_id == sa.bindparam("id"))
        .values(voices=sa.bindparam("new_voices"), places=sa.bindparam("new_places"))
    )
    asked = sa.select(READING.c.mention_id, READING.c.entities, READING.c.extra).order_by(READING.c.mention_id)
    rows = bind.execute(asked.limit(BITE)).all()
    while rows:
        named = [
            {
                "id": row.mention_id,
                "new_voices": _voices(row.entities, row.extra),
                "new_places": _places(row.entities),
            }
            for row in rows
            if row.entities
        ]
        if named:
            bind.execute(update, named)
        rows = bind.execute(asked.where(READING.c.mention_id > rows[-1].mention_id).limit(BITE)).all()


def _voices(entities: list[Any], extra: dict[str, Any]) -> str:
    towards, names = extra.get("towards", {}), dict[str, list[dict[str, float]]]()
    for kind, name, *_ in entities:
        if kind != "place":
            names.setdefault(name if kind == "competitor" else "", []).append(towards.get(name, {}))
    return _text("".join(_mark(felt, own) for own in FEELINGS) + voice for voice, felt in names.items())


def _mark(felt: list[dict[str, float]], own: str) -> str:
    def weight(feeling: str) -> float:
        return sum(chances.get(feeling, float(feeling == own)) for chances in felt)

    return FEELINGS[max(FEELINGS, key=weight)]


def _places(entities: list[Any]) -> str:
    return _text({name for kind, name, *_ in entities if kind == "place"})


def _text(names: Iterable[str]) -> str:
    return json.dumps(sorted(names), ensure_ascii=False, separators=(",", ":"))
