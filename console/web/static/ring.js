/* The ring: one tab rings, whether it is in front or not; sound is proved before the agent becomes available. */
'use strict';
{
const ring = {
  offer: null,              // what this tab shows ringing
  turn: null,               // its place in the line of tabs that would sound it; abort() gives it up
  heard: sessionStorage.getItem('ring-heard'),
  notification: null,       // where there is no worker to show it
  worker: null,
};
const TEST_MS = 900;

function play() {
  const sound = id('ring');
  sound.volume = (Number(root.dataset.ringVolume) || 60) / 100;
  sound.currentTime = 0;
  return sound.play();
}
function stop() { const sound = id('ring'); sound.pause(); sound.currentTime = 0; }

/* The tab that has the lock rings. It goes to the next when the ring ends here, when this tab may not play, and when it closes or dies. */
function begin() {
  const offer = ring.offer, turn = new AbortController();
  ring.turn = turn;
  stop();   // the ring check, if it still sounds: it is no turn
  const sound = async () => {
    try { await play(); } catch { ring.turn = null; return; }   // no gesture in this tab yet: the next one asks again
    if (ring.offer !== offer) return stop();
    await new Promise((over) => turn.signal.addEventListener('abort', over));
  };
  if (navigator.locks) navigator.locks.request('console-ring', {signal: turn.signal}, sound).catch(() => {});
  else sound();
}
for (const name of ['pointerdown', 'keydown']) on(name, () => { if (ring.offer && !ring.turn) begin(); });

function end() {
  if (!ring.offer) return;
  const offer = ring.offer;
  ring.offer = null;
  ring.turn?.abort();
  ring.turn = null;
  stop();
  unnotify(offer);
}

/* What the Bar says rings is what rings. */
function follow() {
  const bar = id('bar'), offer = bar?.dataset.ring ?? null;
  if (offer === ring.offer) return;
  end();
  if (!offer) return;
  ring.offer = offer;
  begin();
  notify(bar.dataset);
}
on('htmx:after:swap', follow);
on('DOMContentLoaded', () => { follow(); tellHeard(); tellDevice(); });

// --- the system's notification: by a worker it has an Answer; without one it leads to the page ------------------------

if ('serviceWorker' in navigator) {
  ring.worker = navigator.serviceWorker.register('/desk/sw.js', {scope: '/desk'}).catch(() => null);
  navigator.serviceWorker.onmessage = ({data}) => { if (data.action === 'answer') answer(data.offer); };
}
/* All tabs show it under one tag, so the system shows one. */
async function notify({ring: offer, ringTitle, ringBody}) {
  if (window.Notification?.permission !== 'granted') return;
  const options = {body: ringBody, tag: offer, requireInteraction: true, data: {offer}};
  const worker = await ring.worker;
  if (ring.offer !== offer) return;
  if (worker?.active) await worker.showNotification(ringTitle, {...options, actions: [{action: 'answer', title: WORDS.answer}]});
  else {
    ring.notification = new Notification(ringTitle, options);
    ring.notification.onclick = () => { window.focus(); ring.notification?.close(); };
  }
  if (ring.offer !== offer) unnotify(offer);   // it ended while the system was being told
}
async function unnotify(offer) {
  ring.notification?.close();
  ring.notification = null;
  for (const shown of await (await ring.worker)?.getNotifications({tag: offer}) ?? []) shown.close();
}
/* Answer on the notification is Answer on the Bar, if that still asks for the same. */
function answer(offer) {
  if (id('bar')?.dataset.ring === offer) id('bar-answer').click();
  else refuse(WORDS.ring_over);
}

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
  ring.heard = own(new Intl.DateTimeFormat('en', {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'}).format());
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

// --- the ring device: of this computer, so it is kept in this browser -------------------------------------------------

const DEVICE = 'ring-device';
const mine = () => JSON.parse(localStorage.getItem(DEVICE) ?? 'null') ?? {device: '', label: ''};
const canChoose = () => 'setSinkId' in HTMLMediaElement.prototype && Boolean(navigator.mediaDevices);

async function useDevice() {
  const {device} = mine();
  if (!canChoose()) return true;
  return id('ring').setSinkId(device).then(() => true, () => false);
}
/* A device that is gone is no reason not to ring: the usual one does, and the Bar says which. */
async function tellDevice() {
  if (!await useDevice()) { localStorage.removeItem(DEVICE); await useDevice(); }
  for (const line of all('[data-ring-device]')) line.textContent = mine().label || WORDS.usual_device;
}
on('htmx:after:swap', () => {
  for (const line of all('[data-ring-device]:empty')) line.textContent = mine().label || WORDS.usual_device;
});
navigator.mediaDevices?.addEventListener('devicechange', tellDevice);

/* Browsers name loudspeakers only to a page that was allowed to: by their own chooser, or with the microphone. */
async function devices() {
  const outputs = async () => (await navigator.mediaDevices.enumerateDevices()).filter((each) => each.kind === 'audiooutput');
  const found = await outputs();
  if (found.some((each) => each.label)) return found;
  try { for (const track of (await navigator.mediaDevices.getUserMedia({audio: true})).getTracks()) track.stop(); } catch { return found; }
  return outputs();
}
async function listDevices() {
  const list = id('sound-device');
  if (!list || !canChoose() || navigator.mediaDevices.selectAudioOutput) return;
  const found = (await devices()).filter((each) => each.deviceId !== 'default' && each.label);
  const option = (value, label) => Object.assign(document.createElement('option'), {value, textContent: label, selected: value === mine().device});
  list.replaceChildren(option('', WORDS.usual_device), ...found.map((each) => option(each.deviceId, each.label)));
}
function keep(device, label) {
  if (device) localStorage.setItem(DEVICE, JSON.stringify({device, label}));
  else localStorage.removeItem(DEVICE);
  return tellDevice();
}
on('console:opened', ({target}) => { if (target.id === 'sound') listDevices(); });
on('change', async ({target}) => {
  if (target.id !== 'sound-device') return;
  await keep(target.value, target.value ? target.selectedOptions[0].textContent : '');
  await test();
});
on('click', async (event) => {
  if (!event.target.closest?.('#sound-choose')) return;
  const {deviceId, label} = await navigator.mediaDevices.selectAudioOutput().catch(() => ({}));
  if (deviceId) { await keep(deviceId, label); await test(); }
});
on('DOMContentLoaded', () => {
  root.dataset.uiOutput = !canChoose() ? 'one' : navigator.mediaDevices.selectAudioOutput ? 'asked' : 'listed';
});
}
