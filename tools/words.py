"""Keeps the catalogues of the pages' words equal to what the code and the templates say, and tells what is untranslated.

    python tools/words.py            writes console/web/locales/*/LC_MESSAGES/console.po: new sentences empty, others gone
    python tools/words.py --check    exits 1 where it would write something else, or a translation is missing or broken

Translations are written into the files by hand, or with any gettext editor; docs/howto/languages.md says how.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from console.web.words import DOMAIN, LANGUAGES, LOCALES

ROOT = Path(__file__).parent.parent
WEB = ROOT / "console/web"

METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "ngettext": (1, 2), "forms": (1, 2), "say": None}
HEADER = "# Every sentence of the console's pages, in {language}. Sentences come and go by tools/words.py."
SLAVIC = "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
"""Of whole numbers."""
PLURALS = {
    "en": "nplurals=2; plural=(n != 1);",
    "uk": SLAVIC,
    "ru": SLAVIC,
    "zh-Hans": "nplurals=1; plural=0;",
    "fa": "nplurals=2; plural=(n > 1);",
}
SAID_MAX = 10
"""Of each language: more are not read."""
KEPT = re.compile(r"%\(\w+\)[sd]|\{\w+\}|<[^>]*>?")
"""What is filled in, and markup."""


def main() -> int:
    """Write the catalogues, or say what is wrong with them."""
    found = extracted()
    checking = "--check" in sys.argv[1:]
    said: list[str] = []
    for language in LANGUAGES:
        path = LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"
        fresh = written(language, found, before(path))
        if not checking:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(fresh)
        elif not path.exists() or path.read_bytes() != fresh:
            said.append(f"{path.relative_to(ROOT)} is behind the code: run python tools/words.py")
        if language != "en":
            wrong = [f"{language}: {fault}" for fault in faults(read_po(io.BytesIO(fresh)))]
            said += wrong[:SAID_MAX] + [f"{language}: {len(wrong)} in all"] * (len(wrong) > SAID_MAX)
    print(*said, sep="\n", end="\n" if said else "", file=sys.stderr)
    return 1 if checking and said else 0


def extracted() -> Catalog:
    """What the code and the templates say."""
    catalog = Catalog(fuzzy=False)
    options = {"**.html": {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}}
    found = extract_from_dir(str(WEB), METHODS, options, keywords=KEYWORDS, comment_tags=())
    for file, _, message, _, context in found:
        catalog.add(message, None, [(f"console/web/{file}", 0)], context=context)
    return catalog


def before(path: Path) -> Catalog:
    """The catalogue as it lies there; none, where the language is new."""
    if not path.exists():
        return Catalog()
    with path.open("rb") as file:
        return read_po(file)


def written(language: str, found: Catalog, known: Catalog) -> bytes:
    """The catalogue of what was found with what is known, in the order of its sentences: moving code changes nothing."""
    catalog = Catalog(fuzzy=False)
    catalog.mime_headers = [("Plural-Forms", PLURALS[language])]
    for message in found:
        if message.id:
            old = known.get(message.id, message.context)
            flags = old.flags & {"fuzzy"} if old else ()
            said = old.string if old and language != "en" else None
            catalog.add(message.id, said, message.locations, flags, context=message.context)
    out = io.BytesIO()
    write_po(out, catalog, omit_header=True, sort_output=True, include_lineno=False, width=0)
    head = [f"Language: {language}", "Content-Type: text/plain; charset=utf-8", f"Plural-Forms: {PLURALS[language]}"]
    lines = [HEADER.format(language=LANGUAGES[language]), 'msgid ""', 'msgstr ""', *(f'"{line}\\n"' for line in head)]
    return "\n".join([*lines, "", ""]).encode() + out.getvalue()


def faults(catalog: Catalog) -> Iterator[str]:
    """What a reader of this language would stumble over."""
    for message in catalog:
        if message.id and (fault := _fault(message, catalog.num_plurals)):
            yield f"{fault}: {message.id if isinstance(message.id, str) else message.id[0]}"


def _fault(message: Message, plurals: int) -> str | None:
    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    said = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    if not said or not all(said):
        return "not translated"
    if message.fuzzy:
        return "fuzzy"
    if len(ids) > 1 and len(said) != plurals:
        return f"{len(said)} plural forms, not {plurals}"
    # Every form of a plural names its number: in most languages "one" is also 21.
    if any(sorted(KEPT.findall(form)) != sorted(KEPT.findall(ids[-1])) for form in said):
        return "not filled with the same"
    if any(re.search(r"%(?!\(|%)", form.replace("%%", "")) for form in said):
        return "holds a % that is not doubled"
    return None


if __name__ == "__main__":
    sys.exit(main())
