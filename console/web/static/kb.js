/* Knowledge: what was opened is looked at first; back to the script; a text that waits to be saved. */
'use strict';

on('htmx:after:swap', ({detail}) => {
  const ctx = detail?.ctx, from = ctx?.sourceElement;
  if (!from?.matches?.('.hit, [data-follows], #kb-back')) return;
  if (id('kb-title')) id('kb-scroll')?.scrollTo(0, 0);
  const {left} = from.dataset;      // back at the list, where it was left
  (id('kb-title') ?? id(`hit-${left}`) ?? id(`suggested-${left}`))?.focus();
  markFound(from.matches('.hit') ? from : null);
});
/* The words by which an article was found are marked in it too; its own text stays as it is. */
function markFound(hit) {
  CSS.highlights?.delete('found');
  const words = new Set(hit ? all('mark', hit).map((mark) => mark.textContent.toLocaleLowerCase()) : []);
  const prose = document.querySelector('.art .prose, #kb-article .prose');
  if (!prose || !words.size || !CSS.highlights) return;
  const plainly = (word) => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const whole = (word) => /\p{Script=Han}/u.test(word) ? plainly(word) : `(?<!\\p{L})${plainly(word)}(?!\\p{L})`;
  const sought = new RegExp([...words].map(whole).join('|'), 'giu'), lit = new Highlight();
  const texts = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) for (const {index, 0: found} of texts.currentNode.data.matchAll(sought)) {
    const range = new Range();
    range.setStart(texts.currentNode, index);
    range.setEnd(texts.currentNode, index + found.length);
    lit.add(range);
  }
  CSS.highlights.set('found', lit);
}
on('DOMContentLoaded', () => markFound(document.querySelector('#kb-list [aria-current]')));
/* A link to another article opens where this one is read; with Ctrl or Shift it is the browser's, as every link. */
on('click', (event) => {
  const link = event.target.closest?.('.prose a[href^="/kb/"]'), read = link?.closest('[data-follows]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!read) { link.search = location.search; return; }
  event.preventDefault();
  const trail = [id('kb-trail').value, read.dataset.number].join(' ').trim();
  htmx.ajax('POST', `${read.dataset.follows}/${link.pathname.split('/').at(-1)}/opened`, {source: read, values: {trail}});
});
/* From the line one types in to what was found, and back; Enter opens what the hand stands on. */
on('keydown', (event) => {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  const field = event.target.matches?.('#kb-q, .kbask input'), item = event.target.closest?.('.hits [data-rove-item]');
  const list = field && all('.hits[data-rove]').find(visible);
  if (list && event.key === 'ArrowDown') standing(list)?.focus();
  else if (item && event.key === 'ArrowUp' && item === items(item.closest('[data-rove]'))[0]) (id('kb-q') ?? document.querySelector('.kbask input')).focus();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
});
/* Where the browser keeps the clipboard to itself, the address is shown to be copied by hand. */
on('click', async (event) => {
  const button = event.target.closest?.('[data-copies]');
  if (!button) return;
  const address = new URL(button.dataset.copies, location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    button.dataset.uiCopied = '';
  } catch { prompt(button.querySelector('.to-copy').textContent, address); }
});
on('console:opened', ({target}) => { if (target.matches('.because')) target.querySelector('textarea').focus(); });
on('click', (event) => {
  const goes = event.target.closest?.('[data-goes]');
  if (goes) id(goes.dataset.goes)?.focus();
});

// --- The editor: signs put in at the cursor, pictures kept by the server and named in the text ------------------------

function put(text, around = false) {
  const field = id('ed-body'), {selectionStart: from, selectionEnd: to} = field;
  const chosen = field.value.slice(from, to);
  field.setRangeText(around ? text + chosen + text : text + chosen, from, to, 'end');
  field.focus();
  field.dispatchEvent(new Event('input', {bubbles: true}));
}
on('click', (event) => {
  const button = event.target.closest?.('[data-puts]');
  if (!button) return;
  const sign = button.dataset.puts, fresh = id('ed-body').selectionStart && id('ed-body').value[id('ed-body').selectionStart - 1] !== '\n';
  if (sign === '**') put(sign, true);
  else if (sign.startsWith(':::')) put(`${fresh ? '\n\n' : ''}${sign}\n\n:::\n`);
  else put((sign.startsWith('[') || !fresh ? '' : '\n') + sign);
});
on('change', async ({target}) => {
  if (!target.dataset?.image || !target.files.length) return;
  const [file] = target.files, token = JSON.parse(document.body.getAttribute('hx-headers:inherited'))['X-CSRF-Token'];
  const answer = await fetch(target.dataset.image, {method: 'POST', body: file, headers: {'X-CSRF-Token': token}});
  const text = await answer.text();
  target.value = '';
  if (answer.ok) put(`![${file.name.replace(/\.\w+$/, '')}](image:${text})`);
  else id('refusal').replaceWith(new DOMParser().parseFromString(text, 'text/html').getElementById('refusal') ?? id('refusal'));
});
