"""`console simulate`, as it is typed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from console.cli import console

CENTRE = """
version: 1
skills: [fibre]
queues:
  - {name: faults, channel: voice, wrap_up: 0s, requires: {fibre: 1}}
  - {name: general, channel: voice, wrap_up: 0s}
agents:
  - {count: 3, name: pool, skills: {fibre: 2}}
  - {username: nadia}
routing:
  - {when: 'attributes.choice == "1"', queue: faults}
  - {queue: general}
"""
TRAFFIC = """
duration: 30m
replications: 3
streams:
  - {name: broken, attributes: {choice: "1"}, rate: 2/min, handle_time: {exponential: 1m}, patience: {exponential: 1m}}
  - {name: rest, to: "+441314960100", rate: 20/h, handle_time: {trace: {file: talks.txt}}}
"""
E_KEYS = {"mean", "ci95"}
F_KEYS = {
    "offered",
    "answered",
    "abandoned",
    "blocked",
    "in_target",
    "service_level",
    "p_wait",
    "mean_wait_s",
    "asa_s",
    "max_wait_s",
}

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """In a data directory in which nothing may appear: no database is needed."""
    (tmp_path / "centre.yaml").write_text(CENTRE)
    (tmp_path / "traffic.yaml").write_text(TRAFFIC)
    (tmp_path / "talks.txt").write_text("30\n90s\n")
    files = [str(tmp_path / name) for name in ("centre.yaml", "traffic.yaml")]
    env = {"CONSOLE_DATA_DIR": str(tmp_path / "data"), "CONSOLE_DATABASE_URL": ""}
    yield lambda *words: CliRunner().invoke(console, ["simulate", *files, *words], env=env)
    assert not (tmp_path / "data").exists()
    shutil.rmtree(tmp_path)


def test_json_is_all_that_standard_output_carries(run: Run) -> None:
    told = run("--seed", "7", "--json")

    found = json.loads(told.stdout)
    assert told.exit_code == 0
    assert set(found) == {"replications", "streams", "queues", "agents", "total"}
    assert found["replications"] == 3
    assert set(found["streams"]) == {"broken", "rest"}
    assert set(found["queues"]) == {"faults", "general"}
    assert set(found["agents"]) == {"pool", "nadia"}
    assert set(found["agents"]["pool"]) == {"occupancy"}
    for figures in (*found["streams"].values(), *found["queues"].values(), found["total"]):
        assert set(figures) == F_KEYS
        assert all(set(estimate) == E_KEYS and len(estimate["ci95"]) == 2 for estimate in figures.values())


def test_the_same_seed_prints_the_same(run: Run) -> None:
    assert run("--seed", "7", "--json").stdout == run("--seed", "7", "--json").stdout
    assert run("--seed", "7").stdout != run("--seed", "8").stdout


def test_without_a_seed_it_prints_the_one_it_took(run: Run) -> None:
    told = run().stdout
    seed = told.partition("seed ")[2].partition(";")[0]

    assert run("--seed", seed).stdout == told


def test_mistakes_are_told_with_file_line_and_key(run: Run, tmp_path: Path) -> None:
    (tmp_path / "traffic.yaml").write_text(TRAFFIC.replace("2/min", "fast"))
    told = run()

    assert (told.exit_code, told.stdout) == (1, "")
    assert f"{tmp_path}/traffic.yaml:5: streams[broken].rate: must be a rate such as 4.2/min" in told.stderr
    assert told.stderr.endswith("1 mistake; nothing was simulated.\n")

    (tmp_path / "centre.yaml").write_text(CENTRE.replace("count: 3", "count: many"))
    assert f"{tmp_path}/centre.yaml:8: agents[pool].count: must be a whole number" in run().stderr


def test_a_file_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "talks.txt").unlink()

    assert "streams[rest].handle_time.trace: " in run().stderr
