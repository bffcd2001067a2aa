// The conversation of one ticket, and the composer below it.
import { at, call, get, Problem } from './api.js';
import { now } from './clock.js';
import { composer, seenOf } from './composer.js';
import { fill, h, icon, reconcile, setText, setVisible, shortID, visible } from './dom.js';
import { notify } from './notify.js';
import { nearest, promiseElement, showPromise } from './promise.js';
import { fullTime, shortTime, t, word } from './text.js';
import { title } from './titles.js';
import { viewers } from './viewers.js';

/**
 * @param {Element} parent
 * @param {import('./main.js').Me} me
 * @param {{changed: () => void, took: (ticket: any) => void, back: () => void, aside: () => void}} actions
 */
export function conversationView(parent, me, actions) {
  /** @type {any} */
  let ticket = null;
  /**
   * Older messages that were fetched, by ticket.
   * @type {Map<string, {messages: any[], next: string | null}>}
   */
  const older = new Map();

  const name = h('h2', { dir: 'auto' });
  const facts = h('p', { class: 'facts' });
  const promise = promiseElement();
  const move = h('div', { class: 'move', hidden: true });
  const log = h('ol', { class: 'messages', tabindex: '0', 'aria-label': t('messages') });
  const more = h('button', { class: 'quiet more', hidden: true, onclick: () => loadOlder() }, t('messages.older'));
  const scroller = h('div', { class: 'scroller' }, more, log);
  const chip = h('button', { class: 'chip', hidden: true, onclick: () => toEnd() });
  const writer = composer(me, { changed: actions.changed, took: actions.took });
  const others = viewers(me);
  writer.element.addEventListener('input', () => others.writes());
  const transferButton = h('button', { onclick: () => transfer() }, t('transfer'));
  const resolveButton = h('button', { onclick: () => resolve() }, t('resolve'));
  const head = h('header', { class: 'conversation-head' },
    h('button', { class: 'quiet narrow', 'aria-label': t('back'), onclick: actions.back }, icon('back')),
    h('div', { class: 'conversation-title' }, name, facts, others.element), promise,
    h('div', { class: 'actions' },
      h('button', { class: 'quiet narrow', onclick: actions.aside }, t('side')),
      transferButton, resolveButton));
  /** Whose the ticket is, when it is not the reader's. */
  const holder = h('div', { class: 'move', role: 'status', hidden: true });
  const whole = [head, holder, move, scroller, chip, writer.element];

  const isAtEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
  /** Whether the reader is at the end. It is they who leave it: messages grow when they are drawn, and the window shrinks for a keyboard. */
  let staysAtEnd = true;
  function toEnd() {
    staysAtEnd = true;
    scroller.scrollTop = scroller.scrollHeight;
    chip.hidden = true;
  }
  scroller.addEventListener('scroll', () => {
    staysAtEnd = isAtEnd();
    if (staysAtEnd) chip.hidden = true;
  });
  const sizes = new ResizeObserver(() => {
    if (staysAtEnd) scroller.scrollTop = scroller.scrollHeight;
  });
  sizes.observe(log);
  sizes.observe(scroller);

  async function loadOlder() {
    if (!ticket) return;
    const known = older.get(ticket.ticket_id);
    const before = known ? known.next : ticket.messages_next;
    if (!before) return;
    more.disabled = true;
    try {
      const page = await get(at`/v1/tickets/${ticket.ticket_id}/messages?before=${before}`);
      const height = scroller.scrollHeight;
      older.set(ticket.ticket_id, { messages: [...page.messages, ...(known?.messages ?? [])], next: page.next });
      showMessages();
      scroller.scrollTop += scroller.scrollHeight - height;
    } catch (problem) {
      notify(problem);
    } finally {
      more.disabled = false;
    }
  }

  function allMessages() {
    const known = older.get(ticket.ticket_id);
    if (!known) return ticket.messages;
    const ids = new Set(ticket.messages.map((/** @type {API.Message} */ message) => message.message_id));
    return [...known.messages.filter((message) => !ids.has(message.message_id)), ...ticket.messages];
  }

  /** Keeps the messages that were on the newest page and are not any more, so that none is lost between the pages. */
  function keepOlder(/** @type {any} */ next) {
    const ids = new Set(next.messages.map((/** @type {any} */ message) => message.message_id));
    const dropped = ticket.messages.filter((/** @type {any} */ message) => !ids.has(message.message_id));
    if (dropped.length === 0) return;
    // More than a page came meanwhile: older pages begin again at the newest one.
    if (dropped.length === ticket.messages.length) {
      older.delete(next.ticket_id);
      return;
    }
    const known = older.get(next.ticket_id) ?? { messages: [], next: ticket.messages_next };
    older.set(next.ticket_id, { messages: [...known.messages, ...dropped], next: known.next });
  }

  function showMessages() {
    const known = older.get(ticket.ticket_id);
    more.hidden = !(known ? known.next : ticket.messages_next);
    reconcile(log, [...allMessages(), ...writer.waiting(ticket.ticket_id)], (message) => message.message_id, makeMessage, showMessage);
  }

  function makeMessage(/** @type {API.Message} */ message) {
    return h('li', { class: `message ${message.kind}` },
      h('p', { class: 'message-head' }, h('span', { class: 'message-who', dir: 'auto' }), h('time', {})),
      h('p', { class: 'message-text', dir: 'auto' }, visible(message.text)),
      (message.attachments ?? []).map(attachment),
      h('p', { class: 'message-state' }));
  }

  function showMessage(/** @type {HTMLElement} */ element, /** @type {any} */ message) {
    const own = message.author === me.agent;
    const who = message.kind === 'customer' ? ticket.customer : own ? t('you') : title('agents', message.author);
    setVisible(/** @type {Element} */ (element.querySelector('.message-who')), message.kind === 'note' ? t('note.by', { who }) : who);
    const time = /** @type {HTMLElement} */ (element.querySelector('time'));
    // Of a long conversation, a change touches what it changes.
    if (time.getAttribute('datetime') !== message.at) {
      time.title = fullTime(message.at);
      time.setAttribute('datetime', message.at);
    }
    setText(time, shortTime(message.at, now()));
    const state = /** @type {HTMLElement} */ (element.querySelector('.message-state'));
    const delivery = message.delivery?.state ?? message.sending;
    if (state.hidden !== !delivery) state.hidden = !delivery;
    if (delivery) {
      if (state.dataset.state !== delivery) state.dataset.state = delivery;
      const text = t(`delivery.${delivery}`) + (message.delivery?.reason ? ` · ${message.delivery.reason}` : '');
      const key = `${text} ${JSON.stringify(message.advice ?? null)}`;
      if (state.getAttribute('data-text') !== key) {
        state.setAttribute('data-text', key);
        if (message.delivery?.at) state.title = fullTime(message.delivery.at);
        fill(state, h('span', { dir: 'auto' }, visible(text)), delivery === 'failed' ? h('span', { class: 'state-remedy' }, ` ${t('delivery.failed-remedy')}`) : null,
          message.advice ? advice(message.advice) : null,
          message.undo ? h('button', { class: 'quiet', onclick: message.undo }, message.advice ? t('advice.change') : t('undo')) : null,
          message.sendAsIs ? h('button', { class: 'quiet', onclick: message.sendAsIs }, t('advice.send')) : null,
          message.again ? h('button', { class: 'quiet', onclick: message.again }, t(message.isStale ? 'changed.send' : 'try-again')) : null);
      }
    }
  }

  /** What a reply rule found, with the company's own explanation. */
  function advice(/** @type {import('./composer.js').Advice} */ found) {
    return h('ul', { class: 'advice' }, found.findings.map((finding) => h('li', {}, h('q', { dir: 'auto' }, visible(finding.term)), ' ', h('span', { dir: 'auto' }, visible(finding.detail)))));
  }

  /** A file by reference: nothing is loaded until the reader follows the link. */
  function attachment(/** @type {any} */ file) {
    const label = file.name || file.url;
    const isLink = /^https?:\/\//i.test(file.url);
    return h('p', { class: 'attachment' }, icon('file'),
      isLink ? h('a', { href: file.url, rel: 'noopener noreferrer nofollow', target: '_blank', dir: 'auto' }, visible(label)) : h('span', { dir: 'auto' }, visible(label)),
      h('small', { dir: 'ltr' }, hostOf(file.url)));
  }

  function hostOf(/** @type {string} */ url) {
    try {
      return new URL(url).host;
    } catch {
      return '';
    }
  }

  function showMove() {
    const suggestion = mayMove() ? ticket.suggested_move : null;
    move.hidden = !suggestion;
    if (!suggestion) return;
    const key = JSON.stringify(suggestion);
    if (move.dataset.key === key) return;
    move.dataset.key = key;
    const answer = async (/** @type {boolean} */ accept) => {
      await act(ticket, 'move', { accept });
    };
    fill(move, h('p', {}, t('move.suggested', { queue: suggestion.queue ? title('queues', suggestion.queue) : t('none'), priority: word('priority', suggestion.priority) })),
      h('button', { onclick: () => answer(true) }, t('move.accept')), h('button', { class: 'quiet', onclick: () => answer(false) }, t('move.decline')));
  }

  const isMine = () => ticket.agent === me.agent && !me.read_only;
  const mayMove = () => isMine() || (me.role === 'lead' && Boolean(me.agent) && !me.read_only && ['triage', 'queued', 'offered', 'assigned', 'pending'].includes(ticket.state));

  /** Whose the ticket is. */
  const whose = () => (ticket.agent && ticket.agent !== me.agent ? t('holder.other', { who: title('agents', ticket.agent) })
    : ['received', 'triage', 'queued', 'offered'].includes(ticket.state) && ticket.queue ? t('holder.queue', { queue: title('queues', ticket.queue) })
      : t('holder.none', { state: word('state', ticket.state) }));

  /** Only what the server would do is offered: an agent moves and resolves their own tickets, a lead moves all. */
  function showHolder() {
    transferButton.hidden = !mayMove();
    resolveButton.hidden = !isMine();
    holder.hidden = ticket.agent === me.agent;
    const takes = mayMove() && !isMine();
    const key = holder.hidden ? '' : `${takes} ${whose()}`;
    if (holder.dataset.key === key) return;
    holder.dataset.key = key;
    fill(holder, key ? h('p', { dir: 'auto' }, whose()) : null, takes ? h('button', { onclick: () => takeOver() }, t('tickets.take-over')) : null);
  }

  /** The ticket is offered to the lead, who accepts it as any other. */
  async function takeOver() {
    const seen = ticket;
    const reason = await asked((acts) => acts.whyTakeOver());
    if (reason) await act(seen, 'transfer', { agent: me.agent, reason }, t('taken-over'));
  }

  async function resolve() {
    if (!ticket) return;
    if (!isMine()) return notify(whose(), 'warning');
    const seen = ticket;
    const reason = await asked((acts) => acts.confirmResolve(writer.hasText(seen.ticket_id)));
    if (reason !== null) await act(seen, 'resolve', reason ? { reason } : undefined, t('resolved'));
  }

  /**
   * What a dialog asks; null when it was left, or could not be loaded.
   * @template T
   * @param {(acts: typeof import('./acts.js')) => Promise<T | null>} ask
   */
  async function asked(ask) {
    try {
      return await ask(await import('./acts.js'));
    } catch {
      notify(t('problem.unreachable'));
      return null;
    }
  }

  /**
   * Acts on a ticket as it was shown. When it has changed since, says what changed and leaves it to the agent to act again.
   * @param {any} shown @param {string} what @param {any} body @param {string} [done]
   */
  async function act(shown, what, body, done) {
    const seen = seenOf(shown);
    try {
      const answer = await call('POST', at`/v1/tickets/${seen.ticket_id}/` + what, body, { match: seen.etag });
      writer.follow(seen.etag, answer.etag);
      if (done && answer.version === shown.version) notify(t('unchanged'), 'warning');
      else if (done) notify(done, 'good');
    } catch (problem) {
      if (problem instanceof Problem && problem.kind === 'ticket-changed') notify(await writer.whatChanged(seen), 'warning', true);
      else notify(problem);
    }
    actions.changed();
  }

  async function transfer() {
    if (!ticket) return;
    if (!mayMove()) return notify(whose(), 'warning');
    const seen = ticket;
    const chosen = await asked(async (acts) => {
      const target = await acts.chooseTarget(seen);
      return target && { target, done: acts.transferred(target) };
    });
    if (chosen) await act(seen, 'transfer', chosen.target, chosen.done);
  }

  writer.onWaiting(() => {
    if (!ticket) return;
    const count = log.children.length;
    showMessages();
    // Who writes wants to see what they wrote.
    if (staysAtEnd || log.children.length > count) toEnd();
  });

  return {
    /** @param {any} next */
    show(next) {
      const isOther = ticket?.ticket_id !== next.ticket_id;
      const wasAtEnd = isOther || staysAtEnd;
      const before = isOther ? 0 : log.children.length;
      if (isOther) older.clear();
      else keepOlder(next);
      ticket = next;
      others.open(next.ticket_id);
      if (!parent.contains(log)) fill(parent, ...whole);
      if (isOther) log.replaceChildren();
      setVisible(name, ticket.customer);
      const known = [ticket.channel, ticket.tier === 'standard' ? '' : word('tier', ticket.tier), ticket.queue ? title('queues', ticket.queue) : '',
        word('priority', ticket.priority), word('state', ticket.state)].filter(Boolean).join(' · ');
      if (facts.firstChild?.textContent !== `${known} · ` || isOther) fill(facts, `${known} · `, shortID(ticket.ticket_id));
      showPromise(promise, nearest(ticket));
      showHolder();
      showMove();
      showMessages();
      writer.show(ticket);
      if (wasAtEnd) toEnd();
      else if (log.children.length > before) {
        chip.hidden = false;
        setText(chip, t('messages.new', { count: log.children.length - before }));
      }
    },
    loading() {
      ticket = null;
      fill(parent, h('p', { class: 'loading' }, t('loading')));
    },
    none() {
      ticket = null;
      others.open(null);
      fill(parent, h('p', { class: 'empty' }, t('conversation.none')));
    },
    gone() {
      ticket = null;
      others.open(null);
      fill(parent, h('p', { class: 'empty' }, t('conversation.gone')));
    },
    tick() {
      if (ticket) showPromise(promise, nearest(ticket));
    },
    look: () => writer.look(),
    insert: (/** @type {string} */ text) => writer.insert(text),
    write: (/** @type {'reply' | 'note'} */ kind) => writer.focus(kind),
    resolve,
    transfer,
  };
}
