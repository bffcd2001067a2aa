// The stream of events. One tab of a browser reads it and passes the events on to the others, since a browser opens few connections to a host.
import { signedOut } from './api.js';

/**
 * @typedef {{name: string, data: any}} StreamEvent
 */

/**
 * Reads server-sent events (HTML Living Standard, 9.2) from a response.
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<StreamEvent>}
 */
export async function* events(body) {
  const reader = body.pipeThrough(/** @type {any} */ (new TextDecoderStream())).getReader();
  let pending = '';
  let name = 'message';
  /** @type {string[]} */
  let data = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    pending += value;
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) {
          yield { name, data: JSON.parse(data.join('\n')) };
        } else if (name === 'message') {
          yield { name: 'open', data: null };
        }
        name = 'message';
        data = [];
      } else if (line.startsWith('event:')) name = line.slice(6).trim();
      else if (line.startsWith('data:')) data.push(line.slice(5).trimStart());
    }
  }
}

/**
 * Follows a stream for as long as the page lives.
 * @param {string} path
 * @param {string} who part of the names of lock and channel, so that two people in one browser do not share a stream
 * @param {(event: StreamEvent) => void} receive `open` when the stream begins again: whatever was shown must be fetched again
 * @param {(state: 'connecting' | 'open' | 'waiting') => void} tell
 */
export function follow(path, who, receive, tell) {
  const name = `frontdesk-stream ${path} ${who}`;
  const channel = new BroadcastChannel(name);
  channel.onmessage = (message) => {
    if (message.data.kind === 'state') tell(message.data.state);
    else if (message.data.kind === 'event') receive(message.data.event);
    else if (message.data.kind === 'hello' && isReading) channel.postMessage({ kind: 'state', state });
  };
  let isReading = false;
  /** @type {'connecting' | 'open' | 'waiting'} */
  let state = 'connecting';
  /** @param {'connecting' | 'open' | 'waiting'} next */
  const become = (next) => {
    state = next;
    tell(next);
    channel.postMessage({ kind: 'state', state });
  };
  let isSignedOut = false;
  signedOut.add(() => (isSignedOut = true));

  const read = async () => {
    isReading = true;
    let failures = 0;
    while (!isSignedOut) {
      become('connecting');
      const began = performance.now();
      try {
        const response = await fetch(path, { cache: 'no-store', headers: { accept: 'text/event-stream' } });
        if (response.status === 401) {
          for (const listener of signedOut) listener();
          return;
        }
        if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
        for await (const event of events(response.body)) {
          if (state !== 'open') become('open');
          failures = 0;
          receive(event);
          channel.postMessage({ kind: 'event', event });
        }
      } catch {
        // Said by the state; tried again below.
      }
      become('waiting');
      if (performance.now() - began < 5000) failures += 1;
      await new Promise((resume) => setTimeout(resume, Math.min(30_000, 500 * 2 ** failures) * (0.5 + Math.random())));
    }
  };
  // The lock passes to another tab when the one that reads is closed.
  navigator.locks.request(name, read);
  channel.postMessage({ kind: 'hello' });
}
