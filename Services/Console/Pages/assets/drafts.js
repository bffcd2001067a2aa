// What is being written, kept on the server as well, so that it is there on another device. The browser's storage comes first: what is typed
// is never lost to a server that does not answer. Loaded with the first conversation.
import { at, call, get, Problem } from './api.js';
import { fill, h, visible } from './dom.js';
import { t } from './text.js';

/** How long after the last key a text is sent, and after a failure again, in milliseconds. */
const pause = 700;
const retry = 5000;

/**
 * A text that is being written. `key` names the server's copy, `saved` and `savedWaits` are what it says. `conflict` is the newer text of
 * another device, until the writer chooses. `isGone` says that another device sent or deleted it.
 * @typedef {{text: string, waits: boolean, key: string | null, saved: string, savedWaits: boolean, conflict?: any, isGone?: boolean, isLocal?: boolean}} Local
 */

/** @returns {Local} */
export const blank = () => ({ text: '', waits: false, key: null, saved: '', savedWaits: false });
/**
 * Whether the server has another text.
 * @param {Local} local
 */
export const isDirty = (local) => local.text.trim() !== local.saved.trim() || (local.text.trim() !== '' && local.waits !== local.savedWaits);

/**
 * @param {string} agent
 * @param {{local: (ticket: string, kind: string) => Local, isSending: (ticket: string, kind: string) => boolean, changed: (ticket: string) => void}} host
 */
export function draftKeeper(agent, host) {
  /**
   * The drafts of others, by ticket.
   * @type {Map<string, {agent: string, kind: string}[]>}
   */
  const others = new Map();
  /** @type {Map<string, number>} */
  const timers = new Map();
  // One request at a time, so that an answer is never older than what is here.
  let turn = Promise.resolve();
  const inTurn = (/** @type {() => Promise<void>} */ work) => (turn = turn.then(work, work));

  /** @param {Local} local @param {any} stored */
  function adopt(local, stored) {
    Object.assign(local, { text: stored.text, waits: stored.awaits_customer, key: stored.key, saved: stored.text, savedWaits: stored.awaits_customer, conflict: undefined, isGone: false });
  }

  /**
   * The server's draft is another one than this text was written from.
   * @param {Local} local
   * @param {any} stored
   */
  function meet(local, stored) {
    if (!stored) Object.assign(local, { key: null, saved: '', savedWaits: false, conflict: undefined, isGone: true });
    else if (!local.text.trim() || stored.text === local.text) adopt(local, stored);
    else local.conflict = stored;
  }

  /** @param {string} ticket @param {string} kind @param {Local} local */
  async function send(ticket, kind, local) {
    if (!isDirty(local) || local.conflict) return;
    const { text, waits } = local;
    const place = at`/v1/tickets/${ticket}/drafts/${kind}`;
    try {
      if (!text.trim()) {
        if (local.key) await call('DELETE', place + at`?key=${local.key}`);
        Object.assign(local, { key: null, saved: '', savedWaits: false });
      } else {
        const stored = await call('PUT', place, { text, awaits_customer: waits && kind === 'reply', replaces: local.key });
        Object.assign(local, { key: stored.key, saved: text, savedWaits: waits });
      }
      local.isLocal = false;
    } catch (problem) {
      if (problem instanceof Problem && problem.kind === 'draft-changed') meet(local, problem.current);
      else {
        local.isLocal = true;
        if (problem instanceof Problem && problem.isTemporary) touch(ticket, kind, retry);
      }
    }
    host.changed(ticket);
  }

  /**
   * Sends what was typed, soon.
   * @param {string} ticket
   * @param {string} kind
   */
  function touch(ticket, kind, after = pause) {
    const key = `${ticket} ${kind}`;
    clearTimeout(timers.get(key));
    timers.set(key, setTimeout(() => push(ticket, kind), after));
  }

  /** @param {string} ticket @param {string} kind */
  function push(ticket, kind) {
    return inTurn(async () => {
      const local = host.local(ticket, kind);
      if (!host.isSending(ticket, kind)) return send(ticket, kind, local);
      local.isLocal = isDirty(local);
      host.changed(ticket);
    });
  }

  return {
    touch,
    push,
    /**
     * Sends a text that is on its way, so that it goes under its draft's key.
     * @param {string} ticket
     * @param {string} kind
     * @param {Local} local
     */
    settle: (ticket, kind, local) => inTurn(() => send(ticket, kind, local)),
    /** @param {string} ticket */
    others: (ticket) => others.get(ticket) ?? [],
    /**
     * Fetches what other devices and others wrote.
     * @param {string} ticket
     */
    open: (ticket) => inTurn(async () => {
      try {
        const { drafts } = await get(at`/v1/tickets/${ticket}/drafts`);
        others.set(ticket, drafts.filter((/** @type {any} */ draft) => draft.agent !== agent));
        for (const kind of ['reply', 'note']) {
          const stored = drafts.find((/** @type {any} */ draft) => draft.agent === agent && draft.kind === kind) ?? null;
          const local = host.local(ticket, kind);
          if (host.isSending(ticket, kind) || (stored?.key ?? null) === local.key) {
            // What this text was in conflict with was sent or deleted, or is on its way from here.
            local.conflict = undefined;
            if (isDirty(local)) touch(ticket, kind);
          } else if (isDirty(local)) meet(local, stored);
          else if (stored) adopt(local, stored);
          else Object.assign(local, blank(), { isGone: local.text !== '' });
        }
        host.changed(ticket);
      } catch {
        // What is here stays, and is sent with the next change.
      }
    }),
    /**
     * Lets the writer choose between two texts.
     * @param {HTMLElement} bar @param {string} ticket @param {string} kind @param {() => void} chosen
     */
    showClash(bar, ticket, kind, chosen) {
      const local = host.local(ticket, kind);
      const stored = local.conflict;
      const key = stored ? `${ticket} ${stored.key}` : '';
      bar.hidden = !stored;
      if ((bar.dataset.key ?? '') === key) return;
      bar.dataset.key = key;
      const choose = (/** @type {boolean} */ isMine) => () => {
        if (isMine) Object.assign(local, { key: stored.key, saved: stored.text, savedWaits: stored.awaits_customer, conflict: undefined });
        else adopt(local, stored);
        push(ticket, kind);
        host.changed(ticket);
        chosen();
      };
      fill(bar, stored ? [h('p', {}, t('draft.newer'), ' ', h('q', { dir: 'auto' }, visible(stored.text.slice(0, 300)))),
        h('button', { type: 'button', onclick: choose(false) }, t('draft.use')), h('button', { type: 'button', class: 'quiet', onclick: choose(true) }, t('draft.keep'))] : []);
    },
  };
}
