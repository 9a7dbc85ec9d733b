/* Knowledge as its authors see it: up and down through the tree of topics. */
'use strict';

on('keydown', (event) => {
  const here = event.target.closest?.('.tree a'), step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (!here || (!step && event.key !== 'Home' && event.key !== 'End')) return;
  event.preventDefault();
  const ways = all('.tree a');
  const to = step ? ways.indexOf(here) + step : event.key === 'Home' ? 0 : ways.length - 1;
  ways[Math.max(0, Math.min(to, ways.length - 1))].focus();
});
