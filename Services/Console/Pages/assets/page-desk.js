// The agent's desk: offers and inbox on the left, the conversation in the middle, what helps on the right.
import { at, call, get, noteAvailability, Problem } from './api.js';
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
import { pair, shortTime, span, t, word } from './text.js';
import { turns } from './turns.js';

/** Tickets that are fetched at a time. */
const fetchesAtOnce = 4;
/** How long after new messages the inbox is counted again, in milliseconds; messages that follow one another are counted once. */
const recountPause = 1000;

/**
 * What the page knows. Everything comes from the server and can be fetched again; only what was read and what is being written is kept here.
 * `loaded` is the version with which the conversation was fetched; the inbox knows a ticket without it.
 * @typedef {API.Ticket & {loaded?: number, reply_due_since?: string | null}} Ticket
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
  const search = h('button', { class: 'quiet search', onclick: () => openSearch() }, t('palette.open'), ' ', h('kbd', {}, 'Ctrl-K'));
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
  // On a narrow screen the list, and the offers with it, is another view.
  const waitingOffers = h('button', { class: 'primary waiting-offers', hidden: true, onclick: () => {
    desk.dataset.view = 'inbox';
    inbox.scrollTop = 0;
  } });
  fill(body, h('div', { class: 'desk', data: { view: selected ? 'conversation' : 'inbox' } }, waitingOffers, inbox, middle, side));
  const desk = /** @type {HTMLElement} */ (body.firstElementChild);

  const conversation = conversationView(middle, me, {
    changed: () => refresh(),
    took: (/** @type {Ticket} */ ticket) => {
      take(ticket);
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

  /**
   * The last line of each ticket, and how much of it is unread.
   * @type {Map<string, {last: any, unread: number}>}
   */
  const lines = new Map();
  /**
   * The last message that the server knows as read, by ticket.
   * @type {Map<string, string>}
   */
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

  /**
   * What a key asked for while the conversation was loading.
   * @type {{id: string | null, act: () => void} | null}
   */
  let wanted = null;
  const whenLoaded = (/** @type {() => void} */ act) => () => {
    if (selected && tickets.get(selected)?.messages) act();
    else wanted = { id: selected, act };
  };

  function select(/** @type {string | null} */ id) {
    selected = id;
    wanted = null;
    history.replaceState(null, '', id ? `/desk?ticket=${encodeURIComponent(id)}` : '/desk');
    if (id) desk.dataset.view = 'conversation';
    show();
    const ticket = id ? tickets.get(id) : undefined;
    if (id && ticket?.loaded !== (ticket?.version ?? 0)) load(id);
  }

  /** Moves the selection along the inbox. */
  function step(/** @type {number} */ by) {
    const list = mine();
    if (list.length === 0) return;
    const index = list.findIndex((ticket) => ticket.ticket_id === selected);
    select(list[Math.min(list.length - 1, Math.max(0, index < 0 ? 0 : index + by))].ticket_id);
  }

  // --- Fetching -------------------------------------------------------------------------------------------------------

  let recount = 0;
  /** Keeps a ticket that came with its conversation. What came since the last line is unread until the server knows better. */
  function take(/** @type {API.Ticket} */ ticket) {
    const id = ticket.ticket_id;
    tickets.set(id, { ...ticket, loaded: ticket.version });
    const before = lines.get(id);
    const last = ticket.messages.at(-1);
    if (!last || last.message_id === before?.last?.message_id) return;
    const fresh = ticket.messages.filter((/** @type {API.Message} */ message) => message.kind === 'customer' && message.message_id > (before?.last?.message_id ?? ''));
    lines.set(id, { last: { ...last, excerpt: last.text.slice(0, 200) }, unread: (before?.unread ?? 0) + fresh.length });
    // Another device of the agent may have shown them: the server counts.
    if (fresh.length > 0 && !isSeen(id)) recount ||= window.setTimeout(() => {
      recount = 0;
      refresh();
    }, recountPause);
  }

  const inTurn = turns(fetchesAtOnce);
  /** @type {Map<string, {task: Promise<void>, isWanted: boolean}>} */
  const loading = new Map();
  /** Fetches a ticket with its conversation. A request during a fetch is followed by one more. */
  function load(/** @type {string} */ id) {
    const known = loading.get(id);
    if (known) {
      known.isWanted = true;
      return known.task;
    }
    const entry = { isWanted: true, task: Promise.resolve() };
    entry.task = inTurn(async () => {
      try {
        while (entry.isWanted) {
          entry.isWanted = false;
          const ticket = await get(at`/v1/tickets/${id}`);
          take(ticket);
          show();
        }
      } catch (problem) {
        if (problem instanceof Problem && problem.status === 404) {
          tickets.delete(id);
          if (selected === id) conversation.gone();
          show();
        } else if (selected === id && !tickets.get(id)?.messages) failing(middle, problem, () => load(id));
      } finally {
        loading.delete(id);
      }
    }, id === selected);
    loading.set(id, entry);
    return entry.task;
  }

  let isWanted = false;
  /** @type {Promise<void> | null} */
  let refreshing = null;
  /** Fetches what the agent has. A request during a fetch is followed by one more, and both end with it. */
  function refresh() {
    isWanted = true;
    refreshing ??= fetchHeld().finally(() => (refreshing = null));
    return refreshing;
  }

  async function fetchHeld() {
    try {
      while (isWanted) {
        isWanted = false;
        const [row, held] = await Promise.all([get('/v1/agents/me'), get('/v1/agents/me/tickets')]);
        presence.show(row);
        /** @type {Set<string>} */
        const ids = new Set();
        /** @type {string[]} */
        const changed = [];
        for (const ticket of held.tickets) {
          if (ticket.agent !== me.agent) continue;
          const id = ticket.ticket_id;
          ids.add(id);
          lines.set(id, { last: ticket.last_message, unread: ticket.unread });
          const known = tickets.get(id);
          if (hasLoaded && !known) attention.announce(t('attention.assigned'), 'assigned');
          // The list may be older than a ticket that was fetched on its own meanwhile.
          if (known && known.version > ticket.version) continue;
          if (known?.loaded === ticket.version) continue;
          // The row is shown at once; the conversation is fetched when it is opened.
          tickets.set(id, { ...known, ...ticket });
          if (id === selected) changed.push(id);
        }
        for (const [id, ticket] of tickets) {
          if (!ids.has(id)) lines.delete(id);
          if (!ids.has(id) && id !== selected) tickets.delete(id);
          else if (!ids.has(id) && ticket.state !== 'closed') changed.push(id);
        }
        hasLoaded = true;
        show();
        const loads = changed.map((id) => ({ id, task: load(id) }));
        await loads.find((entry) => entry.id === selected)?.task;
      }
    } catch (problem) {
      if (!hasLoaded) failing(inboxList, problem, () => refresh());
    }
  }

  // --- Showing --------------------------------------------------------------------------------------------------------

  function show() {
    const list = mine();
    setText(inboxTitle, t('inbox.mine', { count: list.length }));
    if (hasLoaded && list.length === 0) {
      if (presence.isAway()) {
        const missed = presence.missedOffers();
        fill(inboxList, h('li', { class: 'empty' }, h('p', {}, missed > 0 ? t('offer.missed', { count: missed }) : t('inbox.offline')), h('button', { class: 'primary', onclick: () => presence.goAvailable() }, t('inbox.go'))));
      } else {
        fill(inboxList, h('li', { class: 'empty' }, t('inbox.empty')));
      }
    } else {
      inboxList.querySelectorAll(':scope > .empty').forEach((/** @type {Element} */ element) => element.remove());
      reconcile(inboxList, list, (ticket) => ticket.ticket_id, makeRow, showRow);
    }
    reconcile(offerList, [...offers.values()], (offer) => offer.offer_id, (offer) => card(offer), (/** @type {any} */ element, offer) => element.show(offer));
    attention.count(offers.size, list.filter(unread).length);
    showWaitingOffers();
    const ticket = selected ? tickets.get(selected) : undefined;
    if (ticket?.messages) {
      markRead(ticket);
      conversation.show(ticket);
      aside.show(ticket);
      const act = wanted?.id === selected ? wanted?.act : undefined;
      wanted = null;
      act?.();
    } else if (ticket) {
      conversation.loading();
      fill(side);
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

  /**
   * What each row shows.
   * @type {WeakMap<Element, string>}
   */
  const rowsShown = new WeakMap();

  /**
   * How long the customer has waited for a reply, in whole minutes; empty before the first.
   * @param {Ticket} ticket
   */
  function waitingTime(ticket) {
    const minutes = ticket.reply_due_since ? Math.floor((now() - Date.parse(ticket.reply_due_since)) / 60_000) : 0;
    return minutes > 0 ? t('inbox.waits', { span: span(minutes * 60_000) }) : '';
  }

  function showRow(/** @type {HTMLElement} */ element, /** @type {Ticket} */ ticket) {
    const button = /** @type {HTMLElement} */ (element.firstElementChild);
    const [sign, name, promise, line, state] = button.children;
    showPromise(promise, nearest(ticket));
    const { last } = lineOf(ticket);
    const count = unread(ticket);
    const isCurrent = ticket.ticket_id === selected;
    const facts = [count > 0 ? t('inbox.unread', { count }) : '', waitingTime(ticket), last ? shortTime(last.at, now()) : '', word('state', ticket.state),
      ticket.priority === 'normal' ? '' : word('priority', ticket.priority), ticket.suggested_move ? t('inbox.move') : ''].filter(Boolean).join(' · ');
    // An event changes one row, however many there are.
    const shown = `${ticket.version} ${last?.message_id} ${isCurrent} ${facts}`;
    if (rowsShown.get(element) === shown) return;
    rowsShown.set(element, shown);
    button.setAttribute('aria-current', String(isCurrent));
    button.classList.toggle('unread', count > 0);
    setText(sign, count > 0 ? '●' : '○');
    setVisible(name, ticket.customer);
    const text = !last ? '' : last.kind === 'customer' ? last.excerpt : pair(t(last.kind), last.excerpt);
    if (line.getAttribute('data-text') !== text) {
      line.setAttribute('data-text', text);
      fill(line, visible(text));
    }
    setText(state, facts);
  }

  /** How many offers wait, and how long the first of them still does. */
  function showWaitingOffers() {
    waitingOffers.hidden = offers.size === 0;
    if (offers.size === 0) return;
    const first = Math.min(...[...offers.values()].map((offer) => Date.parse(offer.expires_at)));
    setText(waitingOffers, t('offers.waiting', { count: offers.size, span: span(first - now()) }));
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
      lost: () => offerEnded(offer),
    });
  }

  /** Says why an offer is not there any more: it was not answered in time, unless the ticket is the agent's now, by another tab. */
  async function offerEnded(/** @type {any} */ offer) {
    offers.delete(offer.offer_id);
    show();
    await refresh();
    if (tickets.get(offer.ticket.ticket_id)?.agent === me.agent) return;
    if (Date.parse(offer.expires_at) > now() + 1000 || !presence.isAway()) return notify(t('offer.over'), 'warning');
    presence.missed();
    show();
    notify(t('offer.missed', { count: presence.missedOffers() }), 'warning', true, 'missed');
  }

  ticks.add(() => {
    for (const element of inboxList.children) {
      const ticket = tickets.get(/** @type {HTMLElement} */ (element).dataset.key ?? '');
      if (ticket) showPromise(/** @type {any} */ (element).querySelector('.promise'), nearest(ticket));
    }
    conversation.tick();
    showWaitingOffers();
    for (const element of offerList.children) /** @type {any} */ (element).tick?.();
  });

  // --- Events ---------------------------------------------------------------------------------------------------------

  follow('/v1/agents/me/stream', me.agent ?? '', (event) => {
    switch (event.name) {
      case 'open':
        // The stream begins with every open offer; what ended meanwhile is gone.
        offers.clear();
        noteAvailability(true);
        refresh();
        bell?.refresh();
        break;
      case 'availability':
        noteAvailability(event.data.is_available);
        if (event.data.is_available) refresh();
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
        if (offer && !element?.isAnswered?.()) offerEnded(offer);
        else if (offer) {
          // What this page asked for fetches what it changed.
          offers.delete(event.data.offer_id);
          show();
        }
        break;
      }
      case 'ticket':
        load(event.data.ticket_id);
        break;
      case 'notice':
        if (bell?.receive(event.data)) attention.announce(t('attention.notice'), 'notice');
        break;
    }
  }, (state) => {
    connection.dataset.state = state;
    setText(connection, state === 'open' ? '' : t(`connection.${state}`));
  }, () => [...offers.values()].map((offer) => ({ name: 'offer', data: offer })));
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
  const openSearch = () => palette().catch(notify);
  /** Loaded when the page is there, so that the first keys that follow Ctrl-K reach it. */
  const paletteModule = () => import('./palette.js');
  async function palette() {
    const { openPalette } = await paletteModule().catch(() => ({ openPalette: () => notify(t('problem.unreachable')) }));
    openPalette([
      ...mine().map((ticket) => ({ title: ticket.customer, detail: lineOf(ticket).last?.excerpt.slice(0, 80) ?? '', ticket: ticket.ticket_id, act: () => select(ticket.ticket_id) })),
      ...(hasTicket() ? [
        { title: t('reply'), detail: 'r', act: whenLoaded(() => conversation.write('reply')) },
        { title: t('note'), detail: 'n', act: whenLoaded(() => conversation.write('note')) },
        { title: t('transfer'), detail: 't', act: whenLoaded(() => conversation.transfer()) },
        { title: t('resolve'), detail: 'e', act: whenLoaded(() => conversation.resolve()) },
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
    { key: 'r', title: t('reply'), act: whenLoaded(() => conversation.write('reply')), isUsable: hasTicket },
    { key: 'n', title: t('note'), act: whenLoaded(() => conversation.write('note')), isUsable: hasTicket },
    { key: 't', title: t('transfer'), act: whenLoaded(() => conversation.transfer()), isUsable: hasTicket },
    { key: 'e', title: t('resolve'), act: whenLoaded(() => conversation.resolve()), isUsable: hasTicket },
    { key: 'c', title: t('callback.promise'), act: () => callBack(), isUsable: hasTicket },
    { key: 'b', title: t('notices'), act: () => bell?.show(), isUsable: () => Boolean(bell) },
    { key: '/', title: t('palette.open'), act: openSearch },
    { key: 'Ctrl-K', title: t('palette.open'), act: openSearch },
    { key: 'Escape', title: t('keys.back'), act: () => (desk.dataset.view = 'inbox') },
  );

  await refresh();
  if (selected) load(selected);
  show();
  paletteModule().catch(() => {});
}
export { call };
