/* The keyboard: Alt and a letter everywhere, single keys outside fields, lists that are one tab stop.
   What a key does stands on its control: data-key (with Alt), data-single (alone), data-digit (in an open choice). */
'use strict';

// --- 1 Arming: what was meant for the old state of the Bar cannot hit the new one ------------------------------------

const ARMING_MS = 400, ARMED = '#bar, #decline, #transfer, #digits';
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
  if (arming() && (event.submitter ?? event.target).closest?.(ARMED)) { event.preventDefault(); event.stopImmediatePropagation(); }
});

// --- 2 Which key, and where it is meant for --------------------------------------------------------------------------

/* The letter on a Latin layout, else the key's place: Persian, Russian, Option on macOS. */
const letter = (event) => /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.replace(/^Key/, '').toLowerCase();
const figure = (event) => /^[0-9]$/.test(event.key) ? event.key : /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1] ?? '';
/* What is pressed alone: a letter, `/` by its sign or its place, `?` as the layout writes it. */
function signOf(event) {
  if (event.key === '?' || event.key === '؟') return '?';
  if (event.shiftKey) return '';
  if (event.key === '/' || event.code === 'Slash') return '/';
  return /^Key/.test(event.code) || /^[a-z]$/i.test(event.key) ? letter(event) : '';
}
const visible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const typing = (element) => element?.matches?.('input:not([type="checkbox"], [type="radio"], [type="range"]), textarea, select, [contenteditable]') ?? false;
const topLayer = () => all(':popover-open, dialog[open]').at(-1) ?? null;
const singleKeys = () => root.dataset.singleKeys !== 'off';

/* A control is pressed; a field, or a region with its list, gets the focus. */
function go(target) {
  if (target.matches('button, a, summary')) {
    if (arming() && target.closest(ARMED)) return;
    target.click();
    prepare(id(target.getAttribute('popovertarget')));
  }
  else if (target.matches('[data-rove]')) (standing(target) ?? target).focus();
  else target.focus();
}
/* What a key opens is prepared at once: its toggle event comes later than the next key of a quick hand. */
function prepare(popover) {
  if (!popover?.matches(':popover-open') || 'uiReady' in popover.dataset) return;
  popover.dataset.uiReady = '';
  popover.dispatchEvent(new CustomEvent('console:opened', {bubbles: true}));
}
on('toggle', ({target, newState}) => { if (newState === 'open') prepare(target); });
on('beforetoggle', ({target, newState}) => { if (newState === 'closed') delete target.dataset.uiReady; });
const answering = (attribute, key, within = document) => all(`[${attribute}="${CSS.escape(key)}"]`, within).find(visible);

// --- 3 Lists and toolbars: one tab stop, moved in by J K and arrows ---------------------------------------------------

const ITEMS = '[data-rove-item], a[href], button';
const items = (list) => all(ITEMS, list).filter((item) => visible(item) && item.closest('[data-rove]') === list);
const standing = (list) => items(list).find((item) => item.id === list.dataset.uiAt) ?? items(list).find((item) => item.tabIndex === 0) ?? items(list)[0];

/* The server draws the first as the stop; a push draws it again, and then the hand's own place is restored. */
function stand(list, item) {
  list.dataset.uiAt = item.id;
  for (const each of items(list)) each.tabIndex = each === item ? 0 : -1;
}
on('focusin', ({target}) => {
  const list = target.closest?.('[data-rove]');
  if (list && target.matches(ITEMS)) stand(list, target);
});
on('htmx:after:swap', () => {
  for (const list of all('[data-rove][data-ui-at]')) if (id(list.dataset.uiAt) && list.contains(id(list.dataset.uiAt))) stand(list, id(list.dataset.uiAt));
});

const AHEAD = {ArrowDown: 1, ArrowUp: -1, j: 1, k: -1};
const ASIDE = () => root.dir === 'rtl' ? {ArrowRight: -1, ArrowLeft: 1} : {ArrowRight: 1, ArrowLeft: -1};
function move(event) {
  const from = document.activeElement, list = from?.closest?.('[data-rove]');
  const toolbar = list?.dataset.rove === 'toolbar', single = event.key.length === 1;
  const key = single ? letter(event) : event.key;
  const step = toolbar ? ASIDE()[key] : AHEAD[key];
  if (!step || (single && !singleKeys())) return false;
  const top = topLayer();
  const within = list ?? (top?.matches('[data-rove]') ? top : single ? answering('data-rove', 'list', top ?? id('main')) : null);
  if (!within) return false;
  const there = items(within), at = there.indexOf(from);
  const next = at < 0 ? standing(within) : there[Math.max(0, Math.min(there.length - 1, at + step))];
  next?.focus();
  return Boolean(next);
}

