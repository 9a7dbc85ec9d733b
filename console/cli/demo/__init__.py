"""`console demo`: an invented telecom provider's centre, with callers and agents that are played."""

from console.cli.demo.command import demo

__all__ = ["demo"]
