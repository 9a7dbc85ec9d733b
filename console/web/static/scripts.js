/* The workbench of a script: a step or a check leads to its line, a name goes where the hand was, a saved draft goes on
   from its own version. */
'use strict';

const source = () => document.getElementById('source');

on('click', (event) => {
  const at = event.target.closest?.('[data-line]'), name = event.target.closest?.('[data-insert]');
  if (at && source()) toLine(Number(at.dataset.line));
  if (name && source()) insert(name.dataset.insert);
});

function toLine(line) {
  const area = source(), lines = area.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] ?? '').length);
  area.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(area).lineHeight));
}
function insert(name) {
  const area = source();
  area.focus();
  area.setRangeText(name, area.selectionStart, area.selectionEnd, 'end');
  area.dispatchEvent(new Event('input', {bubbles: true}));
}

// When it is sent, not when it was queued: the saving before it may have made a version meanwhile.
on('htmx:before:request', ({detail: {ctx: {sourceElement, request}}}) => {
  if (sourceElement.id === 'source') request.body.set('version', document.getElementById('source-version').value);
});
on('htmx:finally:request', ({detail: {ctx}}) => {
  const version = ctx.sourceElement.id === 'source' && ctx.response?.status < 400 && ctx.response.headers.get('etag');
  if (version) document.getElementById('source-version').value = version.replaceAll('"', '');
});
