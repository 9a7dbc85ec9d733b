/* The matter on the screen: the note that is never lost, forms that know when their record changed, the timeline. */
'use strict';

// --- 1 The note: saved by the server within a second of a pause, kept here until it says so --------------------------
// Each tab keeps its own words, and names the version from which they went on: one that was written over elsewhere
// overwrites nothing. What a tab kept that is gone, the next one that shows the same matter takes over.

const KEPT = 'note:', TAB = sessionStorage.tab ??= crypto.getRandomValues(new Uint32Array(2)).join('-');
const keptAs = (about, tab = TAB) => `${KEPT}${about}:${tab}`;
const kept = (about) => JSON.parse(localStorage.getItem(keptAs(about)));
const forget = (about) => localStorage.removeItem(keptAs(about));
const keep = (note) => localStorage.setItem(keptAs(note.dataset.keep), JSON.stringify({text: note.value, version: note.dataset.version}));
const draftIs = (state) => { if (id('draft')) { if (state) id('draft').dataset.uiDraft = state; else delete id('draft').dataset.uiDraft; } };
navigator.locks?.request(KEPT + TAB, () => new Promise(() => {}));

on('input', ({target}) => { if (target.dataset.keep) { keep(target); draftIs('saving'); } });
on('change', ({target}) => { if (target.dataset.saves) htmx.trigger(id(target.dataset.saves), 'save'); });
on('console:taken', ({target}) => { if (target.dataset.keep) { forget(target.dataset.keep); draftIs(null); } });

// When it is sent, not when it was queued: the saving before it may have made a version meanwhile.
on('htmx:before:request', ({detail: {ctx: {sourceElement: note, request}}}) => {
  if (!note.dataset?.keep) return;
  request.body.set('base', note.dataset.version);
  request.body.set('tab', TAB);
});
on('htmx:finally:request', ({detail: {ctx}}) => {
  const note = ctx.sourceElement, about = note.dataset?.keep;
  if (!about) return;
  if (!(ctx.response?.status < 400)) { draftIs('here'); return; }
  const version = ctx.response.headers.get('etag')?.replaceAll('"', '');
  if (version) note.dataset.version = version;
  if (note.value !== ctx.request.body.get('note')) { keep(note); return; }      // typed on meanwhile
  forget(about);
  draftIs(null);
  if (!version) return;                              // beside another tab's words: it stays this tab's until the choice
  note.removeAttribute('data-draft');
  for (const choice of all('[name="outward"]', note.form)) if (ctx.request.body.get('outward') === choice.value && choice.checked)
    for (const each of document.getElementsByName('outward')) each.removeAttribute('data-draft');
});
/* Words of this person that another tab saved or settled come into a field that is not being written in, focused or
   not; words older than what it shows do not. */
htmx.registerExtension('note', {
  htmx_before_morph_node(old, {newNode}) {
    if (!old.dataset?.keep || 'draft' in old.dataset) return;
    const came = Number(newNode.dataset.version);
    if (came && came < Number(old.dataset.version)) return false;
    if (old.value !== newNode.defaultValue) old.value = newNode.defaultValue;
  },
});

/* What this browser still keeps goes into its field and to the server: after a reload, a crash, an outage. */
async function inherit(about) {
  if (kept(about) || !navigator.locks) return;
  const alive = new Set((await navigator.locks.query()).held.map((lock) => lock.name));
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(`${KEPT}${about}:`) || alive.has(KEPT + key.split(':').at(-1))) continue;
    localStorage.setItem(keptAs(about), localStorage.getItem(key));
    localStorage.removeItem(key);
    return;
  }
}
async function send() {
  for (const note of all('[data-keep]')) {
    await inherit(note.dataset.keep);
    const words = kept(note.dataset.keep);
    if (!words) continue;
    if (note.value !== words.text && !('draft' in note.dataset)) {
      note.value = words.text;
      note.dataset.version = words.version;
      note.setAttribute('data-draft', '');
    }
    htmx.trigger(note, 'save');
  }
}
on('htmx:ws:after:connection', () => setTimeout(send, 300));
// The work may end while words are still in the field: they are sent before the field goes.
on('htmx:before:swap', ({detail: {tasks}}) => {
  const area = tasks?.find((task) => task.target?.id === 'main');
  if (!area) return;
  for (const note of all('[data-keep][data-draft=""]')) {
    const about = note.dataset.keep;
    if (!kept(about) || area.fragment.querySelector('#' + CSS.escape(note.id))) continue;
    const token = JSON.parse(document.body.getAttribute('hx-headers:inherited'))['X-CSRF-Token'];
    const body = new URLSearchParams({note: note.value, base: note.dataset.version, tab: TAB});
    fetch(note.getAttribute('hx-post'), {method: 'POST', keepalive: true, headers: {'X-CSRF-Token': token}, body})
      .then((answer) => { if (answer.ok) forget(about); }, () => {});
  }
});

