"""The form of one step on the workbench: what its buttons make of the text, and what it is drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from console.scripts import acts, edit, names, parse, rows
from console.scripts.acts import Act, Fresh
from console.scripts.edit import Keys, Unwritable
from console.scripts.form import StepForm, Tongue, difference, form_of, kind_of
from console.scripts.rows import Sign
from console.scripts.script import FIELDS, STATUSES, Ask, End, Kind, Script, in_language
from console.services.scripting import Checked, Workbench
from console.web.desk.parts import outcomes
from console.web.scripts import posted as sent
from console.web.scripts.posted import Posted
from console.web.words import Words


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of what was posted."""

    source: str
    step: str
    form: StepForm | None = None
    """As it was filled in, where it was not taken."""
    wrong: tuple[str, ...] = ()
    """Why not."""


def tongue_of(script: Script, language: str) -> Tongue:
    return Tongue(language if language in script.languages else script.language, script.language)


def kinds_of(script: Script) -> dict[str, str | None]:
    """What the names of a script hold; of members that the centre chooses nobody knows."""
    return {name: kind for name, kind in names.offered(script) if not name.endswith("…")}


def changed(asked: Posted, checked: Checked, words: Words) -> Changed:
    """What the text says after it; an act that needs no change leaves it."""
    script = checked.parsed.script
    if script is None or asked.act.verb == "show" or (asked.act.verb != "begin" and asked.step not in script.steps):
        return Changed(source=asked.source, step=asked.step)
    form = None
    try:
        if asked.act.verb == "begin":
            source, step = _begun(asked, script, checked, words)
        elif asked.act == Act("copy"):
            source, step = _copied(asked, script)
        elif asked.act == Act("remove"):
            source, step = _removed(asked, script)
        elif asked.act.verb in ("earlier", "later"):
            source, step = _moved(asked, script), asked.step
        else:
            keys = edit.steps(asked.source).get(asked.step, {})
            form = _form(asked, keys, script, checked, words)
            wanted = difference(form, keys, tongue_of(script, asked.language))
            source, step = edit.changed(asked.source, asked.step, wanted), asked.step
    except Unwritable:
        return Changed(
            source=asked.source, step=asked.step, form=form, wrong=(words.say("This can only be changed in the text."),)
        )
    read = parse.read(source)
    if read.script is None:
        return Changed(
            source=asked.source, step=asked.step, form=form, wrong=tuple(problem.detail for problem in read.problems)
        )
    return Changed(source=source, step=step)


def _form(asked: Posted, keys: Keys, script: Script, checked: Checked, words: Words) -> StepForm:
    form = sent.form(asked, kind_of(keys), script.steps, kinds_of(script))
    new = fresh(script, checked, words, asked.step)
    if kind := asked.fields.get("new-deed"):
        return acts.with_deed(form, kind, new)
    return acts.done(form, asked.act, new)


def _begun(asked: Posted, script: Script, checked: Checked, words: Words) -> tuple[str, str]:
    """Another step below the one that is looked at."""
    kind, title = asked.fields.get("new-kind", "say"), asked.fields.get("new-title", "").strip()
    title = title or words.say("New step")
    step = edit.name_like(title, [*script.steps])
    after = asked.step if asked.step in script.steps else [*script.steps][-1]
    last = after == [*script.steps][-1]
    new = fresh(script, checked, words, after)
    keys = acts.begun(kind, title, step, new, _end_of(script) if last else "")
    return edit.added(asked.source, after, keys), step


def _copied(asked: Posted, script: Script) -> tuple[str, str]:
    keys = edit.steps(asked.source).get(asked.step)
    if keys is None:
        raise Unwritable
    step = edit.name_like(asked.step, [*script.steps])
    return edit.added(asked.source, asked.step, {**keys, "step": step}), step


def _removed(asked: Posted, script: Script) -> tuple[str, str]:
    every = [*script.steps]
    at = every.index(asked.step)
    beside = every[at - 1] if at else every[min(1, len(every) - 1)]
    return edit.removed(asked.source, asked.step), beside


def _moved(asked: Posted, script: Script) -> str:
    """One place up or down among the steps, so that another one comes next where none says."""
    every = [*script.steps]
    at = every.index(asked.step)
    if asked.act == Act("later"):
        return edit.moved(asked.source, asked.step, every[min(at + 1, len(every) - 1)])
    return edit.moved(asked.source, asked.step, every[at - 2] if at > 1 else None)


def _end_of(script: Script) -> str:
    return next((id_ for id_, step in script.steps.items() if isinstance(step, End)), script.first)


def fresh(script: Script, checked: Checked, words: Words, step: str) -> Fresh:
    """What new rows begin with."""
    every = [*script.steps]
    at = every.index(step) if step in every else 0
    queues, clocks = sorted(checked.known.queues or ()), sorted(checked.known.clocks or ())
    return Fresh(
        answer=words.say("New answer"),
        yes=words.say("Yes"),
        no=words.say("No"),
        task=words.say("To do"),
        name="queue",
        value=queues[0] if queues else "",
        go=every[at + 1] if at + 1 < len(every) else _end_of(script),
        to=f"queue:{queues[0]}" if queues else "queue:",
        clock=clocks[0] if clocks else "",
    )


# --- drawing ----------------------------------------------------------------------------------------------------------


