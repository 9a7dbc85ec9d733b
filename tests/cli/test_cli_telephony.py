"""`console telephony replay`, as it is typed."""

from __future__ import annotations

import gzip
import json
import lzma
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from console.cli.telephony import telephony
from tests.adapters.asterisk import recordings


def replay(*words: str) -> Result:
    return CliRunner().invoke(telephony, ["replay", *words])


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "a1.ndjson"
    path.write_bytes(b"\n".join(recordings.lines("a1")))
    return path


def test_json_prints_the_calls_and_nothing_else(recording: Path) -> None:
    result = replay(str(recording), "--as", "asterisk-ari", "--json")

    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert (report["offered"], report["answered"]) == (1, 1)
    assert set(report["calls"][0]) == set(recordings.expected("a1")["calls"][0]) - {"t_invite"}


def test_without_json_the_calls_are_told_in_words(recording: Path) -> None:
    result = replay(str(recording), "--as", "asterisk-ari")

    assert "2025550101 called 100: answered" in result.stdout
    assert "1 offered, 1 answered, 0 abandoned, 0 other" in result.stdout


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_a_packed_recording_is_unpacked_whatever_its_name(recording: Path, pack) -> None:
    recording.write_bytes(pack(recording.read_bytes()))

    assert json.loads(replay(str(recording), "--as", "asterisk-ari", "--json").stdout)["offered"] == 1


def test_speed_plays_the_same_calls_and_tells_them_as_they_come(recording: Path) -> None:
    result = replay(str(recording), "--as", "asterisk-ari", "--speed", "1000")

    assert result.exit_code == 0
    assert "call.answered" in result.stderr
    assert "1 offered" in result.stdout


def test_a_missing_file_is_said_to_be_missing() -> None:
    result = replay("/nowhere/a.ndjson", "--as", "asterisk-ari")

    assert result.exit_code == 1
    assert "/nowhere/a.ndjson: there is no such file" in result.stderr


def test_a_directory_is_no_recording(tmp_path: Path) -> None:
    result = replay(str(tmp_path), "--as", "asterisk-ari")

    assert result.exit_code == 1
    assert "cannot be read" in result.stderr


def test_a_bad_line_is_named_by_its_number(recording: Path) -> None:
    recording.write_bytes(recording.read_bytes() + b"\n{not json}\n")
    lines = len(recordings.lines("a1"))

    result = replay(str(recording), "--as", "asterisk-ari", "--json")

    assert result.exit_code == 1
    assert f"line {lines + 1}:" in result.stderr
    assert result.stdout == ""


def test_a_packed_recording_that_was_cut_off_is_said_to_be(recording: Path) -> None:
    recording.write_bytes(gzip.compress(recording.read_bytes())[:-20])

    result = replay(str(recording), "--as", "asterisk-ari")

    assert result.exit_code == 1
    assert "cannot be read" in result.stderr


@pytest.mark.parametrize("kind", ["asterisk-queue", "freeswitch"])
def test_a_kind_that_is_not_there_yet_is_said_so(recording: Path, kind: str) -> None:
    result = replay(str(recording), "--as", kind)

    assert result.exit_code == 2
    assert f"--as {kind} is not there yet" in result.stderr


@pytest.mark.parametrize("words", [("--as", "skype"), (), ("--as", "asterisk-ari", "--speed", "0")])
def test_other_words_are_refused_with_what_is_allowed(recording: Path, words: tuple[str, ...]) -> None:
    assert replay(str(recording), *words).exit_code == 2
