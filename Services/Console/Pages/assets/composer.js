// Writing replies and notes. What is typed is kept on this machine until the server has it, and every text is sent with a key of its own, so
// that a repetition after a lost answer writes nothing twice.
import { at, call, Problem, reachability } from './api.js';
import { now } from './clock.js';
import { h, setText } from './dom.js';
import { notify, sentence } from './notify.js';
import { snippetMenu } from './snippets.js';
import { t } from './text.js';
import { title } from './titles.js';

/** How long a reply can be taken back, in milliseconds. */
const undoTime = 5000;
const storageKey = 'drafts';

/** @typedef {'reply' | 'note'} Kind */
/** @typedef {import('./drafts.js').Local} Local */
/** @typedef {{text: string, kind: Kind, waits: boolean}} Draft */
/**
 * What a reply rule found.
 * @typedef {{findings: {term: string, detail: string}[], rules: string[]}} Advice
 */
/** @typedef {{key: string, tab: string, ticket: string, customer: string, draft: Draft, sending: 'undo' | 'saving' | 'unsent', at: string, timer: number, reason: string, local: Local, seen: import('./changed.js').Seen, isTried?: boolean, isStale?: boolean, advice?: Advice, acknowledge?: string[]}} Outgoing */

const blank = () => ({ text: '', waits: false, key: null, saved: '', savedWaits: false });

/**
 * The texts by ticket and kind.
 * @returns {Record<string, {kind: Kind, reply: Local, note: Local}>}
 */
function storedDrafts() {
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? '{}');
    for (const [id, draft] of Object.entries(stored)) {
      // One text for both kinds, as pages kept it before.
      if ('text' in draft) stored[id] = { kind: draft.kind, reply: blank(), note: blank(), [draft.kind]: { ...blank(), text: draft.text, waits: draft.waits } };
    }
    return stored;
  } catch {
    return {};
  }
}

/**
 * What an act on a ticket is decided from.
 * @param {any} ticket
 * @returns {import('./changed.js').Seen}
 */
export const seenOf = (ticket) => ({ ticket_id: ticket.ticket_id, etag: ticket.etag, state: ticket.state, agent: ticket.agent, last: ticket.messages?.at(-1)?.message_id ?? '' });

/**
 * Waits, but no longer than until requests succeed again.
 * @param {number} milliseconds
 * @returns {Promise<void>}
 */
function pause(milliseconds) {
  return new Promise((resume) => {
    const end = () => {
      clearTimeout(timer);
      reachability.delete(listener);
      resume();
    };
    const listener = (/** @type {boolean} */ isReachable) => {
      if (isReachable) end();
    };
    const timer = setTimeout(end, milliseconds);
    reachability.add(listener);
  });
}

/**
 * What is to be changed in a reply that a rule of the policy refused; null for other failures. Rules whose warning may be passed over are
 * named by the remedy, as JSON.
 * @param {unknown} problem
 * @returns {Advice | null}
 */
export function adviceOf(problem) {
  if (!(problem instanceof Problem) || (problem.kind !== 'reply-blocked' && problem.kind !== 'reply-unacknowledged')) return null;
  const rules = problem.kind === 'reply-blocked' ? [] : problem.errors.flatMap((error) => [...(error.remedy ?? '').matchAll(/"acknowledge": \[([^\]]*)\]/g)])
    .flatMap((match) => [...match[1].matchAll(/"([a-z0-9._-]+)"/g)].map((name) => name[1]));
  return { findings: problem.errors.map((error) => ({ term: error.value ?? '', detail: error.detail })), rules: [...new Set(rules)] };
}

/** Texts that are on their way survive the page: they are sent again, under the same key, when it opens. */
const outgoingKey = 'outgoing';
const tab = crypto.randomUUID();
/**
 * Held by a tab for as long as it is open.
 * @param {string} owner
 */
const lockOf = (owner) => `frontdesk-tab ${owner}`;

/** @returns {Outgoing[]} */
function storedOutgoing() {
  try {
    return JSON.parse(localStorage.getItem(outgoingKey) ?? '[]');
  } catch {
    return [];
  }
}

/**
 * @param {import('./main.js').Me} me
 * @param {{changed: () => void, took: (ticket: any) => void}} actions
 */
