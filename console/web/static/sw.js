/* The desk's worker: shows the system's notification of a ring, and brings its Answer to a page. It stores and fetches nothing. */
'use strict';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

/* The page that is looked at, else any. Answering is the page's: it has the sign-in, and knows whether it still rings. */
async function tell({offer}, action) {
  const pages = (await self.clients.matchAll({type: 'window', includeUncontrolled: true})).filter((page) => /^\/desk(\/|$)/.test(new URL(page.url).pathname));
  const page = pages.find((each) => each.focused) ?? pages.find((each) => each.visibilityState === 'visible') ?? pages[0];
  if (!page) return self.clients.openWindow('/desk');
  page.postMessage({offer, action});
  return page.focus().catch(() => page);   // a browser may refuse it; the ring goes on there
}
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(tell(event.notification.data, event.action));
});
