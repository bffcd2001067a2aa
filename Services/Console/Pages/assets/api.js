// Requests to the interface under /v1. The session's cookie goes with them by itself; a page never has a key.

/** What the server refused, as it says it (RFC 9457). */
export class Problem extends Error {
  /**
   * @param {number} status 0 when no answer came.
   * @param {any} body
   * @param {number} retryAfter seconds, 0 if not said
   */
  constructor(status, body, retryAfter) {
    super(body?.detail || body?.title || `HTTP ${status}`);
    this.status = status;
    /** The last part of the problem's type, such as `ticket-state`. */
    this.kind = String(body?.type ?? '').split(':').pop() ?? '';
    /** @type {{field: string, value?: string, detail: string, remedy?: string, says?: any, remedy_says?: any}[]} */
    this.errors = body?.errors ?? [];
    /**
     * The detail as a code with values.
     * @type {any}
     */
    this.says = body?.says;
    /** What the request conflicts with, as it is now. */
    this.current = body?.current;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later without a change. */
  get isTemporary() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/**
/**
 * Puts problems into the reader's language; loaded with the first problem, and only where that is not the server's.
 * @type {{words: ((problem: Problem) => {what: string | null, remedies: (string | null)[]}) | null}}
 */
export const wording = { words: null };
async function learnWords() {
  if (wording.words || document.documentElement.lang === 'en') return;
  // Without them the server's own words are shown.
  wording.words = await import('./problem-text.js').then((file) => file.problemWords()).catch(() => null);
}

/**
 * Functions that are called when the session has ended.
 * @type {Set<() => void>}
 */
export const signedOut = new Set();
/**
 * Functions that are called when requests begin to fail or succeed again.
 * @type {Set<(isReachable: boolean) => void>}
 */
export const reachability = new Set();
/**
 * Functions that are called with the age of what was read, in seconds; 0 if it is not worth mentioning.
 * @type {Set<(seconds: number) => void>}
 */
export const ageing = new Set();
let isReachable = true;
let hasAnswered = true;
let isAvailable = true;

/** @param {boolean} reachable whether the newest request was answered */
function note(reachable) {
  hasAnswered = reachable;
  tell();
}

/**
 * Takes what the stream says of the database behind the server.
 * @param {boolean} available
 */
export function noteAvailability(available) {
  isAvailable = available;
  tell();
}

function tell() {
  const reachable = hasAnswered && isAvailable;
  if (reachable === isReachable) return;
  isReachable = reachable;
  for (const listener of reachability) listener(reachable);
}

/**
 * Sends a request and returns the JSON of the answer.
 * @param {string} method
 * @param {string} path
 * @param {any} [body]
 * @param {{key?: string, match?: string, signal?: AbortSignal}} [options] `key`: the Idempotency-Key; `match`: the tag of the expected ticket.
 * @returns {Promise<any>}
 */
export async function call(method, path, body, options = {}) {
  /** @type {Record<string, string>} */
  const headers = { 'accept-language': document.documentElement.lang };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (options.key) headers['idempotency-key'] = options.key;
  if (options.match) headers['if-match'] = options.match;
  let response;
  try {
    response = await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: options.signal,
      cache: 'no-store', redirect: 'error',
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    note(false);
    throw new Problem(0, { detail: '' }, 0);
  }
  const isJSON = (response.headers.get('content-type') ?? '').includes('json');
  const answer = isJSON ? await response.json().catch(() => null) : await response.text().catch(() => '');
  if (response.ok) {
    note(true);
    const age = response.headers.get('frontdesk-data-age');
    const seconds = response.headers.has('frontdesk-data-old') ? Number(age) : 0;
    if (age !== null) for (const listener of ageing) listener(seconds);
    const tag = response.headers.get('etag');
    if (tag && isJSON && answer) answer.etag = tag;
    return answer;
  }
  if (response.status === 401 && path !== '/v1/sessions') for (const listener of signedOut) listener();
  note(response.status < 500);
  if (isJSON) await learnWords();
  throw new Problem(response.status, isJSON ? answer : null, Number(response.headers.get('retry-after') ?? 0));
}

/** @param {string} path @param {{signal?: AbortSignal}} [options] */
export const get = (path, options) => call('GET', path, undefined, options);

/**
 * A path with identifiers that are percent-encoded.
 * @param {TemplateStringsArray} parts
 * @param {...string} values
 */
export function at(parts, ...values) {
  return parts.reduce((path, part, index) => path + part + (index < values.length ? encodeURIComponent(values[index]) : ''), '');
}
