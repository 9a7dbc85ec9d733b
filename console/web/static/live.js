/* Every live page: what was typed stays, order waits for the hand, the line is watched, clocks go on.
   The rules are htmx 4's, measured; each odd-looking line answers something that went wrong without it. */
'use strict';
const on = (name, listener) => addEventListener(name, listener, true);
const id = (name) => document.getElementById(name);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const root = document.documentElement;
const WORDS = JSON.parse(document.querySelector('meta[name="words"]').content);
const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (sign, name) => values[name] ?? sign);
/* Whole numbers in the figures of the page's language; sentences that count, in its plural forms. */
const own = (text) => String(text).replace(/[0-9]/g, (figure) => root.dataset.figures[figure]);
const figures = {format: (number) => own(number)};
const two = {format: (number) => own(String(number).padStart(2, '0'))};
const plural = new Intl.PluralRules(root.lang);
const counted = (forms, number) => fill(forms[plural.select(number)], {n: figures.format(number)});

// --- 1 What was typed is the user's ("") until its form is sent ("sent") and accepted (then it is the server's) -----

on('input', ({target}) => {
  const group = target.type === 'radio' ? document.getElementsByName(target.name) : [target];
  for (const field of group) field.setAttribute('data-draft', '');
});

const sentFields = (form) => form?.tagName === 'FORM' ? [...form.elements, ...included(form)].filter((f) => f.dataset.draft === 'sent') : [];
const included = (form) => form.getAttribute('hx-include') ? all(form.getAttribute('hx-include')) : [];

on('htmx:config:request', ({detail: {ctx: {sourceElement: form}}}) => {
  if (form.tagName !== 'FORM') return;
  for (const field of [...form.elements, ...included(form)]) if ('draft' in field.dataset) field.dataset.draft = 'sent';
});

on('htmx:before:swap', ({detail: {ctx}}) => {
  if (!(ctx.response?.status < 400)) return;
  for (const field of sentFields(ctx.sourceElement)) {
    field.removeAttribute('data-draft');
    if (field.options) for (const option of field.options) option.selected = option.defaultSelected;
    else if (/checkbox|radio/.test(field.type)) field.checked = field.defaultChecked;
    else field.value = field.defaultValue;
    field.dispatchEvent(new CustomEvent('console:taken', {bubbles: true}));
  }
});

on('htmx:finally:request', ({detail: {ctx}}) => {
  for (const field of sentFields(ctx.sourceElement)) field.dataset.draft = '';
});

htmx.registerExtension('console', {
  htmx_before_morph_node(old, {newNode}) {
    if (old.matches?.('[data-draft]')) return false;
    if (old.type === 'checkbox' || old.type === 'radio') old.checked = newNode.checked;
    else if (old.tagName === 'OPTION') old.selected = newNode.selected;
  },
});

// Ctrl Enter sends the form of a field that says so.
on('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  if (event.target.matches?.('[data-submit]')) { event.preventDefault(); event.target.form.requestSubmit(); }
});

// --- 2 Order waits while pointer or focus is in a list; the held list is dropped and asked for again ----------------

/* Esc closes the top layer only: what is open over the page, else a message, and only then it lets go of the lists. */
const OPENED = ':popover-open, dialog[open]';
const layered = () => Boolean(document.querySelector(OPENED) || id('refusal')?.children.length);
const waiting = new Map();
const busy = (list) => list.matches(':hover,:focus-within') && !('uiRelease' in list.dataset);
const count = (list) => {
  const line = id(list.id + '-held'), changes = waiting.get(list.id);
  if (line) line.textContent = changes ? counted(WORDS.waiting, changes) : '';
};
/* What the list that waits no longer has is greyed where it stands, and says so. */
root.style.setProperty('--gone', JSON.stringify(WORDS.gone));
function grey(list, coming) {
  for (const part of all('[id]', list)) {
    const gone = coming && !coming.querySelector('#' + CSS.escape(part.id)) && !part.parentElement.closest('[data-ui-gone]');
    if (gone) part.dataset.uiGone = ''; else delete part.dataset.uiGone;
  }
}
const release = (list) => { waiting.delete(list.id); count(list); grey(list, null); htmx.trigger(list, 'release'); };
const eachHeld = (act) => [...waiting.keys()].forEach((key) => id(key) ? act(id(key)) : waiting.delete(key));
let leaving;

