"""Why this agent, why not the others, why still waiting, as it is drawn for whoever asks."""

from __future__ import annotations

from typing import Any

from console.clock import from_instant
from console.routing.explain import Code
from console.services.explain import Explained
from console.web.words import Words


def context(explained: Explained, words: Words) -> dict[str, Any]:
    """What `reasons.html` needs beside the view's own clock."""
    told = explained.explanation
    return {
        "told": told,
        "at": from_instant(told.at),
        "waiting_since": from_instant(told.waiting_since),
        "names": explained.names,
        "reasons": reason_words(words),
    }


def reason_words(words: Words) -> dict[Code, str]:
    """What kept an agent from the work; `%(skill)s`, `%(have)s` and `%(need)s` stand in the sentence on skills alone."""
    return {
        "not_in_configuration": words.say("is not in the configuration any more"),
        "other_queue": words.say("serves other queues"),
        "skill": words.say("lacks a skill: %(skill)s at %(have)s, needed %(need)s"),
        "offline": words.say("is offline"),
        "away": words.say("is away"),
        "no_connection": words.say("has no screen connected"),
        "not_responding": words.say("let a ring run out and has not come back"),
        "pause_asked": words.say("pauses after the work in hand"),
        "has_offer": words.say("is asked to take something else now"),
        "wrap_up": words.say("is in wrap-up"),
        "on_call": words.say("is on a call"),
        "consulted": words.say("is being consulted about a call"),
        "no_room": words.say("has as much in hand as they may have"),
        "declined": words.say("declined it a moment ago"),
        "connect_failed": words.say("could not be connected with it"),
        "declined_too_often": words.say("declined it too often"),
        "not_preferred": words.say("is free, and others are asked first"),
        "idle_less_long": words.say("is free, and another was free for longer"),
        "chosen": words.say("is the one who is asked"),
    }
