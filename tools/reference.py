"""Writes docs/reference from the code: settings, commands, configuration, HTTP, stream.

`python tools/reference.py [DIRECTORY]` writes the pages; tests/docs holds them to the code.
"""

from __future__ import annotations

import sys
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from types import UnionType
from typing import Any

import click
import msgspec
import yaml

from console import cli, conditions
from console.cli.settings import every_setting
from console.config import traffic
from console.config.document import KEYS, WITHOUT_EFFECT
from console.live import messages
from console.routing.backtest import Load, Need, Part, Run
from console.routing.figures import Estimate, Figures, Occupancy, Simulated
from console.scripts import keys as script_keys
from console.scripts import names
from console.scripts.parse import SOURCE_MAX
from console.scripts.run import ANSWERS_MAX
from console.scripts.script import DEPTH_MAX, LINKED_STEPS_MAX, OPTIONS_MAX, STEPS_MAX
from console.services.backtesting import Backtest
from console.settings import default_data_dir

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
GENERATED = "<!-- Made from the code by `make docs`; a test fails when they differ. -->\n\n"


def settings() -> str:
    """Every variable, default and unit."""
    lines = ["# Settings", "", "Read once, at start, from the environment.", ""]
    lines += ["| variable | default | unit | |", "|---|---|---|---|"]
    for setting in every_setting():
        default = setting.default
        if default == str(default_data_dir()):
            default = "~/.local/share/console; as root /var/lib/console"
        unit = setting.unit.replace("|", " or ")
        lines.append(f"| `{setting.variable}` | {default} | {unit} | {setting.description} |")
    return "\n".join([*lines, ""])


