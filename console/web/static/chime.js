/* What is heard besides the ring, by whoever asked for it in their profile: soft notes, in one tab, never over a ring. In a call only a tick. */
'use strict';
const CHIMES = {message: [660, 880], warning: [880], breach: [880, 587], handover: [523, 659, 784]};
const TICK = {breach: [880]};
const EACH_S = 0.14, LOUD = 0.25, LOUD_IN_CALL = 0.06;
const HEARD = {'sla.warned': 'warning', 'sla.breached': 'breach', 'case.escalated': 'handover'};
let unread = null, last = null;

function chime(what) {
  const inCall = document.querySelector('#bar:is(.call, .hold)');
  const notes = (inCall ? TICK : CHIMES)[what];
  if (!notes || !root.dataset.sounds.split(' ').includes(what) || document.querySelector('#bar.offer')) return;
  navigator.locks.request('console-chime', {ifAvailable: true}, async (mine) => {
    if (!mine) return;                                  // another tab plays it
    const sound = new AudioContext(), gain = (inCall ? LOUD_IN_CALL : LOUD) * root.dataset.ringVolume / 100;
    const volume = new GainNode(sound, {gain});
    volume.connect(sound.destination);
    notes.forEach((pitch, place) => {
      const note = new OscillatorNode(sound, {frequency: pitch});
      note.connect(volume);
      note.start(sound.currentTime + place * EACH_S);
      note.stop(sound.currentTime + (place + 1) * EACH_S);
    });
    dispatchEvent(new CustomEvent('console:chimed', {detail: what}));
    await new Promise((over) => setTimeout(over, 1000));
    await sound.close();
  });
}
/* What was there when the page came is no news. */
function heed() {
  const now = Number(id('bell')?.dataset.unread ?? 0), told = id('polite')?.dataset;
  if (unread !== null && now > unread) chime('message');
  unread = now;
  const said = told ? `${told.said} ${told.of}` : last;
  if (last !== null && said !== last && HEARD[told.said]) chime(HEARD[told.said]);
  last = said;
}
on('htmx:after:swap', heed);
on('DOMContentLoaded', heed);
