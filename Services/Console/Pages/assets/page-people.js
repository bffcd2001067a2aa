// Agents by presence and load, and what they hold. A lead sets another's presence, reads along in a conversation and takes it over.
import { at, call, get } from './api.js';
import { now } from './clock.js';
import { ask, show as showDialog } from './dialogs.js';
import { fill, h, reconcile, setText, visible } from './dom.js';
import { addressed, keepFresh, pagedList, stamp } from './listing.js';
import { notify } from './notify.js';
import { onChange } from './overseer-stream.js';
import { nearest, promiseElement, showPromise } from './promise.js';
import { fullTime, number, pair, shortTime, t, word } from './text.js';
import { title } from './titles.js';

const order = ['available', 'away', 'reserve', 'offline'];

/** @param {import('./main.js').Frame} frame */
export async function open({ me, bar, body }) {
  const updated = h('span', { class: 'load', role: 'status' });
  fill(bar, updated);
  const fields = {
    agent: h('input', { type: 'search', name: 'agent' }),
    presence: h('select', { name: 'presence' }, h('option', { value: '' }, t('filter.any')), order.map((presence) => h('option', { value: presence }, word('presence', presence)))),
  };
  const address = addressed('/people', fields);
  const summary = h('p', { class: 'quiet-text', role: 'status' });
  const rows = h('tbody', {});
  const list = h('section', { class: 'people' }, summary, h('table', {}, h('caption', { class: 'visually-hidden' }, t('page.people')),
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('people.agent')), h('th', { scope: 'col' }, t('people.presence')), h('th', { scope: 'col', class: 'figure' }, t('people.load')),
      h('th', { scope: 'col' }, t('people.seen')), h('th', { scope: 'col' }, h('span', { class: 'visually-hidden' }, t('people.actions'))))), rows));
  fill(body, h('div', { class: 'list-page' }, h('div', { class: 'filters' }, Object.entries(fields).map(([name, field]) => h('label', {}, t(`people.${name}`), field))), list));
  const mayChange = !me.read_only && (me.role === 'lead' || me.role === 'operator');

  /** @param {string} agent */
  async function setPresence(agent) {
    const wanted = await ask(pair(t('people.set'), title('agents', agent)), (/** @type {(value: any) => void} */ done) => {
      const reason = h('input', { name: 'reason', maxlength: 500 });
      const minutes = h('input', { name: 'minutes', type: 'number', min: 1, max: 600, inputmode: 'numeric' });
      return [h('p', { class: 'actions' }, ['available', 'offline'].map((presence) => h('button', { type: 'button', onclick: () => done({ presence }) }, word('presence', presence)))),
        h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          const text = reason.value.trim();
          done({ presence: 'away', ...(text ? { reason: text } : {}),
            ...(text && Number(minutes.value) > 0 ? { until: new Date(now() + Number(minutes.value) * 60_000).toISOString() } : {}) });
        } }, h('label', {}, t('presence.reason'), reason), h('label', {}, t('presence.minutes'), minutes), h('button', {}, word('presence', 'away')))];
    });
    if (!wanted) return;
    try {
      await call('POST', at`/v1/agents/${agent}/presence`, wanted);
    } catch (problem) {
      notify(problem);
    }
    again();
  }

  /**
   * What an agent holds: each ticket leads to its conversation, which can be read along.
   * @param {string} agent
   */
  function showHeld(agent) {
    const held = pagedList({
      fetchPage: async (cursor) => {
        const page = await get(`/v1/tickets?${new URLSearchParams({ agent, limit: '50', ...(cursor ? { cursor } : {}) })}`);
        return { rows: page.tickets, next: page.next };
      },
      empty: () => h('p', {}, t('people.holds-none')),
      show: (tickets) => h('ul', { class: 'held' }, tickets.map((/** @type {API.Ticket} */ ticket) => {
        const promise = promiseElement();
        showPromise(promise, nearest(ticket));
        return h('li', {}, h('a', { href: `/tickets?ticket=${encodeURIComponent(ticket.ticket_id)}` }, h('span', { dir: 'auto' }, visible(ticket.customer)), ` #…${ticket.ticket_id.slice(-4)}`),
          h('span', { class: 'facts' }, [ticket.queue ? title('queues', ticket.queue) : '', word('priority', ticket.priority), word('state', ticket.state)].filter(Boolean).join(' · ')), promise);
      })),
    });
    showDialog(t('people.holds-of', { who: title('agents', agent) }), held.element);
    held.load();
  }

  /** @param {API.Agent} agent */
  function makeRow({ agent }) {
    const name = title('agents', agent);
    return h('tr', {}, h('th', { scope: 'row' }, name, name === agent ? null : h('small', {}, ` ${agent}`)),
      h('td', {}, h('span', { class: 'presence-word' }, h('span', { class: 'presence-sign', 'aria-hidden': 'true' }), h('span', {})), h('small', { dir: 'auto' })),
      h('td', { class: 'figure' }, h('span', {}), h('span', { class: 'load-bar', 'aria-hidden': 'true' }, h('span', {}))), h('td', {}, h('time', {})),
      h('td', {}, h('div', { class: 'actions' }, h('button', { class: 'quiet', onclick: () => showHeld(agent) }, t('people.holds')),
        mayChange ? h('button', { class: 'quiet', onclick: () => setPresence(agent) }, t('people.set')) : null)));
  }

  /** @param {HTMLElement} row @param {API.Agent} agent */
  function showRow(row, agent) {
    const [, presence, load, seen] = /** @type {any} */ (row.children);
    presence.firstElementChild.dataset.presence = agent.presence;
    setText(presence.firstElementChild.lastElementChild, word('presence', agent.presence));
    setText(presence.lastElementChild, agent.break_reason ? ` ${agent.break_reason}${agent.break_until ? ` · ${t('presence.until', { at: shortTime(agent.break_until, now()) })}` : ''}` : '');
    setText(load.firstElementChild, `${number(agent.load)} / ${number(agent.capacity)}`);
    load.lastElementChild.classList.toggle('is-full', agent.load >= agent.capacity);
    load.lastElementChild.firstElementChild.style.setProperty('inline-size', `${Math.min(100, Math.round((agent.load / Math.max(1, agent.capacity)) * 100))}%`);
    const time = seen.firstElementChild;
    time.dateTime = agent.seen_at;
    time.title = fullTime(agent.seen_at);
    setText(time, shortTime(agent.seen_at, now()));
  }

  /** @type {API.Agent[]} */
  let agents = [];
  function show() {
    address.keep();
    const wanted = /** @type {Record<string, string>} */ (address.values());
    const text = (wanted.agent ?? '').toLowerCase();
    const found = agents.filter((agent) => (!wanted.presence || agent.presence === wanted.presence) && `${agent.agent} ${title('agents', agent.agent)}`.toLowerCase().includes(text))
      .sort((first, second) => order.indexOf(first.presence) - order.indexOf(second.presence) || second.load - first.load || (first.agent < second.agent ? -1 : 1));
    reconcile(rows, found, (agent) => agent.agent, makeRow, showRow);
    setText(summary, found.length === 0 ? t('people.none') : order.map((presence) => `${word('presence', presence)} ${number(found.filter((agent) => agent.presence === presence).length)}`).join(' · '));
  }
  fields.presence.addEventListener('change', show);
  fields.agent.addEventListener('input', show);
  const again = keepFresh(list, 15, async () => (await get('/v1/agents')).agents, (next) => {
    agents = next;
    show();
    stamp(updated);
  });
  onChange(me, ['presence', 'assignment'], () => again());
}
