/* The buttons of a headset, where the browser reaches it (WebHID): hook, mute, hold and drop do what the Bar's keys do,
   and its lights follow the Bar. Usages are those of the USB tables, page 0x0B (telephony) and 0x08 (lights). */
'use strict';
{
const TELEPHONY = 0x0b;
const usage = (page, number) => page << 16 | number;
const HOOK = usage(TELEPHONY, 0x20);
const PRESSED = new Map([[usage(TELEPHONY, 0x21), 'l'], [usage(TELEPHONY, 0x23), 'l'], [usage(TELEPHONY, 0x26), 'q'], [usage(TELEPHONY, 0x2f), 'm']]);
const LIGHTS = new Map([[usage(8, 0x09), '.call [aria-pressed="true"]'], [usage(8, 0x17), '.call, .hold, .consult'], [usage(8, 0x18), '.offer'], [usage(8, 0x20), '.hold']]);
const lit = (shown) => shown.split(', ').some((state) => document.querySelector(`#bar${state}`));
let device = null, on_now = new Set(), last_lit = '';

/* Where each usage stands in a report: bit by bit, one after another, as the device describes it. */
function places(reports) {
  return reports.flatMap(({reportId, items}) => {
    let at = 0;
    return items.flatMap((item) => {
      const from = at, size = item.reportSize;
      at += size * item.reportCount;
      if (item.isConstant) return [];
      return Array.from({length: item.reportCount}, (_, nth) => ({
        report: reportId, bit: from + nth * size, size, list: item.isArray ? item : null,
        usage: item.isRange ? item.usageMinimum + nth : item.usages?.[Math.min(nth, item.usages.length - 1)],
      }));
    });
  });
}
const reports = (kind) => device.collections.filter((each) => each.usagePage === TELEPHONY || kind === 'outputReports').flatMap((each) => each[kind] ?? []);
function read(data, {bit, size}) {
  let value = 0;
  for (let nth = 0; nth < size; nth += 1) {
    const at = bit + nth;
    if (at >> 3 < data.byteLength) value |= (data.getUint8(at >> 3) >> (at & 7) & 1) << nth;
  }
  return value;
}
/* A field is a usage's switch, or (a list) holds the number of one. */
function usagesIn(report, data) {
  const found = new Set();
  for (const place of places(reports('inputReports')).filter((each) => each.report === report)) {
    const value = read(data, place), {list} = place;
    if (list && value >= list.logicalMinimum && value <= list.logicalMaximum) found.add(list.isRange ? list.usageMinimum + value - list.logicalMinimum : list.usages[value - list.logicalMinimum]);
    else if (!list && value) found.add(place.usage);
  }
  return found;
}
const press = (key) => { const control = answering('data-key', key); if (control) go(control); };

function heard({reportId, data}) {
  const now = usagesIn(reportId, data), before = on_now;
  on_now = now;
  const lifted = now.has(HOOK), was = before.has(HOOK);
  if (lifted && !was && document.querySelector('#bar.offer')) press('a');
  if (!lifted && was) press('q');
  for (const [each, key] of PRESSED) if (now.has(each) && !before.has(each)) press(key);
}

/* Its lights, by which many headsets know what their buttons mean. */
function light() {
  if (!device?.opened) return;
  const wanted = [...LIGHTS].filter(([, shown]) => lit(shown)).map(([each]) => each);
  if (String(wanted) === last_lit) return;
  last_lit = String(wanted);
  const all_places = places(reports('outputReports'));
  for (const report of new Set(all_places.filter((each) => LIGHTS.has(each.usage)).map((each) => each.report))) {
    const own_places = all_places.filter((each) => each.report === report);
    const bytes = new Uint8Array(Math.ceil(Math.max(...own_places.map(({bit, size}) => bit + size)) / 8));
    for (const {bit, usage: each} of own_places) if (wanted.includes(each)) bytes[bit >> 3] |= 1 << (bit & 7);
    device.sendReport(report, bytes).catch(() => {});
  }
}
on('htmx:after:swap', light);

/* One tab has it; the next takes over when that one closes. */
async function use(found) {
  await navigator.locks.request('console-headset', async () => {
    if (!found.opened) await found.open();
    device = found;
    device.addEventListener('inputreport', heard);
    light();
    tell();
    await new Promise((gone) => navigator.hid.addEventListener('disconnect', (event) => { if (event.device === found) gone(); }));
    device = null;
    tell();
  });
}
function tell() { if (id('headset-name')) id('headset-name').textContent = device?.productName ?? ''; }
const ours = (found) => found.collections.some((each) => each.usagePage === TELEPHONY);
const begin = (found) => { for (const each of found.filter(ours).slice(0, 1)) use(each).catch(() => refuse(WORDS.no_headset)); };

if (navigator.hid && navigator.locks) {
  on('DOMContentLoaded', async () => { root.dataset.uiHeadset = ''; begin(await navigator.hid.getDevices()); });
  navigator.hid.addEventListener('connect', ({device: found}) => { if (!device) begin([found]); });
  on('click', async (event) => {
    if (event.target.closest?.('#headset-choose')) begin(await navigator.hid.requestDevice({filters: [{usagePage: TELEPHONY}]}).catch(() => []));
  });
}
}
