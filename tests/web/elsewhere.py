"""Pages beside the desk, drawn from values: knowledge, cases, customers. All that people typed in them is Cyrillic."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from console.cases.case import Status
from console.cases.timeline import Activity, Entry
from console.kb import markup
from console.kb.article import Kind
from console.queries.cases import CaseInList
from console.queries.customers import CustomerInList
from console.queries.knowledge import Other, Reading, Topic
from console.services.contracts import Covered
from console.services.customers import CustomerInFull
from console.services.knowledge import Catalogue, Read
from console.services.reading import Opened
from console.web import languages
from console.web.desk import parts
from console.web.desk.parts import SILENT
from console.web.fragment import View, render
from console.web.kb.reading import ASKED, NOTHING, Without
from console.web.words import Words
from tests.web.instants import NOW, ago, ahead
from tests.web.screens import AROUND, CUSTOMER, MATTER, SCREENS, SHELL, SUGGESTED

KYIV = ZoneInfo("Europe/Kyiv")
BODY = """Червоне світло значить: живлення є, а світла з вулиці немає.

# Що робити

1. **Зачекайте.** Після вимкнення термінал готовий за дев’яносто секунд.
2. Погляньте на зелений дріт: [як його вставити](KB-610), або [сторінка](https://1.2).

::: warning
Ніколи не дивіться в роз’єм.
:::

::: note
Сусіди бачать те саме?
:::

| Світло | Що значить | Куди далі | Скільки чекати |
| --- | --- | --- | --: |
| Зелене | Гаразд | [Роутер](KB-610) | 1 |
| Червоне | Світла немає | Кроки вище | 90 |
"""
ARTICLE = Reading(
    id="019aa0c0-0000-7000-8000-0000000000f1",
    number="1187",
    external_id=None,
    lang="uk",
    kind="problem",
    topic=("оптика", "несправності"),
    version=7,
    title="Оптичний індикатор червоний або не світить",
    body=BODY,
    plain=markup.plain(BODY),
    keywords=("немає світла",),
    audience="customers",
    published_at=ago(days=30),
    published_by="Ілля Вермер",
    author="Ілля Вермер",
    expires_at=ahead(hours=999),
    checked_at=ago(days=9),
    used=34,
    sent=4,
    helped=27,
    not_helped=11,
    others=(Other(number="1188", lang="ru", version=6, behind=True),),
)
READ = Read(article=ARTICLE, html=markup.html(BODY))
OPENED = Opened(read=READ, done=frozenset({"opened"}))
TOPICS = (Topic(id="1", path=("оптика",), articles=3), Topic(id="2", path=("оптика", "несправності"), articles=9))
ASKS: dict[str, str] = {**dict.fromkeys(ASKED, ""), "q": "червоне світло"}
KNOWLEDGE: dict[str, Any] = {
    **NOTHING,
    "asked": dict.fromkeys(ASKED, ""),
    "catalogue": Catalogue(topics=TOPICS, languages=("uk", "ru")),
    "kinds": [kind.value for kind in Kind],
    "read": None,
    "done": frozenset(),
    "told": False,
    "current": None,
    "writes": True,
}
CASES = tuple(
    CaseInList(
        number=number,
        id=MATTER.id,
        subject=MATTER.subject,
        status=status,
        priority=priority,
        topic="оптика",
        queue="бізнес",
        owner=owner,
        owner_name="Надія Рахімі" if owner else None,
        customer=CUSTOMER.id,
        customer_name=CUSTOMER.name,
        account_name=CUSTOMER.company,
        contract=None,
        via="phone",
        created_at=ago(hours=5),
        changed_at=ago(minutes=3),
        resolved_at=None,
    )
    for number, status, priority, owner in (("204817", "open", 10, "0031"), ("204512", "resolved", None, None))
)
CUSTOMERS = (
    CustomerInList(
        id=CUSTOMER.id,
        name=CUSTOMER.name,
        company=CUSTOMER.company,
        account=None,
        external_id=None,
        phones=CUSTOMER.phones,
        emails=CUSTOMER.emails,
        cases=11,
        open_cases=2,
        changed_at=ago(minutes=3),
    ),
)
assert AROUND.contract is not None
assert AROUND.entitlement is not None
IN_FULL = CustomerInFull(
    customer=CUSTOMER,
    contracts=[Covered(contract=AROUND.contract, entitlement=AROUND.entitlement)],
    cases=list(CASES),
    timeline=[
        Activity(id=f"{nth}", at=ago(hours=nth), kind=kind, case=MATTER.id, by="0031", data={"text": "Світло є"})
        for nth, kind in enumerate((Entry.NOTE, Entry.CALL, Entry.REGISTERED), 1)
    ],
)


def pages(words: Words) -> Iterator[tuple[str, str]]:
    """Each of those pages; one of them on a call, the others under a plain top bar, which draws faster."""
    view = View(words=words, zone=KYIV)
    plain = {**SHELL, "stream": "", "name": "Г О", "frame": "cases/frame.html", "zone": KYIV, "now": NOW}
    on_call = {**parts.context(SCREENS["call"], view, SILENT), **SHELL, "name": "Н Р", "frame": "desk/frame.html"}

    def kb(around: dict[str, Any], **found: Any) -> str:
        return render("kb/page.html", words, {**around, **KNOWLEDGE, **found, "room": "kb"})

    found = {"asked": ASKS, "hits": SUGGESTED, "corrected": (("червне", "червоне"),), "current": "1187"}
    yield "kb-article", kb(on_call, **found, read=READ, done=frozenset({"used"}))
    yield "kb-nothing", kb(plain, asked={**ASKS, "lang": "ru"}, without=Without("lang", 3, "q=1"))
    where = {
        "status": "open",
        "owner": "",
        "queue": "",
        "topic": "",
        "q": "",
        "customer": "",
        "account": "",
        "contract": "",
    }
    asked = {"cases": CASES, "asked": where, "query": "status=open", "queues": ("бізнес",)}
    cases = {**asked, "statuses": [status.value for status in Status], "without": None, "older": "cursor=1"}
    yield "cases", render("cases/list.html", words, {**plain, **cases, "room": "cases"})
    opened = parts.context(SCREENS["opened"], view, SILENT)
    yield "case-read", render("cases/case.html", words, {**plain, **opened, "room": "cases"})
    people = {"customers": CUSTOMERS, "asked": {"q": ""}, "older": None, "room": "customers"}
    yield "customers", render("cases/customers.html", words, {**plain, **people})
    one = {"found": IN_FULL, "changes": True, "keeps": True, "policies": ("золото",), "room": "customers"}
    named = {"language_names": partial(languages.names, words)}
    yield "customer", render("cases/customer.html", words, {**plain, **one, **named})
