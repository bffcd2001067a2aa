// What is different on a ticket since somebody looked at it. Loaded when an act was refused for it.
import { at, get } from './api.js';
import { t, word } from './text.js';
import { title } from './titles.js';

/**
 * What an act was decided from.
 * @typedef {{ticket_id: string, etag: string, state: string, agent: string | null, last: string}} Seen
 */

/**
 * Fetches the ticket and says what is different.
 * @param {Seen} seen
 * @param {string | null} me
 * @param {(ticket: any) => void} took gets the ticket as it is now
 */
export async function whatChanged(seen, me, took) {
  let after;
  try {
    after = await get(at`/v1/tickets/${seen.ticket_id}`);
  } catch {
    return t('problem.ticket-changed');
  }
  took(after);
  const fresh = after.messages.filter((/** @type {any} */ message) => message.message_id > seen.last);
  const found = [];
  if (fresh.some((/** @type {any} */ message) => message.kind === 'customer')) found.push(t('changed.customer'));
  for (const who of new Set(fresh.filter((/** @type {any} */ message) => message.kind !== 'customer').map((/** @type {any} */ message) => message.author))) {
    found.push(t('changed.colleague', { who: who === me ? t('you') : title('agents', String(who)) }));
  }
  if (after.agent !== seen.agent) found.push(after.agent ? t('changed.holder', { who: after.agent === me ? t('you') : title('agents', after.agent) }) : t('changed.nobody'));
  if (after.state !== seen.state) found.push(t('changed.state', { state: word('state', after.state) }));
  return [t('problem.ticket-changed'), ...found].join(' ');
}
