// The stream of events. One tab of a browser reads it and passes the events on to the others, since a browser opens few connections to a host.
import { signedOut } from './api.js';

/**
 * @typedef {{name: string, data: any}} StreamEvent
 */

/** How long a stream may be silent, in milliseconds: the server keeps it alive every ten seconds. A lost network ends no connection. */
const longestSilence = 25_000;

/**
 * Reads server-sent events (HTML Living Standard, 9.2) from a response: first `open`, then the events, and `ping` for each keep-alive.
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<StreamEvent>}
 */
export async function* events(body) {
  const reader = body.pipeThrough(/** @type {any} */ (new TextDecoderStream())).getReader();
  let pending = '';
  let name = 'message';
  /** @type {string[]} */
  let data = [];
  let isOpen = false;
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
          yield { name: isOpen ? 'ping' : 'open', data: null };
          isOpen = true;
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
 * @param {() => StreamEvent[]} shown what the stream began with and still holds, for a tab that is opened later
 */
export function follow(path, who, receive, tell, shown = () => []) {
  const name = `frontdesk-stream ${path} ${who}`;
  const channel = new BroadcastChannel(name);
  const tab = crypto.randomUUID();
  channel.onmessage = (message) => {
    if (message.data.to && message.data.to !== tab) return;
    if (message.data.kind === 'state') tell(message.data.state);
    else if (message.data.kind === 'event') receive(message.data.event);
    else if (message.data.kind === 'hello' && isReading) {
      const to = message.data.tab;
      channel.postMessage({ kind: 'state', state, to });
      for (const event of shown()) channel.postMessage({ kind: 'event', event, to });
    }
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
      const silence = new AbortController();
      let timer = 0;
      const heard = () => {
        clearTimeout(timer);
        timer = window.setTimeout(() => silence.abort(), longestSilence);
      };
      try {
        heard();
        const response = await fetch(path, { cache: 'no-store', headers: { accept: 'text/event-stream' }, signal: silence.signal });
        if (response.status === 401) {
          for (const listener of signedOut) listener();
          return;
        }
        if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
        for await (const event of events(response.body)) {
          heard();
          if (state !== 'open') become('open');
          failures = 0;
          if (event.name === 'ping') continue;
          receive(event);
          channel.postMessage({ kind: 'event', event });
        }
      } catch {
        // Said by the state; tried again below.
      } finally {
        clearTimeout(timer);
      }
      become('waiting');
      if (performance.now() - began < 5000) failures += 1;
      await new Promise((resume) => setTimeout(resume, Math.min(30_000, 500 * 2 ** failures) * (0.5 + Math.random())));
    }
  };
  // The lock passes to another tab when the one that reads is closed.
  navigator.locks.request(name, read);
  channel.postMessage({ kind: 'hello', tab });
}
