// Ready answers while writing: `/` at the start of a line (or `、` and `／`, which Chinese input methods make of that key) opens the list of the articles that fit the ticket.
import { h, reconcile, setVisible, withoutHidden } from './dom.js';
import { t } from './text.js';

/** The start of a line up to the caret: a slash and what the list is narrowed by. */
const trigger = /(?:^|\n)[/／、]([^\n/／、]{0,40})$/;

/**
 * A text with what the desk knows in place of `{customer}`, `{agent}`, `{ticket}` and `{channel}`; other braces stay as they are.
 * @param {string} text
 * @param {API.Ticket} ticket
 * @param {string | null} agent
 */
export function filled(text, ticket, agent) {
  /** @type {Record<string, string>} */
  const values = { customer: ticket.customer, agent: agent ?? '', ticket: ticket.ticket_id.slice(-4), channel: ticket.channel, ...ticket.fields };
  return text.replace(/\{([a-z0-9._-]+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? withoutHidden(values[name]) : whole));
}

/**
 * @param {HTMLTextAreaElement} area
 * @param {() => {ticket: any, agent: string | null}} context
 * @param {() => void} changed called after a snippet was inserted
 */
export function snippetMenu(area, context, changed) {
  const list = h('ul', { id: 'snippet-list', class: 'snippets', role: 'listbox', 'aria-label': t('snippets'), hidden: true });
  let chosen = 0;
  /** @type {{key: string, title: string, answer: string}[]} */
  let found = [];
  let isDismissed = false;

  const match = () => (area.selectionStart === area.selectionEnd ? trigger.exec(area.value.slice(0, area.selectionStart)) : null);

  function close() {
    list.hidden = true;
    area.removeAttribute('aria-activedescendant');
  }

  function update() {
    const part = match();
    const { ticket } = context();
    if (!part) isDismissed = false;
    if (!part || !ticket || isDismissed) return close();
    const wanted = part[1].trim().toLowerCase();
    found = (ticket.articles ?? []).filter((/** @type {any} */ article) => article.answer).map((/** @type {any} */ article) => (
      { key: article.article, title: article.title ?? article.article, answer: article.answer }))
      .filter((/** @type {any} */ entry) => `${entry.title} ${entry.answer}`.toLowerCase().includes(wanted));
    chosen = Math.min(chosen, Math.max(0, found.length - 1));
    const rows = found.length > 0 ? found : [{ key: '', title: t('snippets.none'), answer: '' }];
    reconcile(list, rows.map((entry, index) => ({ entry, index })), ({ entry, index }) => `${index} ${entry.key}`,
      ({ index }) => h('li', { role: 'option', id: `snippet-${index}`, onmousedown: (/** @type {Event} */ event) => {
        event.preventDefault();
        insert(index);
      } }, h('span', { dir: 'auto' }), h('small', { dir: 'auto' })),
      (element, { entry, index }) => {
        setVisible(element.children[0], entry.title);
        setVisible(element.children[1], entry.answer.slice(0, 120));
        element.setAttribute('aria-selected', String(found.length > 0 && index === chosen));
      });
    list.hidden = false;
    if (found.length > 0) area.setAttribute('aria-activedescendant', `snippet-${chosen}`);
    else area.removeAttribute('aria-activedescendant');
  }

  /** @param {number} index */
  function insert(index) {
    const part = match();
    const entry = found[index];
    const { ticket, agent } = context();
    if (!part || !entry || !ticket) return close();
    const end = area.selectionStart;
    area.setRangeText(filled(entry.answer, ticket, agent), end - part[1].length - 1, end, 'end');
    close();
    changed();
  }

  area.setAttribute('aria-autocomplete', 'list');
  area.setAttribute('aria-controls', list.id);
  area.setAttribute('aria-haspopup', 'listbox');
  area.addEventListener('input', update);
  area.addEventListener('click', update);
  area.addEventListener('blur', close);
  return {
    element: list,
    /**
     * Whether the list took the key.
     * @param {KeyboardEvent} event
     */
    takes(event) {
      if (list.hidden) return false;
      if (event.key === 'Escape') {
        isDismissed = true;
        close();
      } else if (found.length > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
        chosen = (chosen + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length;
        update();
        list.children[chosen]?.scrollIntoView({ block: 'nearest' });
      } else if (found.length > 0 && !event.ctrlKey && !event.metaKey && (event.key === 'Enter' || event.key === 'Tab')) insert(chosen);
      else return false;
      event.preventDefault();
      return true;
    },
    close,
  };
}
