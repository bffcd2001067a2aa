// Everything by its name: Ctrl-K. Commands and own tickets at once, all other tickets and customers as the server finds them.
import { fill, h, reconcile, setText, setVisible } from './dom.js';
import { sentence } from './notify.js';
import { excerpt, find, wordsOf } from './search.js';
import { t, word } from './text.js';

/** How long nothing is typed before the server is asked, in milliseconds. */
const pause = 150;
const commandsShown = 20;

/**
 * @typedef {{title: string, detail: string, act: () => void, ticket?: string, found?: any}} Choice
 * @param {Choice[]} choices
 * @param {(ticket: string) => void} openTicket
 */
export function openPalette(choices, openTicket) {
  if (document.querySelector('dialog[open]')) return;
  const input = h('input', { type: 'search', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'palette-list', 'aria-autocomplete': 'list', 'aria-label': t('palette.open'), placeholder: t('palette.hint'), autocomplete: 'off' });
  const list = h('ul', { id: 'palette-list', role: 'listbox', 'aria-label': t('palette.open') });
  const status = h('p', { class: 'quiet-text', role: 'status' });
  const dialog = h('dialog', { class: 'dialog palette', 'aria-label': t('palette.open') }, input, list, status);
  let chosen = 0;
  /** @type {Choice[]} */
  let shown = [];
  /** @type {Choice[]} */
  let results = [];
  let request = new AbortController();
  let timer = 0;
  // Enter was pressed before the answer came.
  let wantsFirst = false;

  function show() {
    const wanted = input.value.trim().toLowerCase();
    shown = choices.filter((choice) => `${choice.title} ${choice.detail}`.toLowerCase().includes(wanted)).slice(0, commandsShown);
    shown.push(...results.filter((result) => !result.found || !shown.some((choice) => choice.ticket === result.ticket)));
    const id = input.value.trim();
    if (/^[0-9a-f-]{32,36}$/i.test(id)) shown.unshift({ title: t('palette.ticket', { id }), detail: '', act: () => openTicket(id) });
    chosen = Math.min(chosen, Math.max(0, shown.length - 1));
    reconcile(list, shown.map((choice, index) => ({ choice, index })), (entry) => String(entry.index),
      (entry) => h('li', { role: 'option', id: `palette-${entry.index}`, onclick: () => act(entry.index) }, h('span', { dir: 'auto' }), h('small', { dir: 'auto' })),
      (element, entry) => {
        const [title, detail] = element.children;
        setVisible(title, entry.choice.title);
        if (entry.choice.found) fill(detail, word('state', entry.choice.found.state), ' · ', excerpt(entry.choice.found.message));
        else fill(detail, entry.choice.detail);
        element.setAttribute('aria-selected', String(entry.index === chosen));
      });
    input.setAttribute('aria-activedescendant', shown.length ? `palette-${chosen}` : '');
  }

  function search() {
    clearTimeout(timer);
    request.abort();
    results = [];
    wantsFirst = false;
    setText(status, '');
    const q = wordsOf(input.value);
    if (q) timer = window.setTimeout(() => ask(q), pause);
  }

  /** @param {string} q */
  async function ask(q) {
    timer = 0;
    request = new AbortController();
    const { signal } = request;
    try {
      const answer = await find({ q, limit: '10' }, signal);
      results = [
        ...answer.customers.map((/** @type {any} */ customer) => ({ title: customer.customer, detail: `${t('customer')} · ${customer.channel}`, ticket: customer.ticket_id, act: () => openTicket(customer.ticket_id) })),
        ...answer.tickets.map((/** @type {any} */ found) => ({ title: found.customer, detail: '', ticket: found.ticket_id, found, act: () => openTicket(found.ticket_id) })),
      ];
      show();
      setText(status, shown.length ? t('list.count', { count: shown.length }) : t('palette.none'));
    } catch (problem) {
      if (signal.aborted) return;
      // Signs alone are nothing to search for.
      const isNothing = /** @type {any} */ (problem)?.status === 422;
      setText(status, isNothing ? (shown.length ? '' : t('palette.none')) : sentence(problem));
    } finally {
      if (request.signal === signal) request = new AbortController();
    }
    if (wantsFirst && !signal.aborted) act(0);
  }

  function act(/** @type {number} */ index) {
    const choice = shown[index];
    if (!choice) return;
    dialog.close();
    choice.act();
  }

  function typed() {
    chosen = 0;
    search();
    show();
  }
  input.addEventListener('input', (/** @type {InputEvent} */ event) => {
    // What an input method composes is not yet what is meant.
    if (!event.isComposing) typed();
  });
  input.addEventListener('compositionend', typed);
  input.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    // Safari ends a composition before the key that ended it.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      chosen = Math.min(shown.length - 1, Math.max(0, chosen + (event.key === 'ArrowDown' ? 1 : -1)));
      show();
      list.children[chosen]?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (shown.length) act(chosen);
      else wantsFirst = true;
    }
  });
  document.body.appendChild(dialog);
  dialog.addEventListener('close', () => {
    clearTimeout(timer);
    request.abort();
    dialog.remove();
  });
  dialog.showModal();
  show();
}
