/* The Bar: the tab's title, what is asked and not yet answered, its state by HTTP while the line is lost, transfer and digits. */
'use strict';
{
// --- 1 The title and the icon of the tab -----------------------------------------------------------------------------

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

// --- 2 Pending: shown after 150 ms, until the answer; never ahead of it ----------------------------------------------

const PENDING_MS = 150;
const asked = new WeakMap();

on('htmx:before:request', ({detail: {ctx}}) => {
  const control = ctx.sourceElement;
  if (!control.matches?.('button, form')) return;
  const shown = control.matches('form') ? document.querySelector(`[form="${CSS.escape(control.id)}"], #${CSS.escape(control.id)} [type="submit"]`) : control;
  if (shown?.id) asked.set(ctx, {name: shown.id, timer: setTimeout(() => { if (id(shown.id)) id(shown.id).dataset.uiPending = ''; }, PENDING_MS)});
});
on('htmx:finally:request', ({detail: {ctx}}) => {
  const pending = asked.get(ctx);
  if (!pending) return;
  clearTimeout(pending.timer);
  delete id(pending.name)?.dataset.uiPending;
});

// What worked makes an older refusal untrue.
on('htmx:finally:request', ({detail: {ctx}}) => {
  if (ctx.response?.status < 400 && ctx.sourceElement.closest?.(`#refusal, ${ARMED}`) && !ctx.sourceElement.matches('[hx-get]')) id('refusal').replaceChildren();
});

// --- 3 While the line is lost the Bar is asked for by HTTP, which may still work --------------------------------------

const BY_HTTP_S = 2;
let lostFor = 0;
const follow_by_http = () => { if (id('by-http')) htmx.trigger(id('by-http'), 'look'); };
on('console:second', () => {
  lostFor = root.dataset.uiLine === 'lost' ? lostFor + 1 : 0;
  if (lostFor && lostFor % BY_HTTP_S === 0) follow_by_http();
});
on('htmx:finally:request', ({detail: {ctx}}) => {
  if (lostFor && ctx.response?.status < 400 && ctx.sourceElement.closest?.(ARMED)) follow_by_http();
});

// --- 4 Transfer: type, choose, act -------------------------------------------------------------------------------------

const transferSearch = () => id('transfer-search');
const mode = () => id('transfer-form').elements.kind.value;

/* What Enter would do now, on the button; and why it would not. */
function sayTransfer() {
  const act = id('transfer-act');
  if (!act || !transferSearch()) return;
  const option = chosen(transferSearch()), no = option?.dataset[mode() === 'attended' ? 'noAttended' : 'noBlind'];
  id('transfer-to').value = option ? option.dataset.to : '';
  const words = no ?? option?.dataset[mode()] ?? act.dataset.nobody;
  if (id('transfer-words').textContent !== words) id('transfer-words').textContent = words;
  if (!option || no) act.setAttribute('aria-disabled', 'true'); else act.removeAttribute('aria-disabled');
}
function findTargets() { if (transferSearch()) htmx.trigger(transferSearch(), 'look'); }

on('console:opened', ({target}) => {
  if (target.id !== 'transfer') return;
  const search = transferSearch();
  search.value = '';
  search.removeAttribute('aria-activedescendant');
  search.focus();
  findTargets();
});
on('beforetoggle', ({target, newState}) => { if (target.id === 'transfer' && newState === 'closed') id('targets')?.replaceChildren(); });
on('console:picked', ({target}) => { if (target.id === 'transfer-search') sayTransfer(); });
on('change', ({target}) => { if (target.form?.id === 'transfer-form' && target.name === 'kind') sayTransfer(); });
on('htmx:after:swap', () => {
  const search = transferSearch();
  if (!search || !id('transfer').matches(':popover-open')) return;
  const options = optionsOf(search);
  id('transfer-nobody').hidden = options.length > 0 || !search.value;
  pick(search, options.find((option) => option.id === search.getAttribute('aria-activedescendant')) ?? chosen(search) ?? options[0] ?? null);
});
on('click', (event) => {
  const option = event.target.closest?.('#targets [role="option"]');
  if (option) pick(transferSearch(), option);
});
on('dblclick', (event) => { if (event.target.closest?.('#targets [role="option"]')) id('transfer-form').requestSubmit(); });
on('submit', (event) => {
  if (event.target.id === 'transfer-form' && id('transfer-act').hasAttribute('aria-disabled')) { event.preventDefault(); event.stopImmediatePropagation(); }
});
on('htmx:finally:request', ({detail: {ctx}}) => {
  if (ctx.sourceElement.id === 'transfer-form' && ctx.response?.status < 400) id('transfer')?.hidePopover();
});
on('console:second', () => { if (id('transfer')?.matches(':popover-open') && Math.round(serverNow() / 1000) % 5 === 0) findTargets(); });

// --- 5 Digits: each is sent at once, in order ----------------------------------------------------------------------------

on('console:opened', ({target}) => {
  if (target.id !== 'digits') return;
  id('digits-sent').textContent = '';
  target.querySelector('button').focus();
});
on('keydown', (event) => {
  if (!id('digits')?.matches?.(':popover-open') || event.ctrlKey || event.altKey || event.metaKey || event.repeat || typing(event.target)) return;
  const key = all('#digits [data-dtmf]').find((each) => each.dataset.dtmf === event.key);
  if (key) { event.preventDefault(); key.click(); }
});
on('htmx:finally:request', ({detail: {ctx}}) => {
  const sent = ctx.sourceElement.dataset?.dtmf;
  if (sent && ctx.response?.status < 400 && id('digits-sent')) id('digits-sent').textContent += sent;
});
}
