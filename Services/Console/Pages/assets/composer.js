// Writing replies and notes. What is typed is kept on this machine until the server has it, and every text is sent with a key of its own, so
// that a repetition after a lost answer writes nothing twice.
import { at, call, Problem, reachability } from './api.js';
import { now } from './clock.js';
import { h, setText } from './dom.js';
import { notify, sentence } from './notify.js';
import { snippetMenu } from './snippets.js';
import { t } from './text.js';

/** How long a reply can be taken back, in milliseconds. */
const undoTime = 5000;
const storageKey = 'drafts';

/** @typedef {{text: string, kind: 'reply' | 'note', waits: boolean}} Draft */
/** What a reply rule found. @typedef {{findings: {term: string, detail: string}[], rules: string[]}} Advice */
/** @typedef {{key: string, ticket: string, customer: string, draft: Draft, sending: 'undo' | 'saving' | 'unsent', at: string, timer: number, reason: string, advice?: Advice, acknowledge?: string[]}} Outgoing */

/** @returns {Record<string, Draft>} */
function storedDrafts() {
  try {
    return JSON.parse(localStorage.getItem(storageKey) ?? '{}');
  } catch {
    return {};
  }
}

/** Waits, but no longer than until requests succeed again. @param {number} milliseconds @returns {Promise<void>} */
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

/**
 * @param {import('./main.js').Me} me
 * @param {{changed: () => void}} actions
 */
