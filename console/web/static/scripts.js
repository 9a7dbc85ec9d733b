/* The workbench of a script. The text is the page's: forms send it along and take over what the server makes of it. */
'use strict';
{
const source = () => id('source'), version = () => id('source-version');
const former = [];
const FIRST = '#step-form :is(input:not([type="hidden"]), textarea, select)';
let focusNext = null;

// --- 1 The text: sent with every form, taken over from its answer, put back by Undo -------------------------------------

// When it is sent, not when it was queued: the saving before it may have made a version meanwhile.
on('htmx:before:request', ({detail: {ctx: {sourceElement: from, request}}}) => {
  if (!from.matches('#source, [data-with-source], [data-tries]')) return;
  request.body.set('source', source().value);
  if (from.matches('[data-tries]')) return;
  request.body.set('version', version().value);
  from.consoleSent = source().value;
});
on('htmx:after:swap', ({detail: {ctx}}) => {
  const from = ctx?.sourceElement;
  if (!from?.matches?.('#source, [data-with-source]') || !(ctx.response?.status < 400)) return;
  version().value = ctx.response.headers.get('etag').replaceAll('"', '');
  if (from.matches('[data-with-source]')) takeOver(from.consoleSent);
  if (from.id === 'new-step-form') { id('new-step').hidePopover(); from.reset(); focusNext = FIRST; }
  zoom();
  follow();
  const next = focusNext && document.querySelector(focusNext);
  next?.focus();
  if (next?.matches('[data-row] input')) next.select();
  focusNext = null;
});
function takeOver(sent) {
  const made = id('script-words').defaultValue;
  if (made === sent || source().value !== sent) return;
  former.push(sent);
  source().value = made;
  id('step-undo').disabled = false;
}
function undo() {
  if (!former.length) return;
  source().value = former.pop();
  id('step-undo').disabled = !former.length;
  source().dispatchEvent(new Event('again'));
}
on('click', (event) => { if (event.target.closest?.('#step-undo')) undo(); });
on('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && letter(event) === 'z' && !typing(event.target) && former.length) { event.preventDefault(); undo(); }
});

on('console:opened', ({target}) => { if (target.id === 'new-step') id('new-title').focus(); });
// A new answer waits for its words.
on('click', (event) => { if (event.target.closest?.('#add-answer')) focusNext = '[data-row="answer"]:nth-last-child(2) input:not([type="hidden"])'; });

// --- 2 In the text: a check leads to its line, a name goes where the hand was ---------------------------------------------

on('click', (event) => {
  const at = event.target.closest?.('[data-line]'), name = event.target.closest?.('[data-insert]');
  if (at && source()) toLine(Number(at.dataset.line));
  if (name && source()) insert(name.dataset.insert);
});
const showAs = (view) => { id(`as-${view}`).checked = true; };
function toLine(line) {
  const area = source(), lines = area.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  showAs('text');
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] ?? '').length);
  area.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(area).lineHeight));
}
/* Into the field that had the hand last: of the form, else the text. */
let lastField = null;
on('focusout', ({target}) => { if (target.matches?.('#source, #f-say, [id^="f-deed-"][id$="-text"], [id^="f-way-"][id$="-name"]')) lastField = target.id; });
function insert(name) {
  const field = id(lastField ?? 'source') ?? source(), area = visible(field) ? field : source();
  if (area === source()) showAs('text');
  const text = area.id.startsWith('f-') && !area.id.endsWith('-name') ? `{${name}}` : name;
  area.focus();
  if (area.id.endsWith('-name')) area.value = text;
  else area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
  area.dispatchEvent(new Event('input', {bubbles: true}));
}

// --- 3 The drawing: walked by arrow keys, opened by Enter, larger and smaller ---------------------------------------------

const ZOOMS = [0.25, 0.4, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2];
const READABLE = 0.8;
let scale = 1;
const percent = new Intl.NumberFormat(root.lang, {style: 'percent'});

