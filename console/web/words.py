"""The words of the pages in the reader's language: gettext catalogues, and numbers, times and names as it writes them.

Catalogues are the `.po` files under `locales/`, read as they are. `en-XA` is no language: it is the English
catalogue with every sentence in brackets and accents, so that a test, or an eye, finds what escaped translation.
How numbers, lists and dates are written is CLDR's, by Babel; what Babel lacks (other figures, the Persian calendar) is here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from functools import cache, lru_cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Literal, cast
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from console.web.jalali import jalali

LOCALES = Path(__file__).parent / "locales"
DOMAIN = "console"
LANGUAGES = {"en": "English", "uk": "Українська", "ru": "Русский", "zh-Hans": "简体中文", "fa": "فارسی"}
"""Each that has a catalogue, under its own name, as its readers look for it."""
PSEUDO = "en-XA"

LATIN = "0123456789"
FIGURES = {"fa": "۰۱۲۳۴۵۶۷۸۹"}
"""Of the languages that do not write Latin figures. Pages' scripts are given the same."""
PERCENT = {"fa": "٪"}
ISOLATE, ISOLATE_END = "\u2068", "\u2069"
"""Around text of whatever direction (Unicode's FSI and PDI): what `<bdi>` is to HTML."""
FOR_SCRIPTS = re.compile(r"\{\w+\}")
"""A place that a script fills."""
SAMPLES = range(101)
"""Among these every plural form of every language has a number."""

TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,3}")
"""Of a language. Longer ones say nothing that a catalogue is chosen by."""

MEGABYTE = 1_000_000
HOUR_S = 3600
DAY_S = 24 * HOUR_S
NOON = time(12)


