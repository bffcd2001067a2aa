// What connects tickets: the customer's earlier ones, links, merging.
import { at, call, get } from './api.js';
import { ask } from './dialogs.js';
import { fill, h, shortID, visible } from './dom.js';
import { moment, pagedList } from './listing.js';
import { notify } from './notify.js';
import { t, word } from './text.js';
import { title } from './titles.js';

/** @param {API.Ticket} ticket @param {string | null} before */
const fetchHistory = (ticket, before) => {
  const query = new URLSearchParams({ limit: '20', ...(before ? { before } : {}) });
  return get(`${at`/v1/customers/${ticket.channel}/${ticket.customer}/history`}?${query}`);
};

/**
 * The tickets of the ticket's customer on all channels.
 * @param {API.Ticket} ticket
 * @param {(id: string) => string} link
 */
export function historyList(ticket, link) {
  const list = pagedList({
    fetchPage: async (before) => {
      const page = await fetchHistory(ticket, before);
      return { rows: page.tickets.filter((/** @type {any} */ entry) => entry.ticket_id !== ticket.ticket_id), next: page.next };
    },
    empty: () => h('p', {}, t('history.none')),
    show: (rows) => h('ul', { class: 'history' }, rows.map((/** @type {any} */ entry) => h('li', {},
      h('p', {}, entry.visible ? h('a', { href: link(entry.ticket_id) }, shortID(entry.ticket_id)) : shortID(entry.ticket_id), ' ',
        [entry.channel, word('state', entry.state), entry.category ? title('categories', entry.category) : ''].filter(Boolean).join(' · ')),
      h('p', { class: 'facts' }, moment(entry.opened_at), entry.channel !== ticket.channel || entry.customer !== ticket.customer ? [' · ', h('span', { dir: 'auto' }, visible(entry.customer))] : '',
        entry.rating === null || entry.rating === undefined ? '' : ` · ${t('history.rating', { rating: entry.rating })}`, entry.visible ? '' : ` · ${t('history.hidden')}`)))),
  });
  list.load();
  return list.element;
}

/**
 * Links a ticket to another, or merges it into another.
 * @param {'link' | 'merge'} what
 * @param {API.Ticket} ticket
 * @param {import('./main.js').Me} me
 * @param {(merged: string | null) => void} changed
 */
export async function relate(what, ticket, me, changed) {
  const title = t(`relate.${what}`);
  const answer = await ask(title, (/** @type {(value: any) => void} */ done) => {
    const other = h('input', { name: 'other', required: true, list: 'other-tickets', pattern: '[0-9a-fA-F\\-]{32,36}', autocomplete: 'off', title: t('tickets.hint') });
    const known = h('datalist', { id: 'other-tickets' });
    const reason = h('input', { name: 'reason', required: true, maxlength: 500 });
    const across = h('input', { type: 'checkbox', name: 'across' });
    fetchHistory(ticket, null).then((page) => fill(known, page.tickets
      .filter((/** @type {any} */ entry) => entry.ticket_id !== ticket.ticket_id && entry.visible && (what === 'link' || entry.state !== 'closed'))
      .map((/** @type {any} */ entry) => h('option', { value: entry.ticket_id }, [entry.channel, word('state', entry.state), entry.category ? title('categories', entry.category) : ''].filter(Boolean).join(' · ')))), () => {});
    return [h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      if (other.value.trim() && reason.value.trim()) done({ other: other.value.trim(), reason: reason.value.trim(), across: across.checked });
    } }, h('p', { class: 'quiet-text' }, t(`relate.${what}-what`)), h('label', {}, t('relate.other'), other), known,
      what === 'merge' && me.role === 'lead' ? h('label', { class: 'check' }, across, t('relate.across')) : null,
      h('label', {}, t('reason'), reason), h('button', { class: 'primary' }, title))];
  });
  if (!answer) return;
  const path = at`/v1/tickets/${ticket.ticket_id}/`;
  try {
    if (what === 'link') await call('POST', `${path}links`, { ticket_id: answer.other, reason: answer.reason });
    else await call('POST', `${path}merge`, { into: answer.other, reason: answer.reason, ...(answer.across ? { across_customers: true } : {}) });
    notify(t(`relate.${what}-done`), 'good');
    changed(what === 'merge' ? answer.other : null);
  } catch (problem) {
    notify(problem);
  }
}
