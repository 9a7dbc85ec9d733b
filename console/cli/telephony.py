"""`console telephony`: what a recorded phone system says, understood by the real adapter."""

from __future__ import annotations

import asyncio
import gzip
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import click
import msgspec

from adapters.telephony.asterisk.replay import LINE_BYTES_MAX, BadRecording, replay, replay_at
from console.telephony import CallEvent
from console.telephony.record import CallRecord, Report

KINDS = ("asterisk-ari", "asterisk-queue", "freeswitch")
"""Kinds of recording that the contract names."""

READABLE = ("asterisk-ari",)
"""Those that this version reads."""


@click.group()
def telephony() -> None:
    """Phone systems: replay what one of them said."""


@telephony.command("replay")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "kind", required=True, type=click.Choice(KINDS), help="Which phone system was recorded.")
@click.option("--json", "as_json", is_flag=True, help="Print the calls as one JSON object.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    help="Play at so many times its own pace; without, as fast as can be.",
)
def replay_command(file: Path, kind: str, as_json: bool, speed: float | None) -> None:
    """Feed a recorded stream through the real adapter and print the calls it understood.

    FILE is NDJSON, plain or compressed (.gz, .xz).
    """
    if kind not in READABLE:
        raise click.UsageError(f"--as {kind} is not there yet; this version replays {', '.join(READABLE)}.")
    report = _replayed(file, speed, quiet=as_json)
    if as_json:
        click.echo(msgspec.json.encode(report))
    else:
        _show(report)


def _replayed(file: Path, speed: float | None, *, quiet: bool) -> Report:
    try:
        with _opened(file) as recording:
            if speed is None:
                return replay(_lines(recording))
            tell = _hush if quiet else _tell
            return asyncio.run(replay_at(_lines(recording), speed=speed, sleep=asyncio.sleep, tell=tell))
    except BadRecording as error:
        raise click.ClickException(f"{file}: {error}") from None
    except FileNotFoundError:
        raise click.ClickException(f"{file}: there is no such file.") from None
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise click.ClickException(f"{file}: cannot be read: {error}") from None


def _opened(file: Path) -> IO[bytes]:
    """The recording's lines, whatever it was packed with; by its first bytes, for names deceive."""
    with file.open("rb") as packed:
        magic = packed.read(6)
    if magic.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.open(file, "rb"))
    if magic.startswith(b"\xfd7zXZ\x00"):
        return cast("IO[bytes]", lzma.open(file, "rb"))
    return file.open("rb")


def _lines(recording: IO[bytes]) -> Iterator[bytes]:
    while line := recording.readline(LINE_BYTES_MAX + 1):
        yield line


def _tell(event: CallEvent, t: float) -> None:
    click.echo(f"{t:10.3f}  {event.__struct_config__.tag:<17} {event.call}", err=True)


def _hush(event: CallEvent, t: float) -> None:
    del event, t


def _show(report: Report) -> None:
    for call in report.calls:
        click.echo("\n".join(_described(call)))
    click.echo(
        f"{report.offered} offered, {report.answered} answered, {report.abandoned} abandoned, {report.other} other"
    )


def _described(call: CallRecord) -> Iterator[str]:
    yield f"{call.caller or 'unknown'} called {call.dialled or 'an unknown number'}: {call.outcome or 'not over'}"
    for ring in call.rung:
        yield f"  {ring.t:9.3f}  rang {ring.agent}: {ring.result or 'still ringing'}"
    for talk in call.talks:
        yield f"  {talk.from_:9.3f}  talked with {talk.agent} until {'now' if talk.to is None else f'{talk.to:.3f}'}"
    for transfer in call.transfers:
        yield f"  {transfer.t:9.3f}  {transfer.kind} transfer by {transfer.by} to {transfer.to or 'unknown'}"
    if call.t_end is not None:
        yield f"  {call.t_end:9.3f}  ended by {call.ended_by or 'nobody knows whom'}"
    waited = "" if call.wait_s is None else f"waited {call.wait_s:.1f} s"
    yield f"  {waited}, held {call.hold_s:.1f} s" if call.hold_s else f"  {waited}"