function zoom(to = scale) {
  scale = to;
  const graph = id('graph');
  if (!graph) return;
  const {width, height} = graph.viewBox.baseVal;
  graph.setAttribute('width', width * scale);
  graph.setAttribute('height', height * scale);
  id('zoom-is').textContent = percent.format(scale);
}
const step = (ahead) => zoom((ahead > 0 ? ZOOMS.find((each) => each > scale + 0.001) : ZOOMS.findLast((each) => each < scale - 0.001)) ?? scale);
/* So that all of it is seen, but no smaller than can be hit. */
function fit(smallest = ZOOMS[0]) {
  const graph = id('graph'), around = id('drawing');
  if (!graph || !around.clientWidth) return;
  const {width, height} = graph.viewBox.baseVal;
  zoom(Math.max(smallest, Math.min(1, (around.clientWidth - 12) / width, (around.clientHeight - 12) / height)));
  seen(graph.querySelector('.sel'));
}
/* Scrolls the drawing and nothing around it. */
function seen(box) {
  if (!box) return;
  const around = id('drawing'), {left, right, top, bottom} = box.getBoundingClientRect(), view = around.getBoundingClientRect();
  const past = (low, high, from, to) => high + 24 > to ? high + 24 - to : low - 24 < from ? low - 24 - from : 0;
  around.scrollBy(past(left, right, view.left, view.right), past(top, bottom, view.top, view.bottom));
}
/* Another step is looked at: it comes into sight. While one is written the drawing stays where it is. */
let followed = null;
function follow() {
  const box = document.querySelector('#graph .sel');
  if (box && box.id !== followed) seen(box);
  followed = box?.id;
}
const ZOOMING = {'zoom-in': () => step(1), 'zoom-out': () => step(-1), 'zoom-is': () => zoom(1), 'zoom-fit': () => fit()};
on('click', (event) => { ZOOMING[event.target.closest?.('.zoom button')?.id]?.(); });

const choose = (name) => id(`step-${name}`)?.click();
on('click', (event) => { const box = event.target.closest?.('[data-box]'); if (box) { focusNext = `#${CSS.escape(box.id)}`; choose(box.dataset.box); } });
/* The drawing goes ahead to the right in every language. */
const TOWARDS = {ArrowRight: 'ahead', ArrowLeft: 'behind', ArrowUp: 'above', ArrowDown: 'below'};
on('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const box = event.target.closest?.('[data-box]');
  if (figure(event) === '0' && !typing(event.target) && singleKeys() && id('drawing') && visible(id('drawing'))) { event.preventDefault(); fit(); }
  else if (!box) return;
  else if (event.key in TOWARDS) {
    event.preventDefault();
    const next = id(`box-${box.dataset[TOWARDS[event.key]]}`);
    if (next) { box.tabIndex = -1; next.tabIndex = 0; next.focus(); seen(next); }
  } else if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    focusNext = FIRST;
    choose(box.dataset.box);
  }
});
on('DOMContentLoaded', () => { fit(READABLE); });

// --- 4 Rows of the form: moved by drag or by arrow keys -------------------------------------------------------------------

const rowsOf = (row) => [...row.parentElement.children].filter((each) => each.dataset.row === row.dataset.row);
/* The order in which rows stand is the order in which they are sent. */
function settle(row, what) {
  focusNext = `#move-${what}-${rowsOf(row).indexOf(row)}`;
  id('step-form').requestSubmit(id('step-enter'));
}
on('keydown', (event) => {
  const handle = event.target.closest?.('[data-handle]'), towards = {ArrowUp: -1, ArrowDown: 1}[event.key];
  if (!handle || !towards) return;
  event.preventDefault();
  const row = handle.closest('[data-row]'), every = rowsOf(row), other = every[every.indexOf(row) + towards];
  if (!other) return;
  if (towards < 0) other.before(row); else other.after(row);
  settle(row, handle.dataset.handle);
});
let dragged = null;
on('pointerdown', (event) => { const handle = event.target.closest?.('[data-handle]'); if (handle) handle.closest('[data-row]').draggable = true; });
on('dragstart', (event) => { dragged = event.target.closest?.('[data-row][draggable="true"]') ?? null; });
on('dragover', (event) => {
  const over = dragged && event.target.closest?.(`[data-row="${dragged.dataset.row}"]`);
  if (!over) return;
  event.preventDefault();
  const {top, height} = over.getBoundingClientRect();
  if (over !== dragged) { if (event.clientY < top + height / 2) over.before(dragged); else over.after(dragged); }
});
on('dragend', () => {
  if (!dragged) return;
  dragged.draggable = false;
  settle(dragged, dragged.dataset.row);
  dragged = null;
});

// --- 5 The test run: whatever is chosen to pretend is run ----------------------------------------------------------------

on('change', ({target}) => { if (target.id === 'try-test') target.form.requestSubmit(id(target.value === '' ? 'try-again' : 'try-test-go')); });
}
