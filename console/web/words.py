"""The words of the pages in the reader's language: gettext catalogues, and numbers, times and names as it writes them.

Catalogues are the `.po` files under `locales/`, read as they are. `en-XA` is no language: it is the English
catalogue with every sentence in brackets and accents, so that a test, or an eye, finds what escaped translation.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import datetime, tzinfo
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale, negotiate_locale
from babel.dates import format_date, format_skeleton, format_time
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LOCALES = Path(__file__).parent / "locales"
DOMAIN = "console"
LANGUAGES = ("en",)
PSEUDO = "en-XA"

FIGURES = {"fa": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")}
"""Of the languages that do not write Latin figures."""

HOUR_S = 3600
DAY_S = 24 * HOUR_S


class Words:
    """One language: its catalogue and its ways of writing."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse("en" if language == PSEUDO else language, sep="-")
        self.direction = "rtl" if self.locale.text_direction == "rtl" else "ltr"
        self.catalogue = _catalogue(language)

    def say(self, sentence: str, **values: object) -> str:
        """The sentence in this language, its `%(name)s` filled in."""
        return self.catalogue.gettext(sentence) % values if values else self.catalogue.gettext(sentence)

    def number(self, value: float, digits: int = 1) -> str:
        """A whole number, with at least that many digits, in the language's own figures."""
        pattern = "#,##0" if digits == 1 else "0" * digits
        return self._own(format_decimal(int(value), pattern, locale=self.locale))

    def duration(self, seconds: float) -> str:
        """`2:14` under an hour, `2h 21m` under a day, else `1d 2h`. console.js writes the same."""
        whole = max(0, int(seconds))
        if whole < HOUR_S:
            return f"{self.number(whole // 60)}:{self.number(whole % 60, 2)}"
        if whole < DAY_S:
            hours, minutes = self.number(whole // HOUR_S), self.number(whole % HOUR_S // 60)
            return self.say("%(hours)sh %(minutes)sm", hours=hours, minutes=minutes)
        days, hours = self.number(whole // DAY_S), self.number(whole % DAY_S // HOUR_S)
        return self.say("%(days)sd %(hours)sh", days=days, hours=hours)

    def time(self, at: datetime, zone: tzinfo, *, seconds: bool = False) -> str:
        """`14:29`, as a clock on the reader's wall."""
        return self._own(format_time(at, "HH:mm:ss" if seconds else "HH:mm", tzinfo=zone, locale=self.locale))

    def day_or_time(self, at: datetime, zone: tzinfo, now: datetime) -> str:
        """The time of what was today, the date of what was not."""
        then, today = at.astimezone(zone).date(), now.astimezone(zone).date()
        if then == today:
            return self.time(at, zone)
        if then.year == today.year:
            return self._own(format_skeleton("MMMd", at, tzinfo=zone, locale=self.locale))
        return self._own(format_date(then, "medium", locale=self.locale))

    def _own(self, text: str) -> str:
        """In the language's own figures, which Babel leaves Latin."""
        return text.translate(FIGURES.get(self.locale.language, {}))


@cache
def load(language: str) -> Words:
    """The words of that language, read once."""
    return Words(language)


def choose(wanted: Iterable[str | None]) -> str:
    """The language of the first wish that there is a catalogue for, else English."""
    wishes = [wish for wish in wanted if wish]
    if PSEUDO in wishes[:1]:
        return PSEUDO
    return negotiate_locale(wishes, LANGUAGES, sep="-") or LANGUAGES[0]


def accepted(header: str | None) -> list[str]:
    """The languages of an `Accept-Language` header, best first."""
    ranked = []
    for position, part in enumerate((header or "").split(",")[:20]):
        name, _, quality = part.strip().partition(";q=")
        if re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", name):
            ranked.append((-_quality(quality), position, name))
    return [name for _, _, name in sorted(ranked)]


def _quality(text: str) -> float:
    return float(text) if re.fullmatch(r"[01](\.\d{1,3})?", text) else 1.0


@cache
def zone(name: str | None) -> tzinfo:
    """The time zone that the browser named, or UTC where it named none that is known."""
    if not name or not re.fullmatch(r"[A-Za-z0-9_+\-/]{1,64}", name):
        return ZoneInfo("UTC")
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # no such zone, or a name that leads out of the zones’ folder
        return ZoneInfo("UTC")


def phone(number: str | None) -> str:
    """`+44 131 496 0182` for people to read; what is no number is shown as it came."""
    if not number:
        return ""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def initials(name: str) -> str:
    """Two letters that stand for a person, of the first and last word."""
    letters = [word[0] for word in re.findall(r"\w+", name)]
    return "".join(letters[:1] + letters[1:][-1:]).upper()


# --- catalogues -------------------------------------------------------------------------------------------------------


def read(language: str) -> Catalog:
    """The catalogue as it lies in its file."""
    with (LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"))


def _catalogue(language: str) -> GNUTranslations:
    catalog = _pseudo_catalogue() if language == PSEUDO else read(language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _pseudo_catalogue() -> Catalog:
    catalog = Catalog(locale="en")
    for message in read("en"):
        if message.id:
            ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
            said = tuple(pseudo(sentence) for sentence in ids)
            catalog.add(message.id, said if len(said) > 1 else said[0], context=message.context)
    return catalog


_ACCENTED = str.maketrans(
    "abcdeghiklnoprstuyzABCDEGHIKLNOPRSTUYZ",
    "áƀćďéğĥíķĺńóṗŕśťúýźÁƁĆĎÉĞĤÍĶĹŃÓṖŔŚŤÚÝŹ",
)
_KEPT = re.compile(r"(%\(\w+\)[sd]|\{\w+\}|%%)")


def pseudo(sentence: str) -> str:
    """The sentence accented, in brackets, and longer by the 40% that other languages need."""
    accented = "".join(
        part if index % 2 else part.translate(_ACCENTED) for index, part in enumerate(_KEPT.split(sentence))
    )
    return f"⟦{accented}{'·' * (len(sentence) * 2 // 5)}⟧"