export function composer(me, actions) {
  /** @type {any} */
  let ticket = null;
  const drafts = storedDrafts();
  /** @type {Outgoing[]} */
  let outgoing = [];
  let waitingChanged = () => {};
  // One text at a time, so that none is taken for a change by somebody else that the next one meets.
  /** @type {Promise<any>} */
  let turn = Promise.resolve();
  /** @type {ReturnType<typeof import('./drafts.js').draftKeeper> | null} */
  let keeper = null;
  if (!me.read_only && me.agent) {
    import('./drafts.js').then(({ draftKeeper }) => {
      keeper = draftKeeper(String(me.agent), {
        local: (id, kind) => textsOf(id)[/** @type {Kind} */ (kind)],
        // Another tab's text as well: both tabs write at one draft.
        isSending: (id, kind) => [...outgoing, ...storedOutgoing()].some((entry) => entry.ticket === id && entry.draft.kind === kind),
        changed: (id) => {
          keep();
          if (ticket?.ticket_id === id) showDraft();
        },
      });
      if (ticket) keeper.open(ticket.ticket_id);
    }, () => {});
  }

  const area = h('textarea', { rows: 4, maxlength: 10_000, dir: 'auto', 'aria-label': t('composer.text'), placeholder: t('composer.hint') });
  const waits = h('input', { type: 'checkbox' });
  const send = h('button', { class: 'primary', onclick: () => submit() });
  const snippets = snippetMenu(area, () => ({ ticket, agent: me.agent }), () => {
    typed();
  });
  const tabs = ['reply', 'note'].map((kind) =>
    h('button', { class: 'tab', role: 'tab', data: { kind }, onclick: () => choose(/** @type {any} */ (kind)) }, t(kind)));
  const hint = h('p', { class: 'composer-hint', role: 'status' });
  const clash = h('div', { class: 'move', role: 'status', hidden: true });
  const element = h('form', { class: 'composer', onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
    h('div', { class: 'tabs', role: 'tablist' }, tabs), clash, h('div', { class: 'composer-area' }, area, snippets.element),
    h('div', { class: 'composer-foot' }, h('label', { class: 'check' }, waits, t('composer.waits')), hint, send));

  const textsOf = (/** @type {string} */ id) => (drafts[id] ??= { kind: 'reply', reply: blank(), note: blank() });
  /** @returns {Local} */
  const draft = () => textsOf(ticket.ticket_id)[textsOf(ticket.ticket_id).kind];
  function typed() {
    Object.assign(draft(), { text: area.value, waits: waits.checked, isGone: false });
    keep();
    keeper?.touch(ticket.ticket_id, textsOf(ticket.ticket_id).kind);
  }
  function keep() {
    for (const [id, { reply, note }] of Object.entries(drafts)) if (!reply.text && !note.text && !reply.key && !note.key && id !== ticket?.ticket_id) delete drafts[id];
    localStorage.setItem(storageKey, JSON.stringify(drafts));
    const others = storedOutgoing().filter((entry) => entry.tab !== tab && !outgoing.some((own) => own.key === entry.key));
    localStorage.setItem(outgoingKey, JSON.stringify([...others, ...outgoing.map(({ timer, ...rest }) => rest)]));
  }

  /**
   * Whether an earlier text is on its way. The server keeps one draft, which is that text until it is sent; a later one has to wait here.
   * @param {Outgoing} entry
   */
  const isBehind = (entry) => outgoing.find((other) => other.ticket === entry.ticket && other.draft.kind === entry.draft.kind) !== entry;

  /** @param {Kind} kind */
  function choose(kind) {
    if (!ticket) return;
    textsOf(ticket.ticket_id).kind = kind;
    showDraft();
    keep();
  }

  function showDraft() {
    const { kind } = textsOf(ticket.ticket_id);
    const current = draft();
    if (area.value !== current.text) area.value = current.text;
    waits.checked = current.waits;
    element.classList.toggle('is-note', kind === 'note');
    for (const tab of tabs) tab.setAttribute('aria-selected', String(tab.dataset.kind === kind));
    setText(send, kind === 'note' ? t('composer.add-note') : t('composer.send'));
    waits.parentElement.hidden = kind === 'note';
    const isHolder = ticket.agent === me.agent;
    send.disabled = me.read_only || (kind === 'reply' && !isHolder);
    const other = keeper?.others(ticket.ticket_id)[0];
    setText(hint, me.read_only ? t('composer.read-only') : kind === 'reply' && !isHolder ? t('composer.not-yours') : current.isGone ? t('draft.gone')
      : current.text && current.isLocal ? t('draft.local') : other ? t('draft.other', { who: title('agents', other.agent) }) : current.text && current.text === current.saved ? t('draft.saved') : '');
    keeper?.showClash(clash, ticket.ticket_id, kind, () => area.focus());
  }

  area.addEventListener('input', () => {
    if (ticket) typed();
  });
  waits.addEventListener('change', typed);
  // Enter makes a line; Ctrl-Enter sends. An input method that composes uses Enter for itself.
  area.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing || event.keyCode === 229 || snippets.takes(event)) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
    } else if (event.key === 'Escape') area.blur();
  });

  function submit() {
    if (!ticket || send.disabled) return;
    const texts = textsOf(ticket.ticket_id);
    const { kind } = texts;
    const current = draft();
    if (!current.text.trim()) {
      setText(hint, t('composer.empty'));
      return;
    }
    /** @type {Outgoing} */
    const entry = {
      key: crypto.randomUUID(), tab, ticket: ticket.ticket_id, customer: ticket.customer, draft: { text: current.text, kind, waits: current.waits }, sending: kind === 'reply' ? 'undo' : 'saving',
      at: new Date(now()).toISOString(), timer: 0, reason: '', local: current, seen: seenOf(ticket),
    };
    texts[kind] = blank();
    outgoing.push(entry);
    if (!isBehind(entry)) keeper?.settle(entry.ticket, kind, current);
    if (entry.sending === 'undo') entry.timer = window.setTimeout(() => deliver(entry), undoTime);
    else deliver(entry);
    keep();
    showDraft();
    waitingChanged();
  }

  /** @param {Outgoing} entry */
  function takeBack(entry) {
    clearTimeout(entry.timer);
    outgoing = outgoing.filter((other) => other !== entry);
    const texts = textsOf(entry.ticket);
    const { kind } = entry.draft;
    const later = texts[kind].text;
    texts[kind] = { ...entry.local, text: later ? `${entry.draft.text}\n${later}` : entry.draft.text, waits: entry.draft.waits };
    texts.kind = kind;
    keep();
    keeper?.touch(entry.ticket, kind);
    if (ticket?.ticket_id === entry.ticket) {
      showDraft();
      area.focus();
    }
    waitingChanged();
  }

  /** @param {Outgoing} entry */
  async function deliver(entry) {
    entry.sending = 'saving';
    keep();
    waitingChanged();
    for (let failures = 0; ; failures += 1) {
      try {
        const body = entry.draft.kind === 'note' ? { text: entry.draft.text }
          : { text: entry.draft.text, awaits_customer: entry.draft.waits, ...(entry.acknowledge ? { acknowledge: entry.acknowledge } : {}) };
        if (!entry.isTried) {
          // Under its draft's key, so that another device that sends the same text writes it once.
          if (entry.local && !isBehind(entry)) await keeper?.settle(entry.ticket, entry.draft.kind, entry.local);
          if (entry.local?.key && entry.local.saved === entry.draft.text && entry.local.savedWaits === entry.draft.waits) entry.key = entry.local.key;
          entry.isTried = true;
          keep();
        }
        const answer = await (turn = turn.catch(() => {}).then(() => call('POST', at`/v1/tickets/${entry.ticket}/` + (entry.draft.kind === 'note' ? 'notes' : 'replies'), body, { key: entry.key, match: entry.seen?.etag })));
        follow(entry.seen?.etag, answer.etag);
        outgoing = outgoing.filter((other) => other !== entry);
        if (entry.local?.key && entry.local.key !== entry.key) await call('DELETE', at`/v1/tickets/${entry.ticket}/drafts/${entry.draft.kind}?key=${entry.local.key}`).catch(() => {});
        keep();
        // What was typed meanwhile is the draft now.
        if (textsOf(entry.ticket)[entry.draft.kind].text) keeper?.touch(entry.ticket, entry.draft.kind);
        actions.changed();
        waitingChanged();
        return;
      } catch (problem) {
        const isTemporary = problem instanceof Problem && (problem.isTemporary || problem.status === 401);
        if (!isTemporary) {
          entry.sending = 'unsent';
          const advice = adviceOf(problem);
          entry.advice = advice ?? undefined;
          entry.isStale = problem instanceof Problem && problem.kind === 'ticket-changed';
          entry.reason = entry.isStale ? await whatChanged(entry.seen, (now) => (entry.seen = seenOf(now))) : advice ? t(advice.rules.length > 0 ? 'advice.warned' : 'advice.blocked') : sentence(problem);
          if (entry.isStale && ticket?.ticket_id !== entry.ticket) notify(entry.reason, 'warning', true);
          if (advice && ticket?.ticket_id !== entry.ticket) notify(t('advice.elsewhere', { customer: entry.customer }), 'warning', true);
          keep();
          waitingChanged();
          return;
        }
        await pause(Math.min(15_000, 500 * 2 ** failures));
      }
    }
  }

  /**
   * An act of this page made of one ticket the next one.
   * @param {string | undefined} before
   * @param {string | undefined} after
   */
  function follow(before, after) {
    if (!before || !after) return;
    if (ticket?.etag === before) ticket.etag = after;
    for (const entry of outgoing) if (entry.seen?.etag === before) entry.seen.etag = after;
  }

  /** @param {import('./changed.js').Seen} seen @param {(ticket: any) => void} [took] */
  async function whatChanged(seen, took) {
    const show = (/** @type {any} */ now) => {
      took?.(now);
      actions.took(now);
    };
    return import('./changed.js').then((module) => module.whatChanged(seen, me.agent, show), () => t('problem.ticket-changed'));
  }

  navigator.locks.request(lockOf(tab), () => new Promise(() => {}));
  // Texts of a page that was closed while they were on their way. Those of a tab that is open are its own until it is closed.
  for (const owner of new Set(storedOutgoing().map((entry) => entry.tab))) {
    navigator.locks.request(lockOf(owner), () => {
      const left = storedOutgoing().filter((entry) => entry.tab === owner);
      outgoing.push(...left.map((entry) => Object.assign(entry, { tab })));
      keep();
      for (const entry of left) if (entry.sending !== 'unsent') deliver(entry);
      waitingChanged();
    });
  }

  return {
    element,
    /** @param {any} next */
    show(next) {
      if (ticket?.ticket_id !== next.ticket_id) snippets.close();
      if (ticket?.ticket_id !== next.ticket_id || ticket.etag !== next.etag) keeper?.open(next.ticket_id);
      ticket = next;
      showDraft();
    },
    follow,
    whatChanged,
    /** What other devices wrote meanwhile. */
    look: () => ticket && keeper?.open(ticket.ticket_id),
    /**
     * The texts that the server does not have yet, as messages.
     * @param {string} id
     */
    waiting: (id) => outgoing.filter((entry) => entry.ticket === id).map((entry) => ({
      message_id: entry.key, kind: entry.draft.kind, author: me.agent, text: entry.draft.text, at: entry.at, attachments: [],
      sending: entry.sending, delivery: entry.reason ? { state: 'unsent', reason: entry.reason } : undefined,
      undo: entry.sending === 'undo' || entry.sending === 'unsent' ? () => takeBack(entry) : undefined,
      advice: entry.sending === 'unsent' ? entry.advice : undefined,
      again: entry.sending === 'unsent' && !entry.advice ? () => { entry.reason = ''; deliver(entry); } : undefined, isStale: entry.isStale,
      // The same request with the acknowledgement, under the same key.
      sendAsIs: entry.sending === 'unsent' && entry.advice?.rules.length ? () => {
        Object.assign(entry, { acknowledge: entry.advice?.rules, advice: undefined, reason: '' });
        deliver(entry);
      } : undefined,
    })),
    /** @param {() => void} listener */
    onWaiting: (listener) => (waitingChanged = listener),
    /** @param {string} id */
    hasText: (id) => Boolean(drafts[id]?.reply.text.trim() || drafts[id]?.note.text.trim()) || outgoing.some((entry) => entry.ticket === id),
    /** @param {string} text */
    insert(text) {
      if (!ticket) return;
      const current = draft();
      area.value = current.text ? `${current.text.trimEnd()}\n${text}` : text;
      typed();
      showDraft();
      area.focus();
    },
    /** @param {'reply' | 'note'} kind */
    focus(kind) {
      choose(kind);
      area.focus();
    },
  };
}
