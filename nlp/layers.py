"""The versions of what was learnt, and which one is in force. Nothing is committed here.

Which one is in force is told for each model: a layer that was made for another model is never applied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, load_only

from config.errors import InvalidInputError, NotFoundError
from nlp.analyser import Analyser
from nlp.by_language import with_main
from nlp.layer import Layer, LearntEngine, Part, from_bytes, to_bytes
from nlp.learning import Figures
from nlp.reading import Question
from nlp.tables import LayerState, LearntLayer


def add(
    session: Session,
    model: str,
    figures: Mapping[Question, Figures],
    parts: Mapping[Question, Part],
    *,
    kept: bool,
    now: datetime,
) -> LearntLayer:
    """Store a version. A kept one takes effect, unless a person went back to an earlier version."""
    chosen_by_hand = in_force(session, model) != newest_kept(session, model)
    row = LearntLayer(
        made_at=now,
        model=model,
        figures={str(question): asdict(told) for question, told in figures.items()},
        weights=to_bytes(parts),
        state=LayerState.KEPT if kept else LayerState.REFUSED,
        in_force=False,
    )
    session.add(row)
    session.flush()
    if kept and not chosen_by_hand:
        use(session, model, row.version)
    return row


def use(session: Session, model: str, version: int) -> None:
    """Let this version of the model take effect; 0 is the model alone. Raises NotFoundError or InvalidInputError."""
    if version:
        kept(session, model, version)
    session.execute(update(LearntLayer).where(LearntLayer.model == model).values(in_force=False))
    session.execute(update(LearntLayer).where(LearntLayer.version == version).values(in_force=True))


def kept(session: Session, model: str, version: int) -> LearntLayer:
    """A version that can be used with this model. Raises NotFoundError or InvalidInputError."""
    row = get(session, version)
    if row.model != model:
        raise InvalidInputError(
            f"Version {version} was made for {row.model}, and {model} is what reads now.",
            "'hearken learn list' shows which version belongs to which model.",
        )
    if row.state is not LayerState.KEPT:
        raise InvalidInputError(
            f"Version {version} was refused.", "'hearken learn list' says why. Choose one that was kept."
        )
    return row


def get(session: Session, version: int) -> LearntLayer:
    """A version. Raises NotFoundError."""
    row = session.get(LearntLayer, version)
    if row is None:
        raise NotFoundError(f"There is no version {version}.", "'hearken learn list' shows them all.")
    return row


def all_versions(session: Session) -> Sequence[LearntLayer]:
    """Every version without its weights, the newest first."""
    told = load_only(*(getattr(LearntLayer, name) for name in ("made_at", "model", "figures", "state", "in_force")))
    return session.scalars(select(LearntLayer).options(told).order_by(LearntLayer.version.desc())).all()


def in_force(session: Session, model: str) -> int:
    """The version in force of a model, 0 for none."""
    return _newest(session, model, LearntLayer.in_force)


def newest_kept(session: Session, model: str) -> int:
    """The newest version of a model that was kept, 0 for none."""
    return _newest(session, model, LearntLayer.state == LayerState.KEPT)


def last_made(session: Session, model: str) -> datetime | None:
    """When a version of the model was made last, kept or not."""
    found = select(LearntLayer.made_at).where(LearntLayer.model == model).order_by(LearntLayer.version.desc())
    return session.scalar(found.limit(1))


def _newest(session: Session, model: str, which: object) -> int:
    found = select(LearntLayer.version).where(LearntLayer.model == model, which)  # type: ignore[arg-type]
    return session.scalar(found.order_by(LearntLayer.version.desc()).limit(1)) or 0


class Learnt:
    """Puts the layer in force over an analyser; looks each time, and builds anew only after a change."""

    def __init__(self) -> None:
        self._over: tuple[Analyser, int, Analyser] | None = None

    def over(self, session: Session, plain: Analyser) -> Analyser:
        """The analyser that reads now: one cheap query."""
        version = in_force(session, plain.engine.name)
        if self._over is None or self._over[0] is not plain or self._over[1] != version:
            self._over = plain, version, with_layer(session, plain, version)
        return self._over[2]


def with_layer(session: Session, plain: Analyser, version: int) -> Analyser:
    """The analyser with this version over its main engine; 0 leaves it as it is."""
    if not version:
        return plain
    row = get(session, version)
    layer = Layer(row.version, row.model, from_bytes(row.weights))
    return Analyser(with_main(plain.engine, lambda main: LearntEngine(main, layer)))