on('htmx:before:swap', ({target, detail: {tasks}}) => {
  if (target.id !== 'live') return;
  for (let index = tasks.length; index--;) {
    const list = tasks[index].target;
    if (!list?.matches?.('[data-hold]') || !busy(list)) continue;
    const [{fragment}] = tasks.splice(index, 1);
    grey(list, fragment);
    waiting.set(list.id, (waiting.get(list.id) || 0) + 1);
    count(list);
  }
});
for (const name of ['pointerout', 'focusout']) on(name, () => {
  clearTimeout(leaving);
  leaving = setTimeout(() => eachHeld((list) => { if (!busy(list)) release(list); }), 400);
});
on('keydown', (event) => {
  if (event.key === 'Escape' && !layered()) eachHeld((list) => {
    list.dataset.uiRelease = '';
    release(list);
    setTimeout(() => delete list.dataset.uiRelease, 1000);
  });
});

// --- 3 The line: the server beats every 5 s; silence for 12 s starts it anew; 4401 means signed out -----------------

const SILENCE_MS = 12000, LOST_MS = 2000, GONE_MS = 20000;
let heard = Date.now(), lostSince = null, attempts = 0;

const alive = () => { heard = Date.now(); };
const reconnect = () => { alive(); htmx.process(id('live'), true); };
function show(line) {
  if (root.dataset.uiLine === line) return;
  root.dataset.uiLine = line;
  if (id('bar-offline')) id('bar-offline').hidden = line !== 'offline';
}
function say() {
  const line = id('line-said');
  const words = !lostSince ? WORDS.live : root.dataset.uiLine === 'offline' ? WORDS.offline : fill(WORDS.reconnecting, {try: attempts});
  for (const place of [line, ...all('[data-line-said]')]) if (place && place.textContent !== words) place.textContent = words;
}
on('htmx:ws:before:message:incoming', alive);
on('htmx:ws:after:connection', () => { alive(); lostSince = null; attempts = 0; show('live'); delete root.dataset.uiStale; say(); });
on('htmx:ws:close', ({detail: {code, connection}}) => {
  if (code === 4401) { location.assign('/login'); return; }
  if (code === 4403) { location.reload(); return; }      // no longer for this role: the page says so
  lostSince ??= Date.now();
  attempts = connection.attempt + 1;
  say();
});
// The socket alone may be lost: only where HTTP is silent too, the server is. Silence is told before it is 20 s long.
async function judge() {
  const lost = Date.now() - lostSince;
  if (lost >= GONE_MS && (lost < GONE_MS + 1000 || Math.round(lost / 1000) % 5 === 0)) {
    const answers = await fetch('/health/live', {signal: AbortSignal.timeout(2000), cache: 'no-store'}).then((r) => r.ok, () => false);
    if (lostSince) show(answers ? 'lost' : 'offline');
  } else if (lost >= LOST_MS && root.dataset.uiLine !== 'offline') show('lost');
  if (lost >= 15000) root.dataset.uiStale = '';
}
on('click', (event) => { if (event.target.closest('#try-now')) reconnect(); });

// --- 4 Clocks: the server's deadline and the server's time; one timer for all ---------------------------------------