// --- 4 One listener for all keys --------------------------------------------------------------------------------------

const RAIL_MS = 1500;
let railUntil = 0;

on('keydown', (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey) return;
  const field = typing(event.target);
  if (!field && !event.altKey && move(event)) { event.preventDefault(); return; }
  if (event.repeat) return;
  if (event.altKey) { if (!event.shiftKey) withAlt(event); return; }
  const choices = document.querySelector('[data-digits]:popover-open');
  const region = !field && !topLayer() && event.target.closest?.('[data-numbered]');
  if (region && railUntil <= performance.now() && figure(event) && singleKeys() && mark(event, region)) return;
  if (choices && figure(event) && (!field || choices.contains(event.target) === false)) { choose(event, choices); return; }
  if (!field && singleKeys()) alone(event);
});

function withAlt(event) {
  const target = answering('data-key', letter(event));
  if (!target) return;
  event.preventDefault();
  go(target);
}
/* In an open choice a figure is the choice, even while a note is being written. */
function choose(event, choices) {
  const choice = answering('data-digit', figure(event), choices);
  if (!choice) return;
  event.preventDefault();
  if (!arming() || !choice.closest(ARMED)) choice.click();
}
/* Within a region of numbered answers a figure marks one; Enter then sends it. */
function mark(event, region) {
  const answer = all(`[data-figure="${CSS.escape(figure(event))}"]`, region).find((each) => visible(each.closest('label')));
  if (!answer) return false;
  event.preventDefault();
  answer.click();
  answer.focus();
  return true;
}
function alone(event) {
  const top = topLayer();
  if (railUntil > performance.now() && figure(event)) { railUntil = 0; event.preventDefault(); all('#rail a')[figure(event) - 1]?.click(); return; }
  if (!top && letter(event) === 'g') { railUntil = performance.now() + RAIL_MS; return; }
  railUntil = 0;
  const key = signOf(event), target = key && (answering('data-single', key, top ?? document) ?? (key === '?' && answering('data-single', key)));
  if (target) { event.preventDefault(); go(target); return; }
  if (event.key === 'Enter' && event.target.matches?.('[data-rove-item]:not(a, button)')) { event.preventDefault(); event.target.querySelector('a[href], button')?.click(); }
}

// A choice that was made closes its menu; so does the end of the ring.
on('click', (event) => {
  const choice = event.target.closest?.('.mi, .ans');
  if (choice) setTimeout(() => { choice.closest('[popover]')?.hidePopover(); if (choice.dataset.opens) id(choice.dataset.opens)?.showPopover(); });
});

// --- 5 A line to type in, with a list to choose from: the focus stays in the line ----------------------------------------

const optionsOf = (input) => all('[role="option"]:not([data-ui-off])', id(input.getAttribute('aria-controls')));
const chosen = (input) => optionsOf(input).find((option) => 'uiActive' in option.dataset) ?? null;
function pick(input, option) {
  for (const each of all('[role="option"]', id(input.getAttribute('aria-controls')))) {
    if (each === option) each.dataset.uiActive = ''; else delete each.dataset.uiActive;
    each.setAttribute('aria-selected', String(each === option));
  }
  if (option) { input.setAttribute('aria-activedescendant', option.id); option.scrollIntoView({block: 'nearest'}); }
  else input.removeAttribute('aria-activedescendant');
  input.dispatchEvent(new CustomEvent('console:picked', {bubbles: true, detail: option}));
}
on('keydown', (event) => {
  const input = event.target, step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (!step || !input.matches?.('[role="combobox"]') || event.isComposing || event.altKey) return;
  event.preventDefault();
  const options = optionsOf(input);
  pick(input, options[(options.indexOf(chosen(input)) + step + options.length) % options.length] ?? null);
});
