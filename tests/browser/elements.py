"""Two pages compared element by element: what stands on them, without what clocks, scripts and hands wrote there."""

from __future__ import annotations

import time
from itertools import zip_longest

from playwright.async_api import Page

from tests.browser.conftest import live
from tests.served import COMES_WITHIN_S

# Every element below one, as `path <tag attributes> own text`, in the order of the page.
WALK = """(start) => {
  const found = [], own = /^data-(htmx|ui-|draft|now$)/;
  const walk = (element, path) => {
    const attributes = [...element.attributes].map(({name, value}) => [name, value.replace(/([?&]at=)\\d+/, '$1')])
      .filter(([name]) => !own.test(name) && !(element.matches('[data-tick-ring], [data-tick-share]') && name === 'stroke-dasharray'))
      .map(([name, value]) => [name, name === 'class' ? value.replace(/ ?htmx-request/, '') : value]).filter(([name, value]) => value || name !== 'class')
      .map(([name, value]) => `${name}="${value}"`).sort();
    const ticks = element.matches('[data-tick], [hx-morph-skip-children], #line-said, #ring-heard');
    const text = ticks ? '' : [...element.childNodes].filter(n => n.nodeType === Node.TEXT_NODE)
      .map(n => n.data.replace(/\\d\\d:\\d\\d:\\d\\d/g, '')).join(' ').replace(/\\s+/g, ' ').trim();
    found.push(`${path} <${[element.localName, ...attributes].join(' ')}> ${text}`);
    if (!ticks) [...element.children].forEach((child, n) => walk(child, `${path}/${child.id || child.localName + n}`));
  };
  for (const one of document.querySelectorAll(start)) walk(one, one.id || one.className);
  return found;
}"""

BODY = ".app, #decline, #time, #favicon"
"""All that a page shows. What is only said (#assertive, #polite) is of the moment."""


async def elements(page: Page, start: str = BODY) -> list[str]:
    """What stands on the page."""
    return list(await page.evaluate(WALK, start))


async def fresh(page: Page, start: str = BODY) -> list[str]:
    """What stands on the same page when it is loaded now."""
    other = await page.context.new_page()
    await other.goto(page.url)
    await live(other)
    found = await elements(other, start)
    await other.close()
    return found


def differences(shown: list[str], drawn: list[str]) -> list[tuple[str | None, str | None]]:
    """Where the two part: (on the live page, on the fresh one)."""
    return [(one, other) for one, other in zip_longest(shown, drawn) if one != other][:5]


async def same_as_fresh(page: Page) -> None:
    """The live page and one that is loaded now are one, as soon as what was told is drawn."""
    end = time.monotonic() + COMES_WITHIN_S
    while (found := differences(await fresh(page), await elements(page))) and time.monotonic() < end:
        pass
    assert found == []
