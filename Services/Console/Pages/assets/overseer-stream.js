// Fetches again when the stream of overseers says that something changed, and from time to time in any case.
import { follow } from './stream.js';

/** Changes may come every second; a page fetches at most this often, in milliseconds. */
const shortest = 3000;

/**
 * @param {import('./main.js').Me} me
 * @param {string[]} names of the events that matter to the page
 * @param {() => void} again
 * @param {(state: 'connecting' | 'open' | 'waiting') => void} [tell]
 */
export function onChange(me, names, again, tell = () => {}) {
  let timer = 0;
  let last = -shortest;
  follow('/v1/wallboard/stream', me.session?.session_id ?? me.agent ?? me.role, (event) => {
    if (timer || (event.name !== 'open' && !names.includes(event.name))) return;
    timer = window.setTimeout(() => {
      timer = 0;
      last = performance.now();
      again();
    }, Math.max(0, last + shortest - performance.now()));
  }, tell);
}