let offset = 0;
const serverNow = () => Date.now() + offset;
function set() {
  const time = Number((id('time') || {dataset: {}}).dataset.now);
  if (time && time !== set.last) { set.last = time; offset = time - Date.now(); }
}
/* `2:14` under an hour, `2h 21m` under a day, else `1d 2h`; console/web/words.py writes the same. */
function duration(seconds) {
  const [m, h, d] = [60, 3600, 86400].map((unit) => Math.floor(seconds / unit));
  if (h === 0) return `${figures.format(m)}:${two.format(seconds % 60)}`;
  return d === 0 ? fill(WORDS.hours, {h: figures.format(h), m: figures.format(m % 60)}) : fill(WORDS.days, {d: figures.format(d), h: figures.format(h % 24)});
}
/* What is left of a promise: it counts only while its calendar is open, which the server told as spans `from-to`. */
function leftOf({left, spans}, now) {
  return spans.split(' ').reduce((rest, span) => {
    const [from, to] = span.split('-').map(Number);
    return rest - Math.max(0, (to ? Math.min(now, to) : now) - from);
  }, Number(left));
}
function tickPromises(now) {
  for (const clock of all('[data-spans]')) {
    const left = leftOf(clock.dataset, now);
    if (clock.dataset.tickShare !== undefined) { clock.setAttribute('stroke-dasharray', `${Math.max(0, Math.round(100 * left / clock.dataset.target))} 100`); continue; }
    const text = duration(Math.max(0, Math.floor((clock.dataset.tick === 'over' ? -left : left) / 1000)));
    if (clock.textContent !== text) clock.textContent = text;
  }
  for (const part of all('[data-turns]')) {
    if (now < part.dataset.turns || part.dataset.uiTurned === part.dataset.turns) continue;
    part.dataset.uiTurned = part.dataset.turns;
    htmx.trigger(part, 'turn');
  }
}
function tick() {
  const now = serverNow();
  tickPromises(now);
  for (const clock of all('[data-tick][data-at]')) {
    const span = (clock.dataset.tick === 'up' ? now - clock.dataset.at : clock.dataset.at - now) / 1000;
    // Never below a deadline: what follows is the server's to say.
    const seconds = Math.max(0, Math[clock.dataset.form === 'seconds' ? 'ceil' : 'floor'](span));
    let text = clock.dataset.form === 'seconds' ? figures.format(seconds) : duration(seconds);
    if (clock.dataset.form === 'long' && seconds < 600) text = figures.format(0) + text;
    if (clock.textContent !== text) clock.textContent = text;
  }
  for (const ring of all('[data-tick-ring]')) {
    const left = (ring.dataset.at - now) / (ring.dataset.at - ring.dataset.from);
    ring.setAttribute('stroke-dasharray', `${Math.max(0, Math.min(100, Math.round(left * 100)))} 100`);
  }
}
/* A page that was opened from a live one may have no line of its own. */
const lined = () => id('live')?.hasAttribute('hx-ws:connect') ?? false;
function second() {
  if (lined() && Date.now() - heard > SILENCE_MS) { lostSince ??= Date.now(); reconnect(); }
  if (lostSince) { judge(); say(); if (id('offline-for')) id('offline-for').textContent = duration(Math.floor((Date.now() - lostSince) / 1000)); }
  tick();
  dispatchEvent(new CustomEvent('console:second'));
}
setInterval(second, 1000);
on('htmx:after:swap', () => { set(); tick(); });
on('DOMContentLoaded', () => { set(); tick(); });

// --- 5 Focus by id where moveBefore is missing; words for a command that got no answer; messages are closed ---------

let focused;
on('htmx:before:swap', () => { focused = document.activeElement?.id; });
on('htmx:after:swap', () => { if (focused && document.activeElement === document.body) id(focused)?.focus({preventScroll: true}); });

function refuse(sentence) {
  const region = id('refusal'), banner = document.createElement('p');
  banner.className = 'banner bad';
  banner.textContent = sentence;
  banner.id = 'refusal-said';
  region.replaceChildren(banner);
}
on('click', (event) => { if (event.target.closest('[data-dismiss]')) id('refusal').replaceChildren(); });
on('keydown', (event) => { if (event.key === 'Escape' && !document.querySelector(OPENED)) id('refusal').replaceChildren(); });
/* What was done is said for a while, and for as long as somebody is at it. */
const PASSES_MS = 12000;
function pass(said) {
  if (said.matches(':hover, :focus-within')) setTimeout(pass, PASSES_MS, said);
  else said.remove();
}
on('htmx:after:swap', () => {
  const said = document.querySelector('[data-passes]:not([data-ui-passing])');
  if (!said) return;
  said.dataset.uiPassing = '';
  setTimeout(pass, PASSES_MS, said);
});
for (const name of ['htmx:error', 'htmx:response:error']) on(name, ({detail: {ctx}}) => {
  if (!ctx || ctx.response?.status < 500 || ctx.text?.includes('<hx-partial')) return;
  if ('keep' in ctx.sourceElement.dataset || 'quiet' in ctx.sourceElement.dataset) return;   // kept here, or asked again by itself
  refuse(WORDS.no_answer);
});