def commands() -> str:
    """What `--help` says of each command."""
    parts = ["# Commands\n"]
    for words, command in _every_command(cli.console, ("console",)):
        with click.Context(
            command,
            info_name=" ".join(words),
            terminal_width=100,
            max_content_width=100,
            help_option_names=["-h", "--help"],
        ) as context:
            parts.append(f"## {' '.join(words)}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def _every_command(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None
                yield from _every_command(found, (*words, name))


def configuration() -> str:
    """Every key of centre.yaml, and which have no effect yet."""
    lines = [
        "# Configuration",
        "",
        "Every key that `centre.yaml` may have. What it looks like is shown in [how to write a centre's",
        "configuration](../howto/configure.md); an error names line, key, and what is allowed.",
        "",
    ]
    for section, keys in KEYS.items():
        lines += [f"## {section or 'the file'}", ""]
        for key in keys:
            words = WITHOUT_EFFECT.get(f"{section}.{key}" if section else key)
            lines.append(f"- `{key}`" + (f": **without effect yet.** {words}" if words else ""))
        lines.append("")
    return "\n".join(lines)


def simulation() -> str:
    """Every key of traffic.yaml, and what a simulation prints."""
    lines = [
        "# Simulation",
        "",
        "Every key that `traffic.yaml` may have, and what `console simulate --json` prints. How it is used is shown in",
        "[how to try a change before you apply it](../howto/simulate.md).",
        "",
    ]
    for section, keys in traffic.KEYS.items():
        lines += [f"## {section or 'the file'}", "", *(f"- `{key}`" for key in keys), ""]
    for kind in (Simulated, Figures, Occupancy, Estimate, Backtest, Run, Part, Load, Need):
        hints = typing.get_type_hints(kind)
        lines += [f"## {kind.__name__}", "", _first_paragraph(kind), "", "| field | type |", "|---|---|"]
        lines += [f"| `{field.encode_name}` | {_type(hints[field.name])} |" for field in msgspec.structs.fields(kind)]
        lines.append("")
    return "\n".join(lines)


def scripts() -> str:
    """Every key of a script's file, every name it may use, and its limits."""
    lines = [
        "# Scripts",
        "",
        "Every key that a script's file may have. How one is written is shown in [write a guided script](../howto/scripts.md).",
        "",
    ]
    sections = {
        "the file": script_keys.FILE,
        "any step": script_keys.STEP,
        "what makes a step of its kind": script_keys.KIND,
    }
    sections |= {f"beside {kind}": beside for kind, beside in script_keys.BY_KIND.items() if beside}
    sections |= {"a line of check": script_keys.BRANCH, "a line of do": script_keys.EFFECTS, "a test": script_keys.TEST}
    for section, found in sections.items():
        lines += [f"## {section}", "", *(f"- `{key}`: {words}" for key, words in found.items()), ""]
    members = [f"{name}.{one}" for name, some in names.MEMBERS.items() for one in some or ("…",)]
    lines += [
        "## names",
        "",
        "In conditions and in `{…}`: " + ", ".join(f"`{one}`" for one in (*names.PLAIN, *members)),
    ]
    lines += [
        "and `answers.STEP`, of a `call` `answers.STEP.NAME`. Absent is null; a condition that cannot be judged does not hold.",
        "",
        "## limits",
        "",
    ]
    limits = {
        "steps of a script": STEPS_MAX,
        "steps with all its sub-scripts": LINKED_STEPS_MAX,
        "scripts within each other": DEPTH_MAX,
        "characters of a file": SOURCE_MAX,
        "characters of a condition, without a macro in another": conditions.LENGTH_MAX,
        "answers to choose from": OPTIONS_MAX,
        "answers of a run": ANSWERS_MAX,
    }
    return "\n".join([*lines, *(f"- {what}: {most:,}" for what, most in limits.items()), ""])


def http() -> str:
    """Every route of the API, from its OpenAPI."""
    from console.web.app import create_app  # noqa: PLC0415 - litestar takes a second to import

    schema = create_app(_nothing()).openapi_schema.to_schema()
    lines = [
        "# HTTP",
        "",
        "A running console serves the whole description, with the shape of every body, as OpenAPI at `/schema`.",
        "`Authorization: Bearer TOKEN`, or the signed-in browser's session with its CSRF token. Errors are",
        "`application/problem+json` (RFC 9457) with a stable `type`.",
        "",
        "| call | does |",
        "|---|---|",
    ]
    for path, operations in sorted(schema["paths"].items()):
        for method, operation in operations.items():
            words = (operation.get("description") or operation.get("summary") or "").split("\n\n")[0].replace("\n", " ")
            lines.append(f"| `{method.upper()} {path}` | {words} |")
    return "\n".join([*lines, ""])


def _nothing() -> Any:
    """The routes are described without anything behind them."""
    from unittest.mock import create_autospec  # noqa: PLC0415 - here alone

    from console.services.context import Context  # noqa: PLC0415 - the same

    return create_autospec(Context, instance=True, public_url=None, node="")


def stream() -> str:
    """Every message of the stream, and its fields."""
    lines = [
        "# Stream",
        "",
        "`WS /api/v1/stream?since=SEQ[&topics=queues,agents]`. Frames are JSON text:",
        '`{"seq": 4711, "at": "2026-11-21T09:00:00.123Z", "type": "offer.made", "data": {…}}`.',
        "The first frame is `ready`. A client keeps the greatest outer `seq` it has handled and resumes with it. The same",
        "is machine-readable in [asyncapi.yaml](asyncapi.yaml).",
        "",
    ]
    for kind in typing.get_args(messages.Message):
        lines += [f"## {kind.__struct_config__.tag}", "", _first_paragraph(kind), "", "| field | type |", "|---|---|"]
        hints = typing.get_type_hints(kind)
        lines += [f"| `{field.encode_name}` | {_type(hints[field.name])} |" for field in msgspec.structs.fields(kind)]
        lines.append("")
    return "\n".join(lines)


def asyncapi() -> str:
    """The stream in AsyncAPI 3.0."""
    kinds = typing.get_args(messages.Message)
    _, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    names = {kind: kind.__struct_config__.tag for kind in kinds}
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Console stream", "version": "1"},
        "channels": {
            "stream": {
                "address": "/api/v1/stream",
                "messages": {tag: {"$ref": f"#/components/messages/{tag}"} for tag in names.values()},
            }
        },
        "operations": {"speak": {"action": "send", "channel": {"$ref": "#/channels/stream"}}},
        "components": {
            "messages": {
                tag: {"summary": _first_paragraph(kind), "payload": {"$ref": f"#/components/schemas/{kind.__name__}"}}
                for kind, tag in names.items()
            },
            "schemas": components,
        },
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def _first_paragraph(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split())


def _type(hint: Any) -> str:
    """A type in the words of the page."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin in (UnionType, typing.Union):
        return " or ".join(_type(argument) for argument in arguments)
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"{_type(arguments[0])} to {_type(arguments[1])}"
    if hint is type(None):
        return "null"
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        fields = ", ".join(field.encode_name for field in msgspec.structs.fields(hint))
        return f"{hint.__name__} {{{fields}}}"
    words = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false", "datetime": "instant"}
    return words.get(getattr(hint, "__name__", ""), "anything")


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings,
    "commands.md": commands,
    "configuration.md": configuration,
    "simulation.md": simulation,
    "http.md": http,
    "scripts.md": scripts,
    "stream.md": stream,
    "asyncapi.yaml": asyncapi,
}


def page(name: str) -> str:
    """One page as the code has it now."""
    text = PAGES[name]()
    return (GENERATED if name.endswith(".md") else f"# {GENERATED.strip()[5:-4]}\n") + text


def main(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name in PAGES:
        (directory / name).write_text(page(name), encoding="utf-8")
        print(directory / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else REFERENCE)
