// What was promised to a customer, as a clock: how long is left, whether it is paused, warned or late.
import { now } from './clock.js';
import { h, setText } from './dom.js';
import { fullTime, pair, span, t } from './text.js';

/** @typedef {{kind: string, due: number, from: number, isPaused: boolean, percent: number}} Due */

/**
 * What was found of each ticket; a changed ticket is another object.
 * @type {WeakMap<any, Due | null>}
 */
const found = new WeakMap();

/**
 * The promise that ends first and is neither kept nor ended.
 * @param {API.Ticket} ticket
 * @returns {Due | null}
 */
export function nearest(ticket) {
  let due = found.get(ticket);
  if (due === undefined) found.set(ticket, (due = search(ticket)));
  return due;
}

/** @param {any} ticket @returns {Due | null} */
function search(ticket) {
  /** @type {Due | null} */
  let first = null;
  for (const [kind, clock] of Object.entries(ticket.clocks ?? {})) {
    if (!clock || clock.met_at || clock.ended_at || !clock.due_at) continue;
    const due = Date.parse(clock.due_at);
    const found = { kind, due, from: due - clock.allowed_seconds * 1000, isPaused: Boolean(clock.paused_at), percent: clock.notified_percent };
    if (!first || (first.isPaused && !found.isPaused) || (first.isPaused === found.isPaused && found.due < first.due)) first = found;
  }
  return first;
}

/**
 * Sorts tickets: what is due first, then those whose clocks are paused, then those without a promise.
 * @param {any} a
 * @param {any} b
 */
export function byDue(a, b) {
  const [first, second] = [nearest(a), nearest(b)];
  const rank = (/** @type {Due | null} */ due) => (due === null ? 2 : due.isPaused ? 1 : 0);
  return rank(first) - rank(second) || (first?.due ?? 0) - (second?.due ?? 0) || (a.ticket_id < b.ticket_id ? -1 : 1);
}

/** An element that shows a promise. */
export function promiseElement() {
  return h('span', { class: 'promise' }, h('span', { class: 'promise-sign', 'aria-hidden': 'true' }), h('span', { class: 'promise-figure' }),
    h('span', { class: 'promise-bar', 'aria-hidden': 'true' }, h('span', {})));
}

/**
 * @param {any} element made by promiseElement
 * @param {Due | null} due
 */
export function showPromise(element, due) {
  const [sign, figure, bar] = element.children;
  if (element.hidden !== (due === null)) element.hidden = due === null;
  if (!due) return;
  const left = due.due - now();
  const share = Math.min(1, Math.max(0, (now() - due.from) / Math.max(1, due.due - due.from)));
  const state = due.isPaused ? 'paused' : left < 0 ? 'late' : due.percent > 0 || share >= 0.75 ? 'warned' : 'on-time';
  if (element.dataset.state !== state) element.dataset.state = state;
  setText(sign, { paused: '⏸', late: '!', warned: '▲', 'on-time': '' }[state]);
  setText(figure, state === 'paused' ? t('promise.paused') : state === 'late' ? t('promise.late', { span: span(-left) }) : span(left));
  // A clock ticks each second in each row of a list, so what stays is not written again.
  const width = `${Math.round(share * 100)}%`;
  if (bar.firstElementChild.style.inlineSize !== width) bar.firstElementChild.style.setProperty('inline-size', width);
  const said = `${due.kind} ${due.due} ${state}`;
  if (element.said === said) return;
  element.said = said;
  const label = pair(t(`clock.${due.kind}`), t(`promise.${state}-title`, { at: fullTime(new Date(due.due).toISOString()) }));
  if (element.title !== label) element.title = label;
}
