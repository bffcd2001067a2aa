// Search over tickets, customers and words: what the server found, with the matches marked.
import { get } from './api.js';
import { h, visible } from './dom.js';

/** Characters of a query; the server accepts no more. */
const longest = 100;

/**
 * What can be searched for in what was typed.
 * @param {string} typed
 */
export const wordsOf = (typed) => [...typed.trim()].slice(0, longest).join('');

/**
 * @param {Record<string, string>} parameters `q` and filters
 * @param {AbortSignal} [signal]
 */
export const find = (parameters, signal) => get(`/v1/search?${new URLSearchParams(parameters)}`, { signal });

/**
 * The excerpt of a found message. Places are in Unicode characters, not in the units of a string.
 * @param {{excerpt: string, matches: {at: number, length: number}[], cut_before: boolean, cut_behind: boolean}} message
 */
export function excerpt(message) {
  const characters = [...message.excerpt];
  const part = (/** @type {number} */ from, /** @type {number} */ to) => 
    visible(characters.slice(from, to).join(''), characters[from - 1], characters[to]);
  let from = 0;
  const marked = message.matches.map(({ at, length }) => {
    const before = part(from, at);
    from = at + length;
    return [before, h('mark', {}, part(at, from))];
  });
  return [message.cut_before ? '…' : '', marked, part(from, characters.length), message.cut_behind ? '…' : ''];
}
