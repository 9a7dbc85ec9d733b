/* Where a case may go is asked for when somebody wants to send it. */
'use strict';
{
on('console:opened', ({target}) => {
  if (target.id !== 'escalate') return;
  htmx.trigger(id('escalate-found'), 'look');
  (id('escalate-to') ?? id('escalate-reason')).focus();
});
}