// --- 2 Forms over a record: a choice that was saved is the server's; a record that changed meanwhile is said ----------

on('htmx:finally:request', ({detail: {ctx: {sourceElement: source, request, response}}}) => {
  const done = response?.status < 400;
  if (done && 'saved' in source.dataset && request.body.get(source.name) === source.value) source.removeAttribute('data-draft');
  if (done && 'closes' in source.dataset) source.closest('[popover]')?.hidePopover();
  // Refused because it had changed: whoever has read that and says it again means it.
  if (response?.status === 412) for (const base of all('[data-base]', source.closest('form'))) base.value = base.form.dataset.version;
});
on('input', ({target}) => { for (const base of all('[data-base]', target.form ?? document.createElement('p'))) base.setAttribute('data-draft', ''); });
function compare() {
  for (const base of all('[data-base]')) base.form.toggleAttribute('data-ui-stale', base.value !== base.form.dataset.version);
}
on('htmx:after:swap', compare);
// Closed by a slip, a form keeps what was typed; cancelled, it begins anew with what the server has.
on('click', ({target}) => {
  const form = target.closest?.('[data-cancels]')?.form;
  if (!form) return;
  form.reset();
  for (const field of form.elements) field.removeAttribute('data-draft');
  compare();
});

// --- 3 The timeline: what comes in above the reader does not move them ------------------------------------------------

const scroller = () => id('timeline');
let reading = null, unseen = new Set();

on('htmx:before:swap', ({detail: {tasks}}) => {
  const here = scroller();
  reading = null;
  if (!here || !tasks?.some((task) => task.target?.id === 'timeline' || task.target?.id === 'main')) return;
  const entries = all('.te', here), top = here.getBoundingClientRect().top;
  const first = here.scrollTop > 8 ? entries.find((entry) => visible(entry) && entry.getBoundingClientRect().bottom > top) : null;
  reading = {ids: new Set(entries.map((entry) => entry.id)), first: first?.id, offset: first ? first.getBoundingClientRect().top : 0};
});
on('htmx:after:swap', () => {
  const here = scroller(), line = id(reading?.first ?? '');
  if (!here || !line) return;
  here.scrollTop += line.getBoundingClientRect().top - reading.offset;
  for (const entry of all('.te', here)) {
    if (entry === line) break;
    if (!reading.ids.has(entry.id)) unseen.add(entry.id);
  }
  reading = null;
  tellNew();
});
function tellNew() {
  const chip = id('timeline-new');
  if (!chip) return;
  const count = all('.te').filter((entry) => unseen.has(entry.id)).length;
  chip.hidden = count === 0;
  const words = count ? counted(WORDS.new_entries, count) : '';
  if (chip.textContent !== words) chip.textContent = words;
}
on('scroll', ({target}) => { if (target.id === 'timeline' && target.scrollTop <= 8 && unseen.size) { unseen.clear(); tellNew(); } });
on('click', ({target}) => { if (target.id === 'timeline-new') scroller().scrollTo({top: 0}); });

// --- 4 My open cases: as many as have the words ----------------------------------------------------------------------

function filter() {
  const field = id('cases-filter'), list = id('cases-list');
  if (!field || !list) return;
  const words = field.value.toLocaleLowerCase(root.lang).split(/\s+/).filter(Boolean);
  let group = null, left = 0;
  for (const row of list.rows) {
    if (row.matches('.grp')) { group = row; row.dataset.uiOff = ''; continue; }
    const fits = words.every((word) => row.textContent.toLocaleLowerCase(root.lang).includes(word));
    row.toggleAttribute('data-ui-off', !fits);
    if (fits) { left++; if (group) delete group.dataset.uiOff; }
  }
  id('cases').toggleAttribute('data-ui-none', left === 0);
}
on('input', ({target}) => { if (target.id === 'cases-filter') filter(); });
on('keydown', (event) => {
  if (event.target.id !== 'cases-filter' || event.key !== 'Escape' || !event.target.value) return;
  event.target.value = '';
  filter();
});
on('htmx:after:swap', filter);
