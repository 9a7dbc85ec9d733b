"""The entries of `telephony`: which phone systems there are, and how each is reached."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, cast
from urllib.parse import urlsplit

from console.config.document import KEYS, PHONE_SYSTEMS, PhoneSystem
from console.reading import Value, shown

URL_MAX = 500

_SOURCE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_DIAL = re.compile(r"[A-Za-z0-9]{1,32}/[A-Za-z0-9@._:+-]{0,100}\{number\}[A-Za-z0-9@._:+-]{0,100}", re.ASCII)
_VARIABLE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def phone_system(value: Value) -> PhoneSystem:
    fields = value.fields(KEYS["telephony[]"])
    kind = fields.need("kind", lambda v: v.choice(PHONE_SYSTEMS), "cloudevents")
    connects = kind in ("asterisk-ari", "asterisk-queue", "freeswitch")
    if connects and "url" not in fields:
        value.note(f"url is missing; the console connects to a system of kind {kind}")
    name = "a name of the characters A-Z a-z 0-9 . _ -, at most 64"
    return PhoneSystem(
        name=fields.need("name", lambda v: v.matching(_SOURCE, name), ""),
        kind=kind,
        url=fields.take("url", _url, None),
        app=fields.take("app", lambda v: v.matching(_SOURCE, name), "console"),
        user=fields.take("user", Value.name, "console"),
        secret=fields.take("secret", lambda v: _secret(v, kind), None),
        ring=cast("Any", fields.take("ring", lambda v: v.choice(("on_accept", "on_offer")), "on_accept")),
        waiting=cast("Any", fields.take("waiting", lambda v: v.choice(("music", "ringing")), "music")),
        dial=fields.take(
            "dial", lambda v: v.matching(_DIAL, "a phone with {number} in it, such as PJSIP/{number}@trunk"), None
        ),
    )


def _url(value: Value) -> str:
    allowed = "an address such as http://127.0.0.1:8088"
    text = value.text(allowed, longest=URL_MAX)
    try:
        parts = urlsplit(text)
        named = parts.scheme in ("http", "https", "tcp") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        named = None
    if not named:
        raise value.wrong(f"must be {allowed}; not {shown(text)}")
    if parts.username or parts.password:
        raise value.wrong("must not hold a password; that is what user and secret are for")
    return text


def _secret(value: Value, kind: str) -> str:
    text = value.text("a secret, or env:NAME for that variable of the environment")
    if text.startswith("env:"):
        if not _VARIABLE.fullmatch(text):
            raise value.wrong("must name a variable of the environment after env:, such as env:PBX_SECRET")
    elif kind == "cloudevents" and not _is_webhook_secret(text):
        raise value.wrong("must be whsec_ and 24 to 64 bytes in base64, or env:NAME for a variable that holds it")
    return text


def _is_webhook_secret(text: str) -> bool:
    try:
        return text.startswith("whsec_") and 24 <= len(base64.b64decode(text[6:], validate=True)) <= 64
    except binascii.Error:
        return False
