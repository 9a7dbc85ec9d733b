/* The ring: one tab rings, whether it is in front or not; sound is proved before the agent becomes available. */
'use strict';
const ring = {
  tab: crypto.randomUUID?.() ?? String(Math.random()),
  offer: null,              // what this tab shows ringing
  rival: null,              // a tab with a better claim to ring for it
  heard: sessionStorage.getItem('ring-heard'),
  channel: new BroadcastChannel('console-ring'),
  notification: null,
};
const VOLUME = 0.6, TEST_MS = 900;

/* The better claim: a tab that may play (it was touched), then the lesser name. */
const claim = () => (navigator.userActivation?.hasBeenActive ?? true ? '0' : '1') + ring.tab;

function play() {
  const sound = id('ring');
  sound.volume = VOLUME;
  sound.currentTime = 0;
  return sound.play();
}
function stop() { const sound = id('ring'); sound.pause(); sound.currentTime = 0; }

ring.channel.onmessage = ({data: {offer, claim: theirs, gone}}) => {
  if (!ring.offer || offer !== ring.offer) return;
  if (gone) { if (ring.rival === theirs) { ring.rival = null; begin(); } return; }
  if (theirs < claim()) { ring.rival = theirs; stop(); }
  else if (!ring.rival) ring.channel.postMessage({offer, claim: claim()});
};

function begin() {
  ring.channel.postMessage({offer: ring.offer, claim: claim()});
  play().catch(() => {});   // no gesture in this tab yet: the notification and the title still say it, and the next gesture rings
}
for (const name of ['pointerdown', 'keydown']) on(name, () => {
  if (ring.offer && !ring.rival && id('ring').paused) begin();
});

function notify(bar) {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  ring.notification = new Notification(bar.dataset.ringTitle, {body: bar.dataset.ringBody, tag: bar.dataset.ring, requireInteraction: true});
  ring.notification.onclick = () => { window.focus(); ring.notification?.close(); };
}

function end() {
  if (!ring.offer) return;
  ring.offer = ring.rival = null;
  stop();
  ring.notification?.close();
  ring.notification = null;
}

/* What the Bar says rings is what rings. */
function follow() {
  const bar = id('bar'), offer = bar?.dataset.ring ?? null;
  if (offer === ring.offer) return;
  end();
  if (!offer) return;
  ring.offer = offer;
  begin();
  notify(bar);
}
on('pagehide', () => { if (ring.offer && !ring.rival) ring.channel.postMessage({offer: ring.offer, claim: claim(), gone: true}); });
on('htmx:after:swap', follow);
on('DOMContentLoaded', () => { follow(); tellHeard(); });

// --- the ring check -------------------------------------------------------------------------------------------------

function tellHeard() {
  const line = id('ring-heard');
  if (ring.heard) root.dataset.uiHeard = '';
  else delete root.dataset.uiHeard;
  if (line && ring.heard) line.textContent = fill(WORDS.heard, {time: ring.heard});
  if (window.Notification?.permission === 'granted') root.dataset.uiAlerts = '';
}
on('htmx:after:swap', tellHeard);

/* Play it once, in the gesture that asked; true where the browser did. */
async function test() {
  try { await play(); } catch { ring.heard = null; sessionStorage.removeItem('ring-heard'); tellHeard(); return false; }
  setTimeout(() => { if (!ring.offer) stop(); }, TEST_MS);
  ring.heard = new Intl.DateTimeFormat(root.lang === 'en-XA' ? 'en' : root.lang, {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'}).format();
  sessionStorage.setItem('ring-heard', ring.heard);
  tellHeard();
  return true;
}
/* Becoming available is the gesture that browsers want before sound: it rings once, and only then is sent. */
on('click', async (event) => {
  const button = event.target.closest?.('[data-ring-check],[data-ring-test]');
  if (!button) return;
  if (window.Notification?.permission === 'default') Notification.requestPermission().then(tellHeard);
  if (!await test()) { refuse(WORDS.silent); return; }
  id('refusal').replaceChildren();
  if ('ringCheck' in button.dataset) htmx.trigger(id(button.id) ?? button, 'heard');
});
