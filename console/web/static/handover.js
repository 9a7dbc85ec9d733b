/* Where a case may go is asked for when somebody wants to send it; from the packet to what the case waits for. */
'use strict';
{
on('console:opened', ({target}) => {
  if (target.id !== 'escalate') return;
  htmx.trigger(id('escalate-found'), 'look');
  (id('escalate-to') ?? id('escalate-reason')).focus();
});
/* An address that names a part of the desk is meant for the hand: the note's text, or the script. */
on('DOMContentLoaded', () => {
  const part = /^#(note|script)$/.test(location.hash) && id(location.hash.slice(1));
  if (part) (part.querySelector('textarea[data-key]') ?? part).focus();
});
}
