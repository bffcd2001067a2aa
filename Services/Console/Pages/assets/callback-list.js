// Call-backs as a list, those due first first.
import { get } from './api.js';
import { actions, due } from './callbacks.js';
import { h, shortID } from './dom.js';
import { pagedList } from './listing.js';
import { t, word } from './text.js';
import { title } from './titles.js';

/**
 * A list of call-backs.
 * @param {import('./main.js').Me} me
 * @param {() => Record<string, string>} filters
 * @param {(ticket: string) => string} link
 */
export function callBackList(me, filters, link) {
  /** @type {{element: HTMLElement, load: () => Promise<void>, freshen: () => Promise<void>}} */
  const list = pagedList({
    fetchPage: async (cursor) => {
      const page = await get(`/v1/callbacks?${new URLSearchParams({ ...filters(), limit: '50', ...(cursor ? { cursor } : {}) })}`);
      return { rows: page.callbacks, next: page.next };
    },
    empty: () => h('p', {}, t('callback.list-empty')),
    show: (rows) => h('table', {}, h('caption', { class: 'visually-hidden' }, t('page.callbacks')),
      h('thead', {}, h('tr', {}, ['callback.due', 'tickets.find', 'callback.owner', 'wall.queue', 'tickets.state', ''].map((key) => h('th', { scope: 'col' }, key ? t(key) : '')))),
      h('tbody', {}, rows.map((/** @type {any} */ row) => h('tr', {}, h('td', {}, due(row)),
        h('td', {}, h('a', { href: link(row.ticket_id) }, shortID(row.ticket_id))), h('td', {}, row.owner ? title('agents', row.owner) : t('callback.unassigned')), h('td', {}, row.queue ? title('queues', row.queue) : '–'),
        h('td', {}, [word('callback.state', row.state), row.origin === 'overload' ? t('callback.overload') : '', row.moves > 0 ? t('callback.moved', { count: row.moves }) : ''].filter(Boolean).join(' · ')),
        h('td', {}, !me.read_only && me.agent && !row.ended_at ? actions(row, me.agent, () => list.load()) : ''))))),
  });
  return list;
}
