"""import, analyse, reply, export: what goes in and out."""

import gzip
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

import click

from config.clock import utc_now
from config.errors import InvalidInputError
from web.commands.parts import Parts, as_json, pass_parts
from web.commands.reread import reread
from web.commands.show import by_stage, progress, show, tell_if_reading_waits

READ_AT_ONCE = 512
PARTLY_REJECTED = 3
DAYS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--brand", "brand_name", required=True, help="Whose mentions they are; made if it does not exist.")
@click.option("--network", required=True, help="Where they were posted.")
@pass_parts
def import_(parts: Parts, file: Path, brand_name: str, network: str) -> None:
    """Take posts from a file (JSONL, also .gz, or CSV), read and route them. Exit code 3: some rows were refused.

    Example: hearken import posts.jsonl.gz --brand Kestova --network x
    """
    from engage import brands
    from listener.connectors import connector_class
    from listener.importer import import_file

    connector_class(network)
    with parts.database.write() as session:
        target, made = brands.for_import(session, brand_name, utc_now())
    if made:
        click.echo(f"Brand {brand_name} did not exist and was made; it listens for {target.query}.", err=True)
    with progress("Reading the file") as step:
        try:
            result = import_file(parts.database, file, target.id, network, utc_now, step, parts.settings.data)
        except InvalidInputError:
            click.echo(f"What came before was kept: {parts.pipeline.process():,} mentions.", err=True)
            raise
    with progress("Reading and routing", result.added) as step:
        parts.pipeline.after_step = by_stage(step)
        parts.pipeline.process()
        parts.pipeline.after_step = lambda _: None
        parts.pipeline.roll()
    click.echo(f"{result.added:,} added, {result.known:,} known already, {result.rejected:,} refused.")
    waits = tell_if_reading_waits(parts.pipeline)
    if result.rejected:
        for line, reason in result.reasons:
            click.echo(f"line {line}: {reason}", err=True)
        click.echo(f"The refused rows are in {result.rejected_path}", err=True)
        sys.exit(PARTLY_REJECTED)
    if waits:
        sys.exit(1)


@click.command()
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--re-read", "re_read", is_flag=True, help="Read mentions again that another model read.")
@click.option("--since", type=click.DateTime(DAYS), help="With --re-read: those posted since this day (UTC).")
@click.option("--brand", "brand_name", help="With --re-read: only this brand's.")
@click.option("--all", "all_", is_flag=True, help="With --re-read: also what the model in force read.")
@pass_parts
def analyse(
    parts: Parts, file: IO[bytes] | None, re_read: bool, since: datetime | None, brand_name: str | None, all_: bool
) -> None:
    """Read texts: one JSON object out for each line in. Lines are JSON objects with `text` (and `id`), or plain text.

    With --re-read instead of a file: read mentions again; broken off, it goes on where it was. Teams, states and what
    people corrected stay.

    Example: hearken analyse posts.jsonl.gz
    Example: hearken analyse --re-read --since 2026-11-01
    """
    again_only = since or brand_name or all_
    if re_read == (file is not None) or (file and again_only):
        raise InvalidInputError(
            "Either a file is read, or mentions are read again.", "Name a file (or -), or give --re-read and --since."
        )
    if file is None:
        reread(parts, since, brand_name, all_=all_)
    else:
        _analyse_file(parts, file)


def _analyse_file(parts: Parts, file: IO[bytes]) -> None:
    from nlp.load import load_analyser

    analyser = load_analyser(parts.settings.analyser, parts.settings.analysers)
    lines = enumerate(_lines(file), 1)
    with progress("Analysing") as step:
        while batch := list(islice(lines, READ_AT_ONCE)):
            texts = [_text_of(number, line) for number, line in batch]
            for (id_, _), reading in zip(texts, analyser.read([text for _, text in texts]), strict=True):
                click.echo(json.dumps(_reading_json(id_, reading), ensure_ascii=False))
            step(len(batch))


def _lines(file: IO[bytes]) -> Iterable[str]:
    """Decoded lines of a plain or gzipped file; bytes that are not UTF-8 become the replacement character."""
    head = file.peek(2)[:2] if hasattr(file, "peek") else b""
    stream: Iterable[bytes] = gzip.GzipFile(fileobj=file) if head == b"\x1f\x8b" else file
    for line in stream:
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def _text_of(number: int, line: str) -> tuple[Any, Any]:
    """The id and the text of an input line; a line that is no JSON object is the text itself."""
    from nlp.reading import Text

    try:
        row = json.loads(line) if line.lstrip().startswith("{") else None
    except ValueError:
        row = None
    if not isinstance(row, dict):
        return number, Text(line)
    return row.get("id", number), Text(str(row.get("text") or ""), str(row.get("lang") or ""))


def _reading_json(id_: Any, reading: Any) -> dict[str, Any]:
    from nlp.store import extra_json

    def rounded(p: dict[Any, float]) -> dict[str, float]:
        return {str(label): round(value, 4) for label, value in p.items()}

    return {
        "id": id_,
        "sentiment": {"label": reading.sentiment, "p": rounded(reading.p_sentiment)},
        "intent": {"label": reading.intent, "p": rounded(reading.p_intent)},
        "urgency": round(reading.urgency, 3),
        "language": reading.language,
        "model": reading.model,
        **extra_json(reading),
    }


@click.command()
@click.argument("conversation", type=int)
@click.argument("text")
@as_json
@pass_parts
def reply(parts: Parts, conversation: int, text: str, json_: bool) -> None:
    """Answer a conversation and wait for the network's word.

    Example: hearken reply 12 "Thank you, we are looking into it."
    """
    from engage import replies, users

    with parts.database.write() as session:
        written = replies.write(
            session, conversation, text, by=users.command_line_user(), now=utc_now(), approval_required=False
        )
        reply_id = written.id
    parts.pipeline.deliver()
    with parts.database.read() as session:
        done = replies.get(session, reply_id)
    shown = {
        "id": done.id,
        "state": done.state.value,
        "url": done.url,
        "error": f"{done.error_text} {done.remedy}".strip(),
    }
    show({key: value for key, value in shown.items() if value or json_}, json_)
    if done.state not in {"sent", "sending", "approved"}:
        sys.exit(1)


@click.command()
@click.argument("what", type=click.Choice(["mentions", "conversations", "contacts", "corrections"]))
@click.option("--format", "format_", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--brand", "brand_name", help="Only this brand's.")
@click.option("--since", type=click.DateTime(DAYS), help="Only since this day (UTC).")
@click.option("--out", type=click.File("w", encoding="utf-8", atomic=True), default="-", help="A file to write to.")
@pass_parts
def export(
    parts: Parts, what: str, format_: str, brand_name: str | None, since: datetime | None, out: IO[str]
) -> None:
    """Write mentions, conversations, contacts or what people corrected (readings, teams, noise) as rows.

    Example: hearken export conversations --format csv --since 2026-11-01 --out conversations.csv
    """
    from engage import brands
    from engage.export import export as rows_of
    from engage.export import write_csv, write_jsonl

    with parts.database.read() as session:
        brand_id = brands.named(session, brand_name).id if brand_name else None
        rows = rows_of(session, what, brand_id, since.replace(tzinfo=UTC) if since else None)
        (write_csv if format_ == "csv" else write_jsonl)(rows, out)
