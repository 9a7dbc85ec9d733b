"""The entries of `systems`: other programs that scripts may ask, and how each is reached."""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from urllib.parse import urlsplit

from console.config.document import KEYS, System
from console.reading import Value, shown

SYSTEMS_MAX = 50
URL_MAX = 500
TIMEOUT_MAX = timedelta(seconds=10)
"""A caller is on the line meanwhile."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_TOKEN = re.compile(r"env:(?!CONSOLE_)[A-Za-z_][A-Za-z0-9_]{0,90}_TOKEN", re.ASCII)
"""Whoever may apply a configuration, and has no shell here, must not send the node's other secrets anywhere."""


def systems(value: Value) -> dict[str, System]:
    name = "a name of a-z, 0-9 and -, such as line-test"
    found = value.named(_system, name=lambda key: key.matching(_NAME, name))
    if len(found) > SYSTEMS_MAX:
        raise value.wrong(f"has {len(found)} systems; at most {SYSTEMS_MAX} are taken")
    return found


def _system(value: Value) -> System:
    fields = value.fields(KEYS["systems.NAME"])
    own = System(url="")  # has every default
    return System(
        url=fields.need("url", _url, ""),
        timeout=fields.take("timeout", lambda v: v.duration(timedelta(milliseconds=100), TIMEOUT_MAX), own.timeout),
        token=fields.take(
            "token",
            lambda v: v.matching(_TOKEN, "env: and a variable of the environment that ends in _TOKEN: env:LINE_TOKEN"),
            None,
        ),
    )


def _url(value: Value) -> str:
    allowed = "an address such as https://line.example.net/test"
    text = value.text(allowed, longest=URL_MAX)
    try:
        parts = urlsplit(text)
        named = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        raise value.wrong(f"must be {allowed}; not {shown(text)}") from None
    if not named or not parts.hostname or parts.fragment or " " in text:
        raise value.wrong(f"must be {allowed}; not {shown(text)}")
    if parts.username is not None or parts.password is not None:
        raise value.wrong("must not hold a password; that is what token is for")
    if parts.scheme == "http" and not _here(parts.hostname):
        raise value.wrong("must be https: what is told of a customer would go through the net for all to read")
    return text


def _here(host: str) -> bool:
    """Whether it is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
