/* The live floor: menus and forms of a supervisor's hand, and the panel of waiting work. Needs live.js. */
'use strict';

// --- 1 What a button asked for opens beside it, once it has come -----------------------------------------------------

/* The part that comes is told from the one before by the server's own mark. */
const shownAs = {};
let opener = null;
const panel = (part) => id(part)?.querySelector('[popover]');

on('click', ({target}) => {
  const button = target.closest?.('[data-opens]');
  if (!button) return;
  opener = {part: button.dataset.opens, id: button.closest('#hand') ? opener?.id : button.id};
  if (button.closest('#hand')) panel('hand').hidePopover();
});
on('htmx:after:swap', () => {
  if (!opener) return;
  const part = id(opener.part), made = part?.dataset.made;
  if (!made || made === shownAs[opener.part]) return;
  shownAs[opener.part] = made;
  const opened = panel(opener.part);
  if (!opened.matches(':popover-open')) opened.showPopover();
  if (opened.matches('.menu')) place(opened, id(opener.id));
  first(opened)?.focus();
  if (opener.part !== 'hand') { refreshedAt = performance.now(); opener = null; }
});
const first = (opened) => opened.querySelector('[role="menuitem"], input:not([type="hidden"]), textarea, select, summary, button');

/* Under its button, or over it where there is no room; along its start edge, inside the window. */
function place(menu, button) {
  if (!button) return;
  const at = button.getBoundingClientRect(), own = menu.getBoundingClientRect();
  const over = at.bottom + own.height > innerHeight && at.top > own.height;
  const start = document.dir === 'rtl' ? at.right - own.width : at.left;
  menu.style.setProperty('inset', 'auto');
  menu.style.setProperty('top', `${Math.max(4, over ? at.top - own.height : Math.min(at.bottom, innerHeight - own.height - 4))}px`);
  menu.style.setProperty('left', `${Math.min(Math.max(4, start), innerWidth - own.width - 4)}px`);
}

// --- 2 A menu is gone through with the arrows, or by the letter beside a word ----------------------------------------

on('keydown', (event) => {
  const menu = event.target.closest?.('[role="menu"]:popover-open');
  if (!menu || event.ctrlKey || event.altKey || event.metaKey) return;
  const items = all('[role^="menuitem"]', menu), now = items.indexOf(document.activeElement);
  const steps = {ArrowDown: now + 1, ArrowUp: now - 1 + items.length, Home: 0, End: items.length - 1};
  const chosen = event.key in steps ? null : items.find((item) => item.dataset.letter === event.key.toLowerCase());
  if (!(event.key in steps) && !chosen) return;
  event.preventDefault();
  if (chosen) chosen.click(); else items[steps[event.key] % items.length].focus();
});

// --- 3 Forms: opened from the menu, closed when they were taken ------------------------------------------------------

on('click', ({target}) => {
  const item = target.closest?.('[data-shows]');
  if (!item) return;
  const form = id(item.dataset.shows), button = opener?.id;
  panel('hand').hidePopover();
  form.showPopover();
  form.dataset.uiOpener = button ?? '';
  first(form)?.focus();
});
on('htmx:finally:request', ({detail: {ctx}}) => {
  if (!(ctx.response?.status < 300)) return;
  const form = ctx.sourceElement, opened = id(form.dataset?.closes);
  if (opened?.matches(':popover-open')) { opened.hidePopover(); id(opened.dataset.uiOpener)?.focus(); }
  if (form.dataset && 'refreshes' in form.dataset) { form.closest('details').open = false; refresh(); }
});
/* The sentence that says what was done goes by itself. */
let saidSince;
on('htmx:after:swap', () => {
  if (!id('done-said')) return;
  clearTimeout(saidSince);
  saidSince = setTimeout(() => id('done').replaceChildren(), 8000);
});

// --- 4 Waiting work: asked for again at once when its queue counts others, else now and then; not under the hand ------

const REFRESH_MS = 1000, ANYWAY_MS = 5000;
let refreshedAt = 0, later;
const work = () => id('work-panel')?.matches(':popover-open') ? id('work-panel') : null;
function refresh() {
  const open = work();
  if (open) { refreshedAt = performance.now(); htmx.trigger(open, 'refresh'); }
}
/* A list without anybody in it has nothing that could move. */
const held = () => Boolean(document.querySelector('#work-items:is(:hover, :focus-within) > [data-waits]'));
const differs = () => id(work()?.dataset.row)?.cells[1].textContent !== id('work-count')?.textContent;
function changed() {
  const line = id('work-held');
  if (!line) return;
  line.textContent = held() && differs() ? line.dataset.held : '';
  clearTimeout(later);
  later = setTimeout(() => held() ? changed() : refresh(), held() ? 400 : Math.max(0, refreshedAt + REFRESH_MS - performance.now()));
}
on('htmx:after:swap', () => {
  if (work() && (differs() || performance.now() - refreshedAt > ANYWAY_MS)) changed();
});
