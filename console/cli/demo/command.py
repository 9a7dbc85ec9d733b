"""The words of `console demo`."""

from __future__ import annotations

import click

HOST = "127.0.0.1"
PORT = 8000
AGENTS = 12
AGENTS_MAX = 200
"""More people than anybody can watch on one screen."""
CALLS_PER_HOUR = 240
CALLS_PER_HOUR_MAX = 20_000
"""More than a machine that a demo runs on would carry for long."""


@click.command(epilog="Example: console demo --port 8001 --agents 20 --calls-per-hour 400")
@click.option("--host", default=HOST, show_default=True, help="Address to listen on; 0.0.0.0 is every one.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option(
    "--agents", default=AGENTS, show_default=True, type=click.IntRange(1, AGENTS_MAX), help="How many are played."
)
@click.option(
    "--calls-per-hour",
    default=CALLS_PER_HOUR,
    show_default=True,
    type=click.IntRange(0, CALLS_PER_HOUR_MAX),
    help="How many callers are played, on average.",
)
def demo(host: str, port: int, agents: int, calls_per_hour: int) -> None:
    """Show a moving example centre in the browser.

    A telecom provider with customers, cases, callers and agents, all of them invented. It has an embedded database
    of its own, beside the data directory and called -demo; delete that directory to begin anew.
    """
    from console.cli.demo import stage  # noqa: PLC0415 - whoever asks for help need not wait for a web server's imports

    stage.run(host=host, port=port, agents=agents, calls_per_hour=calls_per_hour)
