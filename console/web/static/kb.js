/* Knowledge: what was opened is looked at first; back to the script; a text that waits to be saved. */
'use strict';

on('htmx:after:swap', ({detail}) => {
  const ctx = detail?.ctx, from = ctx?.sourceElement;
  if (from?.matches?.('.hit')) id('kb-title')?.focus();
});
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
