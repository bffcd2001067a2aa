// Tickets for those who oversee: a list with filters in the address, and one ticket with its conversation, decisions and timeline.
import { at, call, get } from './api.js';
import { now } from './clock.js';
import { chooseTarget } from './acts.js';
import { ask } from './dialogs.js';
import { fill, h, visible } from './dom.js';
import { addressed, moment, pagedList } from './listing.js';
import { failing, notify } from './notify.js';
import { nearest, promiseElement, showPromise } from './promise.js';
import { historyList } from './relate.js';
import { lines } from './side.js';
import { t, word } from './text.js';

/** Ages of the filter, in hours: opened within, or longer ago than. */
const ages = [['under', 1], ['under', 4], ['under', 24], ['under', 168], ['over', 1], ['over', 4], ['over', 24], ['over', 168]];

/** @param {import('./main.js').Frame} frame */
export async function open({ me, body }) {
  const id = h('input', { type: 'search', name: 'ticket', size: 24, placeholder: t('tickets.hint') });
  const choice = (/** @type {string} */ name, /** @type {[string, string][]} */ values) =>
    h('select', { name }, h('option', { value: '' }, t('filter.any')), values.map(([value, title]) => h('option', { value }, title)));
  const fields = {
    text: h('input', { type: 'search', name: 'text', minlength: 2, maxlength: 100, size: 18 }),
    state: choice('state', ['received', 'triage', 'queued', 'offered', 'assigned', 'pending', 'answered', 'resolved'].map((name) => [name, word('state', name)])),
    queue: choice('queue', []),
    agent: choice('agent', []),
    priority: choice('priority', ['urgent', 'high', 'normal', 'low'].map((name) => [name, word('priority', name)])),
    late: choice('late', [['true', t('filter.late')], ['false', t('filter.not-late')]]),
    escalated: choice('escalated', [['true', t('filter.escalated')], ['false', t('filter.not-escalated')]]),
    age: choice('age', ages.map(([how, hours]) => [`${how}-${hours}h`, t(`filter.${how}`, { hours: Number(hours), count: Number(hours) })])),
    channel: h('input', { type: 'search', name: 'channel', size: 10 }),
    customer: h('input', { type: 'search', name: 'customer', size: 18, dir: 'auto' }),
  };
  const address = addressed('/tickets', fields);
  const result = h('div', { class: 'list-page' });
  const form = h('form', { class: 'filters', onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    if (id.value.trim()) load(id.value.trim());
    else search();
  } }, h('label', {}, t('tickets.find'), id), h('button', {}, t('tickets.open')), Object.entries(fields).map(([name, field]) => h('label', {}, t(`filter.${name}`), field)),
    h('button', { type: 'button', class: 'primary', onclick: search }, t('filter.search')), h('button', { type: 'button', class: 'quiet', onclick: clear }, t('filter.clear')));
  fill(body, h('div', { class: 'list-page' }, form), result);
  const mayChange = !me.read_only && (me.role === 'lead' || me.role === 'operator');
  const mayMove = !me.read_only && me.role === 'lead' && me.agent;

  // Choosing from a list searches at once; a text when Enter is pressed.
  form.addEventListener('change', (/** @type {Event} */ event) => {
    if (event.target instanceof HTMLSelectElement) search();
  });

  function clear() {
    for (const field of [id, ...Object.values(fields)]) field.value = '';
    search();
  }

  // --- The list -------------------------------------------------------------------------------------------------------

  /** The parameters of the interface. Ages become times, once for all pages of a list. */
  function parameters() {
    const { age, customer, ...values } = address.values();
    const [how, length] = (age ?? '').split('-');
    const time = new Date(now() - Number.parseInt(length ?? '0', 10) * 3_600_000).toISOString();
    return { ...values, ...(customer && values.channel ? { customer } : {}), ...(how === 'under' ? { opened_from: time } : how === 'over' ? { opened_before: time } : {}) };
  }

  function search() {
    id.value = '';
    address.keep();
    if (fields.customer.value.trim() && !fields.channel.value.trim()) {
      fields.channel.focus();
      return fill(result, h('section', {}, h('p', { class: 'empty', role: 'alert' }, t('filter.needs-channel'))));
    }
    const chosen = parameters();
    const list = pagedList({
      fetchPage: async (cursor) => {
        const page = await get(`/v1/tickets?${new URLSearchParams({ ...chosen, limit: '50', ...(cursor ? { cursor } : {}) })}`);
        return { rows: page.tickets, next: page.next };
      },
      empty: () => h('p', {}, t('tickets.none')),
      show: (rows) => h('table', {}, h('caption', { class: 'visually-hidden' }, t('page.tickets')),
        h('thead', {}, h('tr', {}, ['tickets.find', 'customer', 'wall.queue', 'filter.priority', 'filter.state', 'filter.agent', 'opened', 'tickets.due'].map((key) => h('th', { scope: 'col' }, t(key))))),
        h('tbody', {}, rows.map(row))),
    });
    fill(result, h('section', {}, list.element));
    list.load();
  }

  /** @param {any} ticket */
  function row(ticket) {
    const promise = promiseElement();
    showPromise(promise, nearest(ticket));
    return h('tr', {}, h('td', {}, h('a', { href: `/tickets?ticket=${encodeURIComponent(ticket.ticket_id)}`, onclick: (/** @type {MouseEvent} */ event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      load(ticket.ticket_id, true);
    } }, `#…${ticket.ticket_id.slice(-4)}`)), h('td', { dir: 'auto' }, visible(ticket.customer), h('small', {}, ` ${ticket.channel}`)), h('td', {}, ticket.queue ?? '–'),
      h('td', { class: ticket.priority === 'urgent' ? 'tone-danger' : null }, word('priority', ticket.priority)),
      h('td', {}, word('state', ticket.state), ticket.escalation_steps > 0 ? ` · ${t('filter.escalated')}` : ''), h('td', {}, ticket.agent ?? '–'), h('td', {}, moment(ticket.opened_at)), h('td', {}, promise));
  }

  // --- One ticket -----------------------------------------------------------------------------------------------------

  /** @param {string} ticketID @param {boolean} [fromList] whether the way back leads to the list */
  async function load(ticketID, fromList = false) {
    const path = `/tickets?ticket=${encodeURIComponent(ticketID)}`;
    if (fromList) history.pushState(null, '', path);
    else history.replaceState(null, '', path);
    id.value = ticketID;
    fill(result, h('p', { class: 'loading' }, t('loading')));
    try {
      const [ticket, timeline, explanation] = await Promise.all([
        get(at`/v1/tickets/${ticketID}`), get(at`/v1/tickets/${ticketID}/timeline?limit=100`), get(at`/v1/tickets/${ticketID}/explanation?limit=5`)]);
      show(ticket, timeline, explanation);
    } catch (problem) {
      failing(result, problem, () => load(ticketID));
    }
  }

  /** @param {any} ticket @param {string} path @param {any} change */
  async function act(ticket, path, change) {
    try {
      await call('POST', at`/v1/tickets/${ticket.ticket_id}/` + path, change);
      notify(t('tickets.done'), 'good');
    } catch (problem) {
      notify(problem);
    }
    load(ticket.ticket_id);
  }

  /** @param {any} ticket */
  async function transfer(ticket) {
    const target = await chooseTarget();
    if (target) await act(ticket, 'transfer', target);
  }

  /** @param {any} ticket */
  async function takeOver(ticket) {
    const reason = await ask(t('tickets.take-over'), (/** @type {(value: string) => void} */ done) => {
      const input = h('input', { name: 'reason', required: true, maxlength: 500 });
      return [h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        if (input.value.trim()) done(input.value.trim());
      } }, h('p', { class: 'quiet-text' }, t('tickets.take-over-what')), h('label', {}, t('reason'), input), h('button', { class: 'primary' }, t('tickets.take-over')))];
    });
    if (reason) await act(ticket, 'transfer', { agent: me.agent, reason });
  }

  /** @param {any} ticket @param {any} timeline @param {any} explanation */
  function show(ticket, timeline, explanation) {
    const priority = h('select', {}, ['low', 'normal', 'high', 'urgent'].map((name) => h('option', { value: name }, word('priority', name))));
    priority.value = ticket.priority;
    const reason = h('input', { maxlength: 500, required: true });
    const promise = promiseElement();
    showPromise(promise, nearest(ticket));
    const earlier = h('details', { ontoggle: () => {
      if (earlier.open && earlier.childElementCount === 1) earlier.appendChild(historyList(ticket, (other) => `/tickets?ticket=${encodeURIComponent(other)}`));
    } }, h('summary', {}, t('history')));
    fill(result,
      h('p', {}, h('button', { class: 'quiet', onclick: search }, t('tickets.list'))),
      h('section', {}, h('h2', { dir: 'auto' }, visible(ticket.customer)), h('p', { class: 'facts' }, [ticket.channel, ticket.queue, word('priority', ticket.priority), word('state', ticket.state), ticket.agent].filter(Boolean).join(' · ')), promise,
        h('ol', {}, (ticket.messages ?? []).map((/** @type {any} */ message) => h('li', { class: `message ${message.kind}` }, h('p', { class: 'message-head' }, h('span', { dir: 'auto' }, visible(message.kind === 'customer' ? ticket.customer : message.author)), moment(message.at)), h('p', { class: 'message-text', dir: 'auto' }, visible(message.text)),
          message.delivery ? h('p', { class: 'message-state', data: { state: message.delivery.state } }, t(`delivery.${message.delivery.state}`), message.delivery.reason ? [' · ', visible(message.delivery.reason)] : '') : null))),
        earlier),
      mayMove && ticket.state !== 'closed' ? h('section', {}, h('div', { class: 'actions' },
        ticket.agent === me.agent ? h('a', { href: `/desk?ticket=${encodeURIComponent(ticket.ticket_id)}` }, t('tickets.at-desk')) : h('button', { onclick: () => takeOver(ticket) }, t('tickets.take-over')),
        h('button', { onclick: () => transfer(ticket) }, t('transfer')))) : null,
      mayChange && ticket.state !== 'closed' ? h('section', {}, h('form', { class: 'filters', onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        act(ticket, 'priority', { priority: priority.value, reason: reason.value.trim() });
      } }, h('label', {}, t('tickets.priority'), priority), h('label', {}, t('reason'), reason), h('button', {}, t('tickets.priority')))) : null,
      h('section', {}, h('h2', {}, t('explanation')), (explanation.decisions ?? []).slice().reverse().map((/** @type {any} */ decision) => h('pre', { class: 'facts-text', tabindex: '0' }, lines(decision)))),
      h('section', {}, h('h2', {}, t('timeline')), h('ol', { class: 'timeline' }, timeline.entries.map((/** @type {any} */ entry) => h('li', {}, moment(entry.at), ' ', h('strong', {}, word('event', entry.kind)), ' ', h('span', { class: 'quiet-text' }, entry.actor))))));
  }

  window.addEventListener('popstate', () => begin());
  function begin() {
    const given = new URLSearchParams(location.search).get('ticket');
    if (given) load(given);
    else search();
  }

  try {
    const directory = await get('/v1/directory');
    const add = (/** @type {HTMLElement} */ select, /** @type {string[]} */ names) => names.forEach((name) => select.appendChild(h('option', { value: name }, name)));
    add(fields.queue, directory.queues.map((/** @type {any} */ queue) => queue.queue));
    add(fields.agent, directory.agents.map((/** @type {any} */ agent) => agent.agent));
    const query = new URLSearchParams(location.search);
    for (const name of ['queue', 'agent']) /** @type {any} */ (fields)[name].value = query.get(name) ?? '';
  } catch (problem) {
    notify(problem);
  }
  begin();
}