def context(bench: Workbench, words: Words, *, step: str, language: str, said: Changed | None) -> dict[str, Any]:
    """For `scripts/_form.html`; without a script that can be read there is no form."""
    script = bench.checked.parsed.script
    if script is None or not script.steps:
        return {"form": None, "wrong": said.wrong if said else (), "language": language}
    step = step if step in script.steps else next(iter(script.steps))
    tongue = tongue_of(script, language)
    keys = edit.steps(bench.source).get(step, {})
    kinds = kinds_of(script)
    form = said.form if said is not None and said.form is not None else _drawn(form_of(step, keys, tongue), kinds)
    numbers = {id_: number for number, id_ in enumerate(script.steps, start=1)}
    every = [*script.steps]
    return {
        "form": form,
        "wrong": said.wrong if said else (),
        "language": tongue.language,
        "languages": script.languages,
        "own": "" if tongue.language == tongue.own else in_language(script.steps[step].say or {"": ""}, tongue.own),
        "number": numbers[step],
        "line": script.steps[step].line,
        "shown_title": in_language(script.steps[step].title, words.language),
        "goes": [
            (id_, f"{words.number(numbers[id_])} {in_language(one.title, words.language)}")
            for id_, one in script.steps.items()
        ],
        "below": every[numbers[step]] if numbers[step] < len(every) else None,
        "choices": _choices(script, words),
        "signs_named": [(sign.value, said) for sign, said in signs(words).items()],
        "as_typed": lambda value, name: rows.shown(value, kinds.get(name)),
        "asks": asks(words),
        "deed_kinds": deed_kinds(words),
        "case_fields": case_fields(words),
        **_named(script, bench.checked, words),
        "moments": [id_ for id_, one in script.steps.items() if isinstance(one, Ask) and one.kind == "moment"],
        "of_this": [finding for finding in bench.checked.findings if _is_of(finding.step, step)],
    }


def _named(script: Script, checked: Checked, words: Words) -> dict[str, list[tuple[str, str]]]:
    """What selects offer, each with its words."""
    fields, known = case_fields(words), checked.known
    agents = [(f"agent:{one}", one) for one in sorted(known.agents or ())]
    return {
        "saved_named": [(field, fields[field]) for field in FIELDS],
        "statuses_named": [(status, said) for status, said in statuses(words).items()],
        "clocks_named": [(one, one) for one in sorted(known.clocks or ())],
        "handed_to": [*((f"queue:{one}", one) for one in sorted(known.queues or ())), *agents],
        "outcomes_named": [("", words.say("none")), *outcomes(words).items()],
        "scripts_named": [(one, one) for one in sorted({*checked.library, *script.subs} - {script.name})],
    }


def _is_of(named: str | None, step: str) -> bool:
    """Findings name a step, or a place within it: `steps[light].say`."""
    return named is not None and (named == step or named.startswith((f"steps[{step}]", f"{step}/")))


def _drawn(form: StepForm, kinds: Mapping[str, str | None]) -> StepForm:
    """Conditions whose values a field would not bring back are edited as they are written."""
    ways = tuple(
        way
        if way.rows is None or all(rows.fits(row, kinds.get(row.name)) for row in way.rows.rows)
        else msgspec.structs.replace(way, rows=None)
        for way in form.ways
    )
    return msgspec.structs.replace(form, ways=ways)


def _choices(script: Script, words: Words) -> dict[str, list[tuple[str, str]]]:
    """Of names that hold one of a few values: which."""
    found: dict[str, list[tuple[str, str]]] = {}
    for id_, step in script.steps.items():
        if isinstance(step, Ask) and step.kind is Kind.CHOICE:
            found[f"answers.{id_}"] = [(one.code, in_language(one.label, words.language)) for one in step.options]
        elif isinstance(step, Ask) and step.kind is Kind.YES_NO:
            found[f"answers.{id_}"] = [("true", words.say("Yes")), ("false", words.say("No"))]
    return found


def signs(words: Words) -> dict[Sign, str]:
    return {
        Sign.IS: words.say("is"),
        Sign.IS_NOT: words.say("is not"),
        Sign.ABOVE: words.say("above"),
        Sign.BELOW: words.say("below"),
        Sign.AT_LEAST: words.say("at least"),
        Sign.AT_MOST: words.say("at most"),
        Sign.ONE_OF: words.say("one of"),
        Sign.KNOWN: words.say("is known"),
        Sign.UNKNOWN: words.say("is not known"),
    }


def asks(words: Words) -> dict[str, str]:
    """Of questions: what kind of answer they take."""
    return {
        "choice": words.say("one of these answers"),
        "text": words.say("text"),
        "number": words.say("number"),
        "date": words.say("date"),
        "moment": words.say("day and time"),
        "phone": words.say("phone number"),
        "yes_no": words.say("yes or no"),
    }


def deed_kinds(words: Words) -> dict[str, str]:
    return {
        "add_task": words.say("Add a task"),
        "callback": words.say("Promise a callback"),
        "set": words.say("Set a field of the case"),
        "start_clock": words.say("Start a clock"),
        "meet_clock": words.say("Meet a clock"),
        "escalate": words.say("Escalate the case"),
        "transfer": words.say("Transfer the case"),
        "show_article": words.say("Show an article"),
        "send_article": words.say("Send an article"),
        "note": words.say("Write a note"),
    }


def statuses(words: Words) -> dict[str, str]:
    """What an action may make of a case."""
    said = {"pending": words.say("Pending"), "resolved": words.say("Resolved"), "closed": words.say("Closed")}
    return {status: said[status] for status in STATUSES}


def case_fields(words: Words) -> dict[str, str]:
    return {
        "subject": words.say("Subject"),
        "topic": words.say("Topic"),
        "priority": words.say("Priority"),
        "status": words.say("Status"),
    }
