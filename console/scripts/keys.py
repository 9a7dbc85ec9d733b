"""Every key that a script's file may have, with what it means: read by the parser, and by docs/reference."""

from __future__ import annotations

FILE = {
    "script": "its short name, of a-z, 0-9 and `-`; it stays",
    "title": "what people call it: text, or text by language",
    "language": "the language that plain text is in; without it `en`",
    "languages": "those it means to be in; the checks count what is missing",
    "when": "a condition (CEL): on which cases it starts by itself when the work is taken; without it by hand only",
    "order": "of several that would start, the lowest does; without it 100",
    "steps": "a list of steps; it begins with the first",
    "tests": "a list of tests, which must pass before it is published",
}
STEP = {
    "step": "its name within the script, of a-z, 0-9 and `_`; an answer is `answers.NAME`",
    "title": "how lists and the trail call it; without it the beginning of what is said",
    "say": "what the agent says: text, or text by language; `**bold**`, `{customer.name|there}`",
    "article": "an article that is offered with it, by its number or external id",
}
BY_KIND: dict[str, dict[str, str]] = {
    "say": {"go": "the step that comes next; without it the one below"},
    "ask": {
        "answers": "of a choice: code to label, or to `{label, go}`",
        "from": "the lowest number that is taken",
        "to": "the highest number that is taken",
        "go": "the step that comes next, where an answer does not say; without it the one below",
        "save": "the field of the case that the answer fills: `subject`, `topic` (the code of a choice), `priority`",
        "skip": "`true`: may be passed over, with a reason",
    },
    "check": {"else": "the step that comes where no condition holds; without it the one below"},
    "call": {
        "send": "what the system is told: name to text, filled like any text, a choice as its code",
        "gives": "what of its answer is kept: name to `text`, `number` or `yes_no`; it is `answers.STEP.NAME`",
        "go": "the step that comes when it has answered; without it the one below",
        "else": "the step that comes when it has not, or not in these kinds; without it the one below",
    },
    "do": {"go": "the step that comes next; without it the one below"},
    "script": {"go": "the step that comes when the other script has ended; without it the one below"},
    "end": {},
}
"""The key that makes a step of its kind, and what else such a step may have."""
KIND = {
    "say": "nothing is asked; the agent goes on",
    "ask": "`choice`, `text`, `number`, `date`, `moment` (a day and a time), `phone` or `yes_no`",
    "check": "a list of `{when, go, because}`: the first condition that holds leads on; nobody is asked",
    "call": "the name of another system, of the configuration's `systems`: it is asked, and the talk waits for its answer",
    "do": "a list of things to do to the case, each with a `-` before it",
    "script": "the name of another published script, gone through here; its outcome is `answers.NAME`",
    "end": "the talk ends, with this outcome: `solved`, `information`, `follow_up`, `handed_on`, `wrong_number`,"
    " `nobody_there`, or none",
}
BRANCH = {
    "when": "a condition (CEL)",
    "go": "where it leads when it holds",
    "because": "what the trail says of it",
}
EFFECTS = {
    "set": "one field: `{topic: billing}`, `subject`, `priority`, or `status` (`pending`, `resolved`, `closed`)",
    "add_task": "`{text, due}`, such as `due: 2h`; `{text, at}`, due at the moment that the step `at` asks for;"
    " or the text alone",
    "callback": "`{text, in}` or `{text, at}`: a callback that is promised, after a time, or at the moment that the step"
    " `at` asks for",
    "start_clock": "a clock of the case's policy",
    "meet_clock": "a clock that is met by this",
    "escalate": "`{queue, reason}` or `{agent, reason}`: the case goes up",
    "transfer": "`{queue, note}` or `{agent, note}`: the case is handed on",
    "show_article": "an article, counted as shown",
    "send_article": "an article, recorded as sent to the customer",
    "note": "an internal note",
}
TEST = {
    "name": "what it shows, in words",
    "given": "facts: `{queue: faults, contract: {sla: gold}}`; what is not given is nothing",
    "answers": "step to answer, or to a list of them where it comes again; `step/inner` within another script;"
    " of a `call` its members: `line: {light: loss}`; no value (`light:`) skips the step, or the system gives no answer",
    "path": "every step of the way in order, those that ask nobody too",
    "ends": "the outcome at the end",
    "effects": "what was done, in order: `set topic`, `add_task`, `start_clock next_update`, `escalate tier2`, `note`…",
}
