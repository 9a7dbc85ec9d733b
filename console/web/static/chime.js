/* A supervisor's message is heard by whoever asked for that in their profile: two soft notes, in one tab, never over a ring or a call. */
'use strict';
const CHIME = {notes: [660, 880], each: 0.14, loud: 0.25};
let unread = null;

function chime() {
  if (root.dataset.messageSound !== 'on' || document.querySelector('#bar:is(.offer, .call, .hold)')) return;
  navigator.locks.request('console-chime', {ifAvailable: true}, async (mine) => {
    if (!mine) return;                                  // another tab plays it
    const sound = new AudioContext(), volume = new GainNode(sound, {gain: CHIME.loud * root.dataset.ringVolume / 100});
    volume.connect(sound.destination);
    CHIME.notes.forEach((pitch, place) => {
      const note = new OscillatorNode(sound, {frequency: pitch});
      note.connect(volume);
      note.start(sound.currentTime + place * CHIME.each);
      note.stop(sound.currentTime + (place + 1) * CHIME.each);
    });
    dispatchEvent(new CustomEvent('console:chimed'));
    await new Promise((over) => setTimeout(over, 1000));
    await sound.close();
  });
}
/* What was unread when the page came is no news. */
function heed() {
  const now = Number(id('bell')?.dataset.unread ?? 0);
  if (unread !== null && now > unread) chime();
  unread = now;
}
on('htmx:after:swap', heed);
on('DOMContentLoaded', heed);
