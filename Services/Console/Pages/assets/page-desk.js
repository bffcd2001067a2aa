// The agent's desk: offers and inbox on the left, the conversation in the middle, what helps on the right.
import { at, call, get, Problem } from './api.js';
import { now, ticks } from './clock.js';
import { show as showDialog } from './dialogs.js';
import { fill, h, icon, reconcile, setText, setVisible, visible } from './dom.js';
import { addShortcuts } from './keys.js';
import { failing, notify } from './notify.js';
import { attention } from './attention.js';
import { promiseCallBack } from './callbacks.js';
import { conversationView } from './conversation.js';
import { offerCard } from './offer.js';
import { presenceMenu } from './presence.js';
import { byDue, nearest, promiseElement, showPromise } from './promise.js';
import { openLinks, sideView } from './side.js';
import { filled } from './snippets.js';
import { follow } from './stream.js';
import { shortTime, span, t, word } from './text.js';

/**
 * What the page knows. Everything comes from the server and can be fetched again; only what was read and what is being written is kept here.
 * @typedef {{ticket_id: string, version: number, state: string, messages: any[], [name: string]: any}} Ticket
 */

/** @param {import('./main.js').Frame} frame */
export async function open({ me, bar, body, bell }) {
  /** @type {Map<string, Ticket>} */
  const tickets = new Map();
  /** @type {Map<string, any>} */
  const offers = new Map();
  /** @type {string | null} */
  let selected = new URLSearchParams(location.search).get('ticket');
  let hasLoaded = false;

  const connection = h('span', { class: 'connection', role: 'status' });
  const presence = presenceMenu(me, () => refresh());
  const search = h('button', { class: 'quiet search', onclick: () => palette() }, t('palette.open'), ' ', h('kbd', {}, 'Ctrl-K'));
  const callBacks = h('button', { class: 'quiet', title: t('callback.mine'), onclick: () => openCallBacks() }, icon('phone'), ' ', h('span', { class: 'bar-text' }, t('callback.mine')));
  const results = h('button', { class: 'quiet', title: t('quality.mine'), onclick: () => openResults() }, icon('star'), ' ', h('span', { class: 'bar-text' }, t('quality.mine')));
  fill(bar, presence.element, connection, callBacks, results, search);

  const offerList = h('section', { class: 'offers', 'aria-label': t('offers'), 'aria-live': 'polite' });
  const inboxTitle = h('h2', {});
  const inboxList = h('ul', { class: 'inbox' });
  const inbox = h('section', { class: 'column inbox-column', 'aria-label': t('inbox') }, offerList,
    h('div', { class: 'inbox-head' }, inboxTitle), inboxList);
  const middle = h('section', { class: 'column conversation-column', 'aria-label': t('conversation') });
  const side = h('aside', { class: 'column side-column', 'aria-label': t('side') });
  fill(body, h('div', { class: 'desk', data: { view: selected ? 'conversation' : 'inbox' } }, inbox, middle, side));
  const desk = /** @type {HTMLElement} */ (body.firstElementChild);

  const conversation = conversationView(middle, me, {
    changed: () => refresh(),
    took: (/** @type {Ticket} */ ticket) => {
      tickets.set(ticket.ticket_id, ticket);
      show();
    },
    back: () => (desk.dataset.view = 'inbox'),
    aside: () => (desk.dataset.view = 'side'),
  });
  const aside = sideView(side, me, {
    insert: (/** @type {string} */ text, /** @type {Ticket} */ ticket) => conversation.insert(filled(text, ticket, me.agent)),
    changed: () => refresh(),
    back: () => (desk.dataset.view = 'conversation'),
    open: (/** @type {string} */ id) => select(id),
  });

  /** The last line of each ticket, and how much of it is unread. @type {Map<string, {last: any, unread: number}>} */
  const lines = new Map();
  /** The last message that the server knows as read, by ticket. @type {Map<string, string>} */
  const read = new Map();
  const lineOf = (/** @type {Ticket} */ ticket) => lines.get(ticket.ticket_id) ?? { last: null, unread: 0 };
  const isSeen = (/** @type {string} */ id) => id === selected && document.visibilityState === 'visible' && middle.offsetParent !== null;
  const unread = (/** @type {Ticket} */ ticket) => (isSeen(ticket.ticket_id) ? 0 : lineOf(ticket).unread);
  async function markRead(/** @type {Ticket} */ ticket) {
    const id = ticket.ticket_id;
    const last = ticket.messages?.at(-1)?.message_id ?? '';
    if (me.read_only || !isSeen(id) || last <= (read.get(id) ?? '')) return;
    read.set(id, last);
    try {
      const answer = await call('PUT', at`/v1/tickets/${id}/read`, { message_id: last });
      lineOf(ticket).unread = answer.unread;
      if (id !== selected) show();
    } catch {
      read.delete(id);
    }
  }
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    show();
    conversation.look();
  });

  const mine = () => [...tickets.values()].filter((ticket) => ticket.agent === me.agent && ticket.state !== 'closed').sort(byDue);

  function select(/** @type {string | null} */ id) {
    selected = id;
    history.replaceState(null, '', id ? `/desk?ticket=${encodeURIComponent(id)}` : '/desk');
    if (id) desk.dataset.view = 'conversation';
    show();
    if (id && !tickets.has(id)) load(id);
  }

  /** Moves the selection along the inbox. */
  function step(/** @type {number} */ by) {
    const list = mine();
    if (list.length === 0) return;
    const index = list.findIndex((ticket) => ticket.ticket_id === selected);
    select(list[Math.min(list.length - 1, Math.max(0, index < 0 ? 0 : index + by))].ticket_id);
  }

  // --- Fetching -------------------------------------------------------------------------------------------------------

  /** @type {Map<string, Promise<void>>} */
  const loading = new Map();
  async function load(/** @type {string} */ id) {
    const known = loading.get(id);
    if (known) return known;
    const task = (async () => {
      try {
        const ticket = await get(at`/v1/tickets/${id}`);
        tickets.set(id, ticket);
        show();
      } catch (problem) {
        if (problem instanceof Problem && problem.status === 404) {
          tickets.delete(id);
          if (selected === id) conversation.gone();
          show();
        } else if (selected === id && !tickets.has(id)) failing(middle, problem, () => load(id));
      } finally {
        loading.delete(id);
      }
    })();
    loading.set(id, task);
    return task;
  }

  let isRefreshing = false;
  let isWanted = false;
  /** Fetches what the agent has. Requests during a fetch are followed by one more. */
  async function refresh() {
    if (isRefreshing) {
      isWanted = true;
      return;
    }
    isRefreshing = true;
    try {
      do {
        isWanted = false;
        const [row, held] = await Promise.all([get('/v1/agents/me'), get('/v1/agents/me/tickets')]);
        presence.show(row);
        /** @type {Set<string>} */
        const ids = new Set();
        const changed = [];
        for (const ticket of held.tickets) {
          if (ticket.agent !== me.agent) continue;
          ids.add(ticket.ticket_id);
          lines.set(ticket.ticket_id, { last: ticket.last_message, unread: ticket.unread });
          const known = tickets.get(ticket.ticket_id);
          if (!known || known.version !== ticket.version) changed.push(ticket);
        }
        for (const [id, ticket] of tickets) {
          if (!ids.has(id)) lines.delete(id);
          if (!ids.has(id) && id !== selected) tickets.delete(id);
          else if (!ids.has(id) && ticket.state !== 'closed') changed.push(ticket);
        }
        if (hasLoaded) {
          for (const ticket of changed) {
            if (!tickets.has(ticket.ticket_id)) attention.announce(t('attention.assigned'), 'assigned');
          }
        }
        await Promise.all(changed.map((ticket) => load(ticket.ticket_id)));
        hasLoaded = true;
        show();
      } while (isWanted);
    } catch (problem) {
      if (!hasLoaded) failing(inboxList, problem, () => refresh());
    } finally {
      isRefreshing = false;
    }
  }

  // --- Showing --------------------------------------------------------------------------------------------------------

  function show() {
    const list = mine();
    setText(inboxTitle, t('inbox.mine', { count: list.length }));
    if (hasLoaded && list.length === 0) {
      if (presence.isAway()) {
        fill(inboxList, h('li', { class: 'empty' }, h('p', {}, t('inbox.offline')), h('button', { class: 'primary', onclick: () => presence.goAvailable() }, t('inbox.go'))));
      } else {
        fill(inboxList, h('li', { class: 'empty' }, t('inbox.empty')));
      }
    } else {
      inboxList.querySelectorAll(':scope > .empty').forEach((element) => element.remove());
      reconcile(inboxList, list, (ticket) => ticket.ticket_id, makeRow, showRow);
    }
    reconcile(offerList, [...offers.values()], (offer) => offer.offer_id, (offer) => card(offer), (element, offer) => /** @type {any} */ (element).show(offer));
    attention.count(offers.size, list.filter(unread).length);
    const ticket = selected ? tickets.get(selected) : undefined;
    if (ticket) {
      markRead(ticket);
      conversation.show(ticket);
      aside.show(ticket);
    } else if (!selected) {
      conversation.none();
      fill(side);
    }
  }

  function makeRow(/** @type {Ticket} */ ticket) {
    const promise = promiseElement();
    const row = h('li', {},
      h('button', { class: 'inbox-row', onclick: () => select(ticket.ticket_id) },
        h('span', { class: 'inbox-sign', 'aria-hidden': 'true' }), h('span', { class: 'inbox-name', dir: 'auto' }), promise,
        h('span', { class: 'inbox-line', dir: 'auto' }), h('span', { class: 'inbox-state' })));
    return row;
  }

  /** How long the customer has waited for a reply, in whole minutes; empty before the first. @param {Ticket} ticket */
  function waitingTime(ticket) {
    const minutes = ticket.reply_due_since ? Math.floor((now() - Date.parse(ticket.reply_due_since)) / 60_000) : 0;
    return minutes > 0 ? t('inbox.waits', { span: span(minutes * 60_000) }) : '';
  }

  function showRow(/** @type {HTMLElement} */ element, /** @type {Ticket} */ ticket) {
    const button = /** @type {HTMLElement} */ (element.firstElementChild);
    const [sign, name, promise, line, state] = button.children;
    const { last } = lineOf(ticket);
    const count = unread(ticket);
    button.setAttribute('aria-current', ticket.ticket_id === selected ? 'true' : 'false');
    button.classList.toggle('unread', count > 0);
    setText(sign, count > 0 ? '●' : '○');
    setVisible(name, ticket.customer);
    const text = !last ? '' : last.kind === 'customer' ? last.excerpt : `${t(last.kind)}: ${last.excerpt}`;
    if (line.getAttribute('data-text') !== text) {
      line.setAttribute('data-text', text);
      fill(line, visible(text));
    }
    setText(state, [count > 0 ? t('inbox.unread', { count }) : '', waitingTime(ticket), last ? shortTime(last.at, now()) : '', word('state', ticket.state),
      ticket.priority === 'normal' ? '' : word('priority', ticket.priority), ticket.suggested_move ? t('inbox.move') : ''].filter(Boolean).join(' · '));
    showPromise(promise, nearest(ticket));
  }

  function card(/** @type {any} */ offer) {
    return offerCard(offer, {
      accepted: (/** @type {Ticket} */ ticket) => {
        offers.delete(offer.offer_id);
        select(ticket.ticket_id);
        refresh();
      },
      gone: () => {
        offers.delete(offer.offer_id);
        show();
        refresh();
      },
    });
  }

  ticks.add(() => {
    for (const element of inboxList.children) {
      const ticket = tickets.get(/** @type {HTMLElement} */ (element).dataset.key ?? '');
      if (ticket) showPromise(/** @type {any} */ (element).querySelector('.promise'), nearest(ticket));
    }
    conversation.tick();
    for (const element of offerList.children) /** @type {any} */ (element).tick?.();
  });

  // --- Events ---------------------------------------------------------------------------------------------------------

  follow('/v1/agents/me/stream', me.agent ?? '', (event) => {
    switch (event.name) {
      case 'open':
        // The stream begins with every open offer; what ended meanwhile is gone.
        offers.clear();
        refresh();
        bell?.refresh();
        break;
      case 'offer': {
        const isNew = !offers.has(event.data.offer_id);
        offers.set(event.data.offer_id, event.data);
        show();
        if (isNew) attention.announce(t('attention.offer'), 'offer');
        break;
      }
      case 'offer_ended': {
        const offer = offers.get(event.data.offer_id);
        const element = /** @type {any} */ ([...offerList.children].find((child) => /** @type {HTMLElement} */ (child).dataset.key === event.data.offer_id));
        offers.delete(event.data.offer_id);
        if (offer && element && !element.isAnswered?.()) notify(t('offer.missed'), 'warning');
        show();
        refresh();
        break;
      }
      case 'ticket':
        refresh();
        break;
      case 'notice':
        if (bell?.receive(event.data)) attention.announce(t('attention.notice'), 'notice');
        break;
    }
  }, (state) => {
    connection.dataset.state = state;
    setText(connection, state === 'open' ? '' : t(`connection.${state}`));
  });
  setInterval(() => refresh(), 60_000);
  bell?.onOpen((ticket) => select(ticket));

  // --- What is not needed all the time --------------------------------------------------------------------------------

  async function openCallBacks() {
    try {
      const { callBackList } = await import('./callback-list.js');
      const list = callBackList(me, () => ({ mine: 'true' }), (id) => `/desk?ticket=${encodeURIComponent(id)}`);
      const dialog = showDialog(t('callback.mine'), list.element);
      openLinks(list.element, (id) => {
        dialog.close();
        select(id);
      });
      dialog.addEventListener('close', () => refresh());
      list.load();
    } catch (problem) {
      notify(problem);
    }
  }

  async function openResults() {
    try {
      const { ownResults } = await import('./inspections.js');
      showDialog(t('quality.mine'), ownResults(me));
    } catch (problem) {
      notify(problem);
    }
  }

  // --- Keys -----------------------------------------------------------------------------------------------------------

  const hasTicket = () => Boolean(selected && tickets.has(selected));
  async function palette() {
    const { openPalette } = await import('./palette.js').catch(() => ({ openPalette: () => notify(t('problem.unreachable')) }));
    openPalette([
      ...mine().map((ticket) => ({ title: ticket.customer, detail: lineOf(ticket).last?.excerpt.slice(0, 80) ?? '', act: () => select(ticket.ticket_id) })),
      ...(hasTicket() ? [
        { title: t('reply'), detail: 'r', act: () => conversation.write('reply') },
        { title: t('note'), detail: 'n', act: () => conversation.write('note') },
        { title: t('transfer'), detail: 't', act: () => conversation.transfer() },
        { title: t('resolve'), detail: 'e', act: () => conversation.resolve() },
        { title: t('callback.promise'), detail: 'c', act: () => callBack() },
      ] : []),
      { title: t('callback.mine'), detail: '', act: () => openCallBacks() },
      { title: t('quality.mine'), detail: '', act: () => openResults() },
      ...(bell ? [{ title: t('notices'), detail: 'b', act: () => bell.show() }] : []),
      ...presence.choices(),
    ], (/** @type {string} */ id) => select(id));
  }
  function callBack() {
    const ticket = selected ? tickets.get(selected) : undefined;
    if (ticket) promiseCallBack(ticket, me.agent, () => refresh());
  }
  addShortcuts(
    { key: 'j', title: t('keys.next'), act: () => step(1) },
    { key: 'k', title: t('keys.previous'), act: () => step(-1) },
    { key: 'a', title: t('keys.accept'), act: () => /** @type {any} */ (offerList.firstElementChild)?.accept(), isUsable: () => offers.size > 0 },
    { key: 'd', title: t('keys.decline'), act: () => /** @type {any} */ (offerList.firstElementChild)?.decline(), isUsable: () => offers.size > 0 },
    { key: 'r', title: t('reply'), act: () => conversation.write('reply'), isUsable: hasTicket },
    { key: 'n', title: t('note'), act: () => conversation.write('note'), isUsable: hasTicket },
    { key: 't', title: t('transfer'), act: () => conversation.transfer(), isUsable: hasTicket },
    { key: 'e', title: t('resolve'), act: () => conversation.resolve(), isUsable: hasTicket },
    { key: 'c', title: t('callback.promise'), act: () => callBack(), isUsable: hasTicket },
    { key: 'b', title: t('notices'), act: () => bell?.show(), isUsable: () => Boolean(bell) },
    { key: '/', title: t('palette.open'), act: () => palette() },
    { key: 'Ctrl-K', title: t('palette.open'), act: () => palette() },
    { key: 'Escape', title: t('keys.back'), act: () => (desk.dataset.view = 'inbox') },
  );

  await refresh();
  if (selected) load(selected);
  show();
}
export { call };