export function composer(me, actions) {
  /** @type {any} */
  let ticket = null;
  const drafts = storedDrafts();
  /** @type {Outgoing[]} */
  let outgoing = [];
  let waitingChanged = () => {};

  const area = h('textarea', { rows: 4, maxlength: 10_000, dir: 'auto', 'aria-label': t('composer.text'), placeholder: t('composer.hint') });
  const waits = h('input', { type: 'checkbox' });
  const send = h('button', { class: 'primary', onclick: () => submit() });
  const snippets = snippetMenu(area, () => ({ ticket, agent: me.agent }), () => {
    draft().text = area.value;
    keep();
  });
  const tabs = ['reply', 'note'].map((kind) =>
    h('button', { class: 'tab', role: 'tab', data: { kind }, onclick: () => choose(/** @type {any} */ (kind)) }, t(kind)));
  const hint = h('p', { class: 'composer-hint', role: 'status' });
  const element = h('form', { class: 'composer', onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
    h('div', { class: 'tabs', role: 'tablist' }, tabs), h('div', { class: 'composer-area' }, area, snippets.element),
    h('div', { class: 'composer-foot' }, h('label', { class: 'check' }, waits, t('composer.waits')), hint, send));

  const draft = () => (drafts[ticket.ticket_id] ??= { text: '', kind: 'reply', waits: false });
  function keep() {
    for (const [id, entry] of Object.entries(drafts)) if (!entry.text && id !== ticket?.ticket_id) delete drafts[id];
    localStorage.setItem(storageKey, JSON.stringify(drafts));
    localStorage.setItem(outgoingKey, JSON.stringify(outgoing.map(({ timer, ...rest }) => rest)));
  }

  /** @param {'reply' | 'note'} kind */
  function choose(kind) {
    if (!ticket) return;
    draft().kind = kind;
    showDraft();
    keep();
  }

  function showDraft() {
    const current = draft();
    if (area.value !== current.text) area.value = current.text;
    waits.checked = current.waits;
    element.classList.toggle('is-note', current.kind === 'note');
    for (const tab of tabs) tab.setAttribute('aria-selected', String(tab.dataset.kind === current.kind));
    setText(send, current.kind === 'note' ? t('composer.add-note') : t('composer.send'));
    waits.parentElement.hidden = current.kind === 'note';
    const isHolder = ticket.agent === me.agent;
    send.disabled = me.read_only || (current.kind === 'reply' && !isHolder);
    setText(hint, me.read_only ? t('composer.read-only') : current.kind === 'reply' && !isHolder ? t('composer.not-yours') : '');
  }

  area.addEventListener('input', () => {
    if (!ticket) return;
    draft().text = area.value;
    keep();
  });
  waits.addEventListener('change', () => {
    draft().waits = waits.checked;
    keep();
  });
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
    const current = draft();
    if (!current.text.trim()) {
      setText(hint, t('composer.empty'));
      return;
    }
    /** @type {Outgoing} */
    const entry = {
      key: crypto.randomUUID(), ticket: ticket.ticket_id, customer: ticket.customer, draft: { ...current }, sending: current.kind === 'reply' ? 'undo' : 'saving',
      at: new Date(now()).toISOString(), timer: 0, reason: '',
    };
    drafts[ticket.ticket_id] = { text: '', kind: current.kind, waits: false };
    outgoing.push(entry);
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
    const current = (drafts[entry.ticket] ??= { text: '', kind: entry.draft.kind, waits: false });
    current.text = current.text ? `${entry.draft.text}\n${current.text}` : entry.draft.text;
    current.kind = entry.draft.kind;
    current.waits = entry.draft.waits;
    keep();
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
        await call('POST', at`/v1/tickets/${entry.ticket}/` + (entry.draft.kind === 'note' ? 'notes' : 'replies'), body, { key: entry.key });
        outgoing = outgoing.filter((other) => other !== entry);
        keep();
        actions.changed();
        waitingChanged();
        return;
      } catch (problem) {
        const isTemporary = problem instanceof Problem && (problem.isTemporary || problem.status === 401);
        if (!isTemporary) {
          entry.sending = 'unsent';
          const advice = adviceOf(problem);
          entry.advice = advice ?? undefined;
          entry.reason = advice ? t(advice.rules.length > 0 ? 'advice.warned' : 'advice.blocked') : sentence(problem);
          if (advice && ticket?.ticket_id !== entry.ticket) notify(t('advice.elsewhere', { customer: entry.customer }), 'warning', true);
          keep();
          waitingChanged();
          return;
        }
        await pause(Math.min(15_000, 500 * 2 ** failures));
      }
    }
  }

  // Texts of a page that was closed while they were on their way.
  try {
    outgoing = JSON.parse(localStorage.getItem(outgoingKey) ?? '[]');
  } catch {
    outgoing = [];
  }
  for (const entry of outgoing) if (entry.sending !== 'unsent') deliver(entry);

  return {
    element,
    /** @param {any} next */
    show(next) {
      if (ticket?.ticket_id !== next.ticket_id) snippets.close();
      ticket = next;
      showDraft();
    },
    tick() {},
    /** The texts that the server does not have yet, as messages. @param {string} id */
    waiting: (id) => outgoing.filter((entry) => entry.ticket === id).map((entry) => ({
      message_id: entry.key, kind: entry.draft.kind, author: me.agent, text: entry.draft.text, at: entry.at, attachments: [],
      sending: entry.sending, delivery: entry.reason ? { state: 'unsent', reason: entry.reason } : undefined,
      undo: entry.sending === 'undo' || entry.sending === 'unsent' ? () => takeBack(entry) : undefined,
      advice: entry.sending === 'unsent' ? entry.advice : undefined,
      again: entry.sending === 'unsent' && !entry.advice ? () => { entry.reason = ''; deliver(entry); } : undefined,
      // The refused attempt wrote nothing, so the text with the acknowledgement is another request with a key of its own.
      sendAsIs: entry.sending === 'unsent' && entry.advice?.rules.length ? () => {
        Object.assign(entry, { key: crypto.randomUUID(), acknowledge: entry.advice?.rules, advice: undefined, reason: '' });
        deliver(entry);
      } : undefined,
    })),
    /** @param {() => void} listener */
    onWaiting: (listener) => (waitingChanged = listener),
    /** @param {string} id */
    hasText: (id) => Boolean(drafts[id]?.text.trim()) || outgoing.some((entry) => entry.ticket === id),
    /** @param {string} text */
    insert(text) {
      if (!ticket) return;
      const current = draft();
      current.text = current.text ? `${current.text.trimEnd()}\n${text}` : text;
      keep();
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
