/* The palette: every action that the page has now, by name, with its key, read off the controls themselves; and cases. */
'use strict';
{
const palette = {run: new Map(), asking: 0};
const FIND_MS = 200, FOUND_MAX = 5;
const paletteSearch = () => id('palette-search');

/* The control's own words without its key; a field's are its label's. */
function nameOf(control) {
  if (control.dataset.command) return control.dataset.command;
  if (typing(control)) return control.labels?.[0]?.textContent.trim() || control.getAttribute('aria-label') || '';
  if (control.matches('button, a')) {
    const words = control.cloneNode(true);
    for (const aside of all('kbd, svg, .clock, .to', words)) aside.remove();
    return words.textContent.trim() || control.getAttribute('aria-label') || '';
  }
  return control.getAttribute('aria-label') ?? '';
}
/* Of a closed menu too, but nothing that is hidden because it does not apply. */
const applies = (control) => !control.closest('[hidden]') && (visible(control) || control.closest('[popover]:not([data-digits])') || control.closest('#state-menu'));

function gather() {
  const found = new Map();
  const controls = all('[data-key], [data-single], [data-command]');
  controls.sort((one, other) => Boolean(other.closest('#bar')) - Boolean(one.closest('#bar')));   // what is asked now comes first
  for (const control of controls) {
    const name = nameOf(control);
    if (name && applies(control) && !found.has(name)) found.set(name, control);
  }
  return found;
}
const keyOf = (control) => control.dataset.key ? fill(WORDS.alt, {key: control.dataset.key.toUpperCase()}) : singleKeys() && control.dataset.single ? control.dataset.single.toUpperCase() : '';

function draw() {
  palette.run.clear();
  const options = [...gather()].map(([name, control], index) => {
    const option = document.createElement('li'), key = keyOf(control), icon = control.querySelector(':scope > svg.i');
    option.id = `palette-${index}`;
    option.className = 'opt';
    option.setAttribute('role', 'option');
    if (icon) option.append(icon.cloneNode(true));
    option.append(Object.assign(document.createElement('span'), {className: 'grow', textContent: name}));
    if (key) option.append(Object.assign(document.createElement('kbd'), {textContent: key}));
    palette.run.set(option.id, {name: control.id, control});
    return option;
  });
  id('palette-list').replaceChildren(...options);
}
function narrow() {
  const words = paletteSearch().value.toLocaleLowerCase(root.lang).split(/\s+/).filter(Boolean);
  for (const option of all('[role="option"]:not([data-case])', id('palette-list'))) {
    const name = option.textContent.toLocaleLowerCase(root.lang);
    if (words.every((word) => name.includes(word))) delete option.dataset.uiOff; else option.dataset.uiOff = '';
  }
  const left = optionsOf(paletteSearch());
  id('palette-nothing').hidden = left.length > 0;
  pick(paletteSearch(), left[0] ?? null);
}
/* Cases by number, subject or customer, below the actions; the first stays chosen. */
async function findCases(words) {
  const answer = words.length < 2 ? null : await fetch(`/api/v1/cases?limit=${FOUND_MAX}&q=${encodeURIComponent(words)}`).catch(() => null);
  const found = answer?.ok ? (await answer.json()).items : [];
  if (paletteSearch().value.trim() !== words) return;
  for (const old of all('[data-case]', id('palette-list'))) old.remove();
  for (const {number, subject, customer_name} of found) {
    const option = Object.assign(document.createElement('li'), {id: `palette-case-${number}`, className: 'opt'});
    option.setAttribute('role', 'option');
    option.dataset.case = number;
    const told = (tag, className, text) => Object.assign(document.createElement(tag), {className, textContent: text});
    option.append(told('bdi', 'num subtle', number), told('bdi', 'cut', subject), told('bdi', 'sm subtle sp', customer_name ?? ''));
    id('palette-list').append(option);
  }
  const left = optionsOf(paletteSearch());
  id('palette-nothing').hidden = left.length > 0;
  pick(paletteSearch(), chosen(paletteSearch()) ?? left[0] ?? null);
}
function runChosen() {
  const found = chosen(paletteSearch())?.dataset.case;
  if (found) { location.assign(`/desk/cases/${encodeURIComponent(found)}`); return; }
  const run = palette.run.get(chosen(paletteSearch())?.id);
  if (!run) return;
  id('palette').hidePopover();
  const control = id(run.name) ?? run.control;
  if (control.matches('.mi, .ans')) control.click(); else go(control);
}

on('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.repeat || event.isComposing || letter(event) !== 'k') return;
  event.preventDefault();
  id('palette')?.togglePopover();
  prepare(id('palette'));
});
on('console:opened', ({target}) => {
  if (target.id !== 'palette') return;
  paletteSearch().value = '';
  draw();
  narrow();
  paletteSearch().focus();
});
on('input', ({target}) => {
  if (target.id !== 'palette-search') return;
  narrow();
  clearTimeout(palette.asking);
  palette.asking = setTimeout(findCases, FIND_MS, target.value.trim());
});
on('keydown', (event) => { if (event.key === 'Enter' && event.target.id === 'palette-search' && !event.isComposing) { event.preventDefault(); runChosen(); } });
on('click', (event) => {
  const option = event.target.closest?.('#palette-list [role="option"]');
  if (option) { pick(paletteSearch(), option); runChosen(); }
});

// What a screen reader is not told by itself, because it never ends: the figures of the queues, when asked for.
on('click', (event) => {
  if (!event.target.closest?.('#read-queues')) return;
  const said = all('#queues tr, #queues li').map((row) => row.textContent.trim().replace(/\s+/g, ' ')).join('. ');
  id('polite').textContent = said || WORDS.no_queues;
});
}
