// The server's time. Countdowns follow it, and the machine's clock, which may be wrong or be set in the middle of a shift, plays no part.
import { get } from './api.js';

let offset = Date.now() - performance.now();
let isKnown = false;

/** Milliseconds since 1970 by the server's clock. */
export function now() {
  return offset + performance.now();
}

/**
 * Takes the server's time from an answer.
 * @param {string} at RFC 3339
 * @param {number} sent performance.now() when the request was sent
 */
export function learn(at, sent) {
  const received = performance.now();
  offset = Date.parse(at) - (sent + received) / 2;
  isKnown = true;
}

/** Asks for the server's time. */
export async function synchronise() {
  const sent = performance.now();
  const me = await get('/v1/me');
  learn(me.at, sent);
  return me;
}

/** Whether the server's time was learned. */
export const hasServerTime = () => isKnown;

/**
 * Functions that are called each second.
 * @type {Set<() => void>}
 */
export const ticks = new Set();
setInterval(() => {
  if (document.hidden) return;
  for (const tick of ticks) tick();
}, 1000);
// Machines sleep, and performance.now() may sleep with them.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) {
    synchronise().catch(() => {});
    for (const tick of ticks) tick();
  }
});
setInterval(() => synchronise().catch(() => {}), 300_000);
