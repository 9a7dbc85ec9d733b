"""Keeps the English catalogue equal to what the code and the templates say.

    python tools/words.py            writes console/web/locales/en/LC_MESSAGES/console.po
    python tools/words.py --check    exits 1 where it would write something else

Other languages are translated from it with any gettext editor; `pybabel update` merges what is new.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

ROOT = Path(__file__).parent.parent
WEB = ROOT / "console/web"
ENGLISH = WEB / "locales/en/LC_MESSAGES/console.po"

METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None}
HEADER = "# Every sentence of the console's pages. Made by tools/words.py; English says what the code says."


def extracted() -> bytes:
    """The catalogue, in the order of its sentences, so that moving code changes nothing."""
    catalog = Catalog(locale="en", header_comment=HEADER, fuzzy=False)
    options = {"**.html": {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}}
    found = extract_from_dir(str(WEB), METHODS, options, keywords=KEYWORDS, comment_tags=())
    for file, _, message, _, context in found:
        catalog.add(message, None, [(f"console/web/{file}", 0)], context=context)
    out = io.BytesIO()
    write_po(out, catalog, omit_header=True, sort_output=True, include_lineno=False, width=0)
    head = f'{HEADER}\nmsgid ""\nmsgstr ""\n"Language: en\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    return (head + '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n').encode() + out.getvalue()


def main() -> int:
    """Write it, or say whether it is as it would be written."""
    fresh = extracted()
    if "--check" not in sys.argv[1:]:
        ENGLISH.write_bytes(fresh)
        return 0
    if ENGLISH.read_bytes() == fresh:
        return 0
    print(f"{ENGLISH.relative_to(ROOT)} is behind the code: run python tools/words.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
