// Tickets for those who oversee: a list with filters in the address, and one ticket with its conversation, decisions and timeline.
import { at, call, get } from './api.js';
import { now } from './clock.js';
import { chooseTarget, transferred, whyTakeOver } from './acts.js';
import { fill, h, reconcile, shortID, visible } from './dom.js';
import { addressed, moment, pagedList } from './listing.js';
import { failing, notify } from './notify.js';
import { nearest, promiseElement, showPromise } from './promise.js';
import { historyList } from './relate.js';
import { excerpt, find, wordsOf } from './search.js';
import { t, word } from './text.js';
import { actorName, title } from './titles.js';
import { viewers } from './viewers.js';

/** Ages of the filter, in hours: opened within, or longer ago than. */
const ages = [['under', 1], ['under', 4], ['under', 24], ['under', 168], ['over', 1], ['over', 4], ['over', 24], ['over', 168]];

/** How often an open conversation is fetched again, in milliseconds. */
const readAlongTime = 4000;

/** @param {import('./main.js').Frame} frame */
export async function open({ me, body }) {
  const id = h('input', { type: 'search', name: 'ticket', size: 24, placeholder: t('tickets.hint') });
  const choice = (/** @type {string} */ name, /** @type {[string, string][]} */ values) =>
    h('select', { name }, h('option', { value: '' }, t('filter.any')), values.map(([value, title]) => h('option', { value }, title)));
  const fields = {
    q: h('input', { type: 'search', name: 'q', maxlength: 100, size: 18, placeholder: t('filter.q-hint'), dir: 'auto' }),
    text: h('input', { type: 'search', name: 'text', minlength: 2, maxlength: 100, size: 18 }),
    state: choice('state', ['received', 'triage', 'queued', 'offered', 'assigned', 'pending', 'answered', 'resolved'].map((name) => [name, word('state', name)])),
    queue: choice('queue', []),
    agent: choice('agent', []),
    priority: choice('priority', ['urgent', 'high', 'normal', 'low'].map((name) => [name, word('priority', name)])),
    late: choice('late', [['true', t('filter.late')], ['false', t('filter.not-late')]]),
    escalated: choice('escalated', [['true', t('filter.escalated')], ['false', t('filter.not-escalated')]]),
    age: choice('age', ages.map(([how, hours]) => [`${how}-${hours}h`, Number(hours) % 24 === 0 ? t(`filter.${how}-days`, { count: Number(hours) / 24 }) : t(`filter.${how}`, { count: Number(hours) })])),
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
  // Words are looked up in an index, which knows no other filters than these.
  const withWords = ['q', 'state', 'queue'];
  function combine() {
    for (const [name, field] of Object.entries(fields)) field.disabled = Boolean(wordsOf(fields.q.value)) && !withWords.includes(name);
  }
  fields.q.addEventListener('input', combine);

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
    leave();
    id.value = '';
    combine();
    for (const field of Object.values(fields)) if (field.disabled) field.value = '';
    address.keep();
    if (wordsOf(fields.q.value)) return searchWords(wordsOf(fields.q.value));
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

  /** @param {string} q */
  function searchWords(q) {
    const { state, queue } = address.values();
    const customers = h('p', { class: 'quiet-text', hidden: true });
    const encrypted = h('p', { class: 'quiet-text', hidden: true }, t('tickets.encrypted'));
    const list = pagedList({
      fetchPage: async (cursor) => {
        const page = await find({ q, ...(state ? { state } : {}), ...(queue ? { queue } : {}), ...(cursor ? { cursor } : {}) });
        encrypted.hidden = !page.words_encrypted;
        if (!cursor) {
          customers.hidden = page.customers.length === 0;
          fill(customers, t('tickets.customers'), page.customers.map((/** @type {any} */ customer) => [' · ', link(customer.ticket_id, h('span', { dir: 'auto' }, visible(customer.customer))), ` ${customer.channel}`]));
        }
        return { rows: page.tickets, next: page.next };
      },
      empty: () => h('p', {}, t('filter.q-none')),
      show: (rows) => h('table', {}, h('caption', { class: 'visually-hidden' }, t('page.tickets')),
        h('thead', {}, h('tr', {}, ['tickets.find', 'customer', 'wall.queue', 'filter.state', 'filter.agent', 'tickets.found', 'opened'].map((key) => h('th', { scope: 'col' }, t(key))))),
        h('tbody', {}, rows.map((/** @type {any} */ found) => h('tr', {}, h('td', {}, link(found.ticket_id, shortID(found.ticket_id))), h('td', { dir: 'auto' }, visible(found.customer), h('small', {}, ` ${found.channel}`)),
          h('td', {}, found.queue ? title('queues', found.queue) : '–'), h('td', {}, word('state', found.state)), h('td', {}, found.agent ? title('agents', found.agent) : '–'), h('td', { dir: 'auto' }, excerpt(found.message)), h('td', {}, moment(found.opened_at)))))),
    });
    fill(result, h('section', {}, customers, encrypted, list.element));
    list.load();
  }

  /**
   * A link that opens a ticket on this page.
   * @param {string} ticketID
   * @param {any} text
   */
  const link = (ticketID, text) => h('a', { href: `/tickets?ticket=${encodeURIComponent(ticketID)}`, onclick: (/** @type {MouseEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    load(ticketID, true);
  } }, text);

  /** @param {API.Ticket} ticket */
  function row(ticket) {
    const promise = promiseElement();
    showPromise(promise, nearest(ticket));
    return h('tr', {}, h('td', {}, link(ticket.ticket_id, shortID(ticket.ticket_id))), h('td', { dir: 'auto' }, visible(ticket.customer), h('small', {}, ` ${ticket.channel}`)), h('td', {}, ticket.queue ? title('queues', ticket.queue) : '–'),
      h('td', { class: ticket.priority === 'urgent' ? 'tone-danger' : null }, word('priority', ticket.priority)),
      h('td', {}, word('state', ticket.state), ticket.escalation_steps > 0 ? ` · ${t('filter.escalated')}` : ''), h('td', {}, ticket.agent ? title('agents', ticket.agent) : '–'), h('td', {}, moment(ticket.opened_at)), h('td', {}, promise));
  }

  // --- One ticket -----------------------------------------------------------------------------------------------------

  /** @param {string} ticketID @param {boolean} [fromList] whether the way back leads to the list */
  async function load(ticketID, fromList = false) {
    leave();
    const path = `/tickets?ticket=${encodeURIComponent(ticketID)}`;
    if (fromList) history.pushState(null, '', path);
    else history.replaceState(null, '', path);
    id.value = ticketID;
    fill(result, h('p', { class: 'loading' }, t('loading')));
    try {
      const [ticket, timeline, answer] = await Promise.all([
        get(at`/v1/tickets/${ticketID}`), get(at`/v1/tickets/${ticketID}/timeline?limit=100`), get(at`/v1/tickets/${ticketID}/explanation?limit=5`)]);
      show(ticket, timeline, await (await import('./explain.js')).explanation(answer));
      readAlong(ticket);
    } catch (problem) {
      failing(result, problem, () => load(ticketID));
    }
  }

  const others = viewers(me);
  let timer = 0;
  function leave() {
    clearInterval(timer);
    others.open(null);
  }

  /**
   * Shows what is written from now on; when the ticket changes hands or ends, all of it again, unless the reader is filling something in.
   * @param {API.Ticket} ticket
   */
  function readAlong(ticket) {
    others.open(ticket.ticket_id);
    const mine = timer = window.setInterval(async () => {
      if (document.hidden) return;
      try {
        const next = await get(at`/v1/tickets/${ticket.ticket_id}`);
        if (mine !== timer) return;
        showMessages(next);
        const isOther = next.agent !== ticket.agent || next.state !== ticket.state || next.priority !== ticket.priority;
        if (isOther && !result.querySelector('form :focus') && !document.querySelector('dialog[open]')) load(ticket.ticket_id);
      } catch {
        // The strip over the page says that the server does not answer.
      }
    }, readAlongTime);
  }

  const log = h('ol', { class: 'messages' });
  /** @param {API.Ticket} ticket */
  function showMessages(ticket) {
    reconcile(log, ticket.messages ?? [], (message) => message.message_id,
      (message) => h('li', { class: `message ${message.kind}` },
        h('p', { class: 'message-head' }, h('span', { dir: 'auto' }, visible(message.kind === 'customer' ? ticket.customer : title('agents', message.author))), moment(message.at)),
        h('p', { class: 'message-text', dir: 'auto' }, visible(message.text)), h('p', { class: 'message-state', dir: 'auto', hidden: true })),
      (element, message) => {
        const state = /** @type {HTMLElement} */ (element.lastElementChild);
        state.hidden = !message.delivery;
        if (!message.delivery || state.dataset.state === message.delivery.state) return;
        state.dataset.state = message.delivery.state;
        fill(state, t(`delivery.${message.delivery.state}`), message.delivery.reason ? [' · ', visible(message.delivery.reason)] : null);
      });
  }

  /** @param {API.Ticket} ticket @param {string} path @param {any} change @param {string} [done] */
  async function act(ticket, path, change, done = t('tickets.done')) {
    try {
      const answer = await call('POST', at`/v1/tickets/${ticket.ticket_id}/` + path, change);
      if (answer.version === ticket.version) notify(t('unchanged'), 'warning');
      else notify(done, 'good');
    } catch (problem) {
      notify(problem);
    }
    load(ticket.ticket_id);
  }

  /** @param {API.Ticket} ticket */
  async function transfer(ticket) {
    const target = await chooseTarget(ticket);
    if (target) await act(ticket, 'transfer', target, transferred(target));
  }

  /** @param {API.Ticket} ticket */
  async function takeOver(ticket) {
    const reason = await whyTakeOver();
    if (reason) await act(ticket, 'transfer', { agent: me.agent, reason });
  }

  /** @param {API.Ticket} ticket @param {any} timeline @param {HTMLElement[]} decisions the explanation */
  function show(ticket, timeline, decisions) {
    const priority = h('select', {}, ['low', 'normal', 'high', 'urgent'].map((name) => h('option', { value: name }, word('priority', name))));
    priority.value = ticket.priority;
    const reason = h('input', { maxlength: 500, required: true });
    const promise = promiseElement();
    showPromise(promise, nearest(ticket));
    const earlier = h('details', { ontoggle: () => {
      if (earlier.open && earlier.childElementCount === 1) earlier.appendChild(historyList(ticket, (other) => `/tickets?ticket=${encodeURIComponent(other)}`));
    } }, h('summary', {}, t('history')));
    log.replaceChildren();
    showMessages(ticket);
    fill(result,
      h('p', {}, h('button', { class: 'quiet', onclick: search }, t('tickets.list'))),
      h('section', {}, h('h2', { dir: 'auto' }, visible(ticket.customer)), h('p', { class: 'facts' }, [ticket.channel, ticket.queue ? title('queues', ticket.queue) : '', word('priority', ticket.priority), word('state', ticket.state), ticket.agent ? title('agents', ticket.agent) : ''].filter(Boolean).join(' · ')), promise,
        log, others.element, h('p', { class: 'quiet-text' }, t('tickets.live')),
        earlier),
      mayMove && ticket.state !== 'closed' ? h('section', {}, h('div', { class: 'actions' },
        ticket.agent === me.agent ? h('a', { href: `/desk?ticket=${encodeURIComponent(ticket.ticket_id)}` }, t('tickets.at-desk')) : h('button', { onclick: () => takeOver(ticket) }, t('tickets.take-over')),
        h('button', { onclick: () => transfer(ticket) }, t('transfer')))) : null,
      mayChange && ticket.state !== 'closed' ? h('section', {}, h('form', { class: 'filters', onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        act(ticket, 'priority', { priority: priority.value, reason: reason.value.trim() });
      } }, h('label', {}, t('tickets.priority'), priority), h('label', {}, t('reason'), reason), h('button', {}, t('tickets.priority')))) : null,
      h('section', {}, h('h2', {}, t('explanation')), decisions),
      h('section', {}, h('h2', {}, t('timeline')), h('ol', { class: 'timeline' }, timeline.entries.map((/** @type {any} */ entry) => h('li', {}, moment(entry.at), ' ', h('strong', {}, word('event', entry.kind)), ' ', h('span', { class: 'quiet-text', dir: 'auto' }, actorName(entry.actor)))))));
  }

  window.addEventListener('popstate', () => begin());
  function begin() {
    const given = new URLSearchParams(location.search).get('ticket');
    if (given) load(given);
    else search();
  }

  try {
    const directory = await get('/v1/directory');
    const add = (/** @type {HTMLElement} */ select, /** @type {'queues' | 'agents'} */ section, /** @type {string[]} */ names) =>
      names.forEach((name) => select.appendChild(h('option', { value: name }, title(section, name))));
    add(fields.queue, 'queues', directory.queues.map((/** @type {any} */ queue) => queue.queue));
    add(fields.agent, 'agents', directory.agents.map((/** @type {API.Agent} */ agent) => agent.agent));
    const query = new URLSearchParams(location.search);
    for (const name of ['queue', 'agent']) /** @type {any} */ (fields)[name].value = query.get(name) ?? '';
  } catch (problem) {
    notify(problem);
  }
  begin();
}
