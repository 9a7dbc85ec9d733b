/* The desk: its keys, the arming of the Bar, the document's title, and the note that is never lost. */
'use strict';

// --- 1 Arming: what was meant for the old state of the Bar cannot hit the new one ------------------------------------

const ARMING_MS = 400;
let armed = null, armedAt = 0;

function arm() {
  const state = id('bar')?.dataset.arm;
  if (state === armed) return;
  if (armed !== null) armedAt = performance.now() + ARMING_MS;
  armed = state;
}
const arming = () => performance.now() < armedAt;
on('htmx:after:swap', arm);
on('DOMContentLoaded', arm);
for (const name of ['click', 'submit']) on(name, (event) => {
  if (arming() && (event.submitter ?? event.target).closest?.('#bar, #decline')) { event.preventDefault(); event.stopImmediatePropagation(); }
});

// --- 2 Keys: Alt and a letter, everywhere, also while typing ---------------------------------------------------------

const DIGITS = '[data-digits]:popover-open';
/* The letter on a Latin layout, else the key's place: Persian, Russian, Option on macOS. */
const letter = (event) => /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.replace(/^Key/, '').toLowerCase();
const visible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;

on('keydown', (event) => {
  if (event.isComposing || event.repeat) return;
  const choices = document.querySelector(DIGITS);
  if (choices && !event.altKey && !event.ctrlKey && !event.metaKey && /^[1-9]$/.test(event.key)) {
    const choice = choices.querySelector(`[data-digit="${event.key}"]`);
    if (choice) { event.preventDefault(); if (!arming()) choice.click(); }
    return;
  }
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const target = all(`[data-key="${CSS.escape(letter(event))}"]`).find(visible);
  if (!target) return;
  event.preventDefault();
  if (target.matches('button, a')) { if (!(arming() && target.closest('#bar'))) target.click(); }
  else target.focus();
});
// A choice that was made closes its menu; so does the end of the ring.
on('click', (event) => {
  const choice = event.target.closest?.('.mi, .ans');
  if (choice) setTimeout(() => choice.closest('[popover]')?.hidePopover());
});

// --- 3 The title and the icon of the tab ----------------------------------------------------------------------------

function title() {
  const bar = id('bar');
  if (!bar) return;
  const seconds = Math.max(0, Math.ceil((bar.dataset.until - serverNow()) / 1000));
  const words = fill(bar.dataset.title, {s: figures.format(seconds || 0)});
  if (document.title !== words) document.title = words;
  const icon = id('favicon'), href = bar.dataset.ring ? icon.dataset.mark : icon.dataset.rest;
  if (icon.getAttribute('href') !== href) icon.setAttribute('href', href);
}
for (const name of ['htmx:after:swap', 'console:second', 'DOMContentLoaded']) on(name, title);

// --- 4 The note: saved by the server within a second of a pause, kept here until it says so --------------------------

const KEPT = 'note:';
const field = (item) => document.querySelector(`[data-keep="${CSS.escape(item)}"]`);
const forget = (item) => localStorage.removeItem(KEPT + item);

on('input', ({target}) => { if (target.dataset.keep) localStorage.setItem(KEPT + target.dataset.keep, target.value); });
on('console:taken', ({target}) => { if (target.dataset.keep) forget(target.dataset.keep); });
on('htmx:finally:request', ({detail: {ctx}}) => {
  const item = ctx.sourceElement.dataset?.keep;
  if (!item) return;
  if (ctx.response?.status < 400) { if (field(item)?.value === localStorage.getItem(KEPT + item)) forget(item); }
  else if (id('draft')) id('draft').textContent = WORDS.draft_here;
});
/* What this browser still keeps goes into its field and to the server: after a reload, a crash, an outage. */
function send() {
  for (const note of all('[data-keep]')) {
    const kept = localStorage.getItem(KEPT + note.dataset.keep);
    if (kept === null) continue;
    if (note.value !== kept && !('draft' in note.dataset)) { note.value = kept; note.setAttribute('data-draft', ''); }
    htmx.trigger(note, 'save');
  }
}
on('htmx:ws:after:connection', () => setTimeout(send, 300));
// The work may end while words are still in the field: they are sent before the field goes.
on('htmx:before:swap', ({detail: {tasks}}) => {
  const area = tasks?.find((task) => task.target?.id === 'main');
  if (!area) return;
  for (const note of all('[data-keep][data-draft=""]')) {
    if (localStorage.getItem(KEPT + note.dataset.keep) === null || area.fragment.querySelector('#' + CSS.escape(note.id))) continue;
    const token = JSON.parse(document.body.getAttribute('hx-headers:inherited'))['X-CSRF-Token'];
    fetch(note.getAttribute('hx-post'), {method: 'POST', keepalive: true, headers: {'X-CSRF-Token': token}, body: new URLSearchParams({note: note.value})})
      .then((answer) => { if (answer.ok) forget(note.dataset.keep); }, () => {});
  }
});