class Words:
    """One language: its catalogue and its ways of writing."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse("en" if language == PSEUDO else language, sep="-")
        self.direction = "rtl" if self.locale.text_direction == "rtl" else "ltr"
        self.figures = FIGURES.get(self.locale.language, LATIN)
        self.catalogue = _catalogue(language)

    def say(self, sentence: str, **values: object) -> str:
        """The sentence in this language, its `%(name)s` filled in."""
        said = self.catalogue.gettext(sentence)
        return said % self.written(values) if values else said

    def written(self, values: Mapping[str, object]) -> dict[str, object]:
        """What a sentence is filled with: bare numbers in the language's own figures; right to left, text apart.

        A name, a number to dial or an address inside of a Persian sentence else pulls its neighbours to the wrong side.
        """
        return {name: self._fitted(value) for name, value in values.items()}

    def _fitted(self, value: object) -> object:
        if type(value) in (int, float):
            return self.number(cast("float", value))
        if type(value) is str and self.direction == "rtl" and not FOR_SCRIPTS.fullmatch(value):
            return f"{ISOLATE}{value}{ISOLATE_END}"
        return value

    def forms(self, one: str, many: str) -> dict[str, str]:
        """A sentence that a script fills: each plural form by its CLDR name, with `{n}` for the number."""
        category = self.locale.plural_form
        samples = {category(n): n for n in reversed(SAMPLES)}
        return {name: self.catalogue.ngettext(one, many, n) % {"n": "{n}"} for name, n in samples.items()}

    def number(self, value: float, digits: int = 1) -> str:
        """A whole number, with at least that many digits, in the language's own figures."""
        pattern = "#,##0" if digits == 1 else "0" * digits
        return self._own(format_decimal(int(value), pattern, locale=self.locale, numbering_system="default"))

    def amount(self, value: float) -> str:
        """A number with as much of it after the point as matters: `2`, `0.75`."""
        return self._own(format_decimal(value, "#,##0.##", locale=self.locale, numbering_system="default"))

    def size(self, length: int) -> str:
        """Of a file: `412 kB`, `2.4 MB`."""
        if length < MEGABYTE:
            return self.say("%(n)s kB", n=self.amount(max(1, round(length / 1000))))
        return self.say("%(n)s MB", n=self.amount(round(length / MEGABYTE, 1)))

    def percent(self, share: float, digits: int = 0) -> str:
        """`61%` of 0.61; with that many digits after the point."""
        written = format_percent(
            share, "#,##0" + "." * (digits > 0) + "0" * digits + "%", locale=self.locale, numbering_system="default"
        )
        return self._own(written).replace("%", PERCENT.get(self.locale.language, "%"))

    def duration(self, seconds: float) -> str:
        """`2:14` under an hour, `2h 21m` under a day, else `1d 2h`. live.js writes the same."""
        whole = max(0, int(seconds))
        if whole < HOUR_S:
            return f"{self.number(whole // 60)}:{self.number(whole % 60, 2)}"
        if whole < DAY_S:
            return self.say("%(hours)sh %(minutes)sm", hours=whole // HOUR_S, minutes=whole % HOUR_S // 60)
        return self.say("%(days)sd %(hours)sh", days=whole // DAY_S, hours=whole % DAY_S // HOUR_S)

    def time(self, at: datetime, zone: tzinfo, *, seconds: bool = False) -> str:
        """`14:29`, as a clock on the reader's wall."""
        return self._own(format_time(at, "HH:mm:ss" if seconds else "HH:mm", tzinfo=zone, locale=self.locale))

    def day(self, day: date, today: date) -> str:
        """The day in the reader's calendar, with its year where that is not today's."""
        if self.locale.language == "fa":
            then = jalali(day)
            year = "" if then.year == jalali(today).year else f" {then.year}"
            return self._own(f"{then.day} {then.month_name}{year}")
        if day.year == today.year:
            return str(format_skeleton("MMMd", datetime.combine(day, NOON), locale=self.locale))
        return str(format_date(day, "medium", locale=self.locale))

    def day_or_time(self, at: datetime, zone: tzinfo, now: datetime) -> str:
        """The time of what was today, the date of what was not."""
        then, today = at.astimezone(zone).date(), now.astimezone(zone).date()
        return self.time(at, zone) if then == today else self.day(then, today)

    def day_and_time(self, at: datetime, zone: tzinfo, now: datetime) -> str:
        """The time of what is today; of what is not, its day as well."""
        then, today = at.astimezone(zone).date(), now.astimezone(zone).date()
        time = self.time(at, zone)
        return time if then == today else self.say("%(day)s %(time)s", day=self.day(then, today), time=time)

    def listed(self, things: Sequence[str], style: Literal["standard", "unit"] = "standard") -> str:
        """`a, b and c`; as a unit `a, b, c`."""
        joined = format_list(things, style, locale=self.locale)
        return pseudo(joined) if self.language == PSEUDO else joined

    def _own(self, text: str) -> str:
        """In the language's own figures, which Babel leaves Latin."""
        return text if self.figures == LATIN else text.translate(str.maketrans(LATIN, self.figures))


@cache
def load(language: str) -> Words:
    """The words of that language, read once."""
    return Words(language)


def choose(wanted: Iterable[str | None]) -> str:
    """The language of the first wish that there is a catalogue for, else English."""
    for wish in wanted:
        if wish == PSEUDO:
            return PSEUDO
        if wish and (found := _served().get(_language_and_script(wish))):
            return found
    return "en"


@cache
def _served() -> dict[tuple[str, str], str]:
    return {_language_and_script(language): language for language in LANGUAGES}


@lru_cache(maxsize=500)
def _language_and_script(tag: str) -> tuple[str, str]:
    """What decides whether somebody can read it: `zh-CN` is read in `zh-Hans`, `zh-TW` is not."""
    if not TAG.fullmatch(tag):
        return "", ""
    parts = tag.lower().split("-")
    language, scripts = parts[0], [part.title() for part in parts[1:] if len(part) == 4 and part.isalpha()]
    regions = [part.upper() for part in parts[1:] if len(part) == 2]
    likely = get_global("likely_subtags")
    known = [likely.get(f"{language}_{region}") for region in regions] + [likely.get(language)]
    guessed = [subtags.split("_")[1] for subtags in known if subtags and subtags.count("_") == 2]
    return language, (scripts + guessed + [""])[0]


def accepted(header: str | None) -> list[str]:
    """The languages of an `Accept-Language` header, best first."""
    ranked = []
    for position, part in enumerate((header or "").split(",")[:20]):
        name, _, quality = part.strip().partition(";q=")
        if TAG.fullmatch(name):
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
    """Two letters that stand for a person, of the first and last word; apart where the script would join them."""
    letters = [word[0] for word in re.findall(r"\w+", name)]
    joined = any("\u0600" <= letter <= "\u06ff" for letter in letters)
    return (" " if joined else "").join(letters[:1] + letters[1:][-1:]).upper()


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
_KEPT = re.compile(r"(%\(\w+\)[sd]|\{\w+\}|%%|</?\w+>)")


def pseudo(sentence: str) -> str:
    """The sentence accented, in brackets, and longer by the 40% that other languages need."""
    accented = "".join(
        part if index % 2 else part.translate(_ACCENTED) for index, part in enumerate(_KEPT.split(sentence))
    )
    return f"⟦{accented}{'·' * (len(sentence) * 2 // 5)}⟧"
