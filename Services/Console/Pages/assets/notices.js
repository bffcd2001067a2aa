// The bell in the bar: what the desk wants this person to know, and what of it was read.
import { at, call, get } from './api.js';
import { now } from './clock.js';
import { fill, h, icon, reconcile, setText, shortID } from './dom.js';
import { failing, notify } from './notify.js';
import { fullTime, number, shortTime, t, word } from './text.js';
import { title } from './titles.js';

/** @typedef {API.Notice} Notice */

/**
 * What a notice says, in one sentence.
 * @param {Notice} notice
 */
export function noticeText(notice) {
  const detail = notice.detail ?? {};
  const values = {
    queue: detail.queue ? title('queues', detail.queue) : t('none'), waiting: number(detail.waiting ?? 0), category: detail.category ? title('categories', detail.category) : t('none'), rating: detail.rating ?? '–',
    tickets: number(detail.tickets ?? 0), expected: number(Math.round(detail.expected ?? 0)), clock: word('clock', detail.clock ?? 'promise'),
    at: detail.due_at ? shortTime(detail.due_at, now()) : t('none'), reason: word('stuck', detail.reason), agent: detail.agent ? title('agents', detail.agent) : '',
  };
  // Who is called from the reserve reads something else than their lead.
  const key = `notice.${notice.kind}${notice.kind.startsWith('reserve.') && detail.agent ? '.lead' : ''}`;
  const text = t(key, values);
  return text === key ? notice.kind : text;
}

/**
 * @param {(ticket: string) => void} openTicket
 */
export function noticeBell(openTicket) {
  /**
   * Newest first.
   * @type {Notice[]}
   */
  let notices = [];
  /** @type {string | null} */
  let next = null;
  /** @type {unknown} */
  let failure = null;
  let hasLoaded = false;
  let open = openTicket;

  const count = h('span', { class: 'bell-count', 'aria-hidden': 'true' });
  const button = h('button', { class: 'quiet bell', 'aria-haspopup': 'dialog', 'aria-label': t('notices'), onclick: () => show() }, icon('bell'), count);
  const list = h('ul', { class: 'notice-list' });
  const state = h('div', {});
  const more = h('button', { class: 'quiet more', onclick: () => load(next) }, t('list.more'));
  const allRead = h('button', { class: 'quiet', onclick: () => readAll() }, t('notices.all-read'));

  const unread = () => notices.filter((notice) => !notice.read_at);
  function refreshView() {
    const waiting = unread().length;
    setText(count, waiting > 0 ? (waiting > 99 ? '99+' : number(waiting)) : '');
    button.setAttribute('aria-label', waiting > 0 ? t('notices.unread', { count: waiting }) : t('notices'));
    button.classList.toggle('has-unread', waiting > 0);
    allRead.hidden = waiting === 0;
    more.hidden = !next;
    if (failure && notices.length === 0) failing(state, failure, () => load(null));
    else fill(state, !hasLoaded ? h('p', { class: 'loading' }, t('loading')) : notices.length === 0 ? h('p', { class: 'empty' }, t('notices.none')) : null);
    reconcile(list, notices, (notice) => notice.notice_id, (notice) => h('li', {},
      h('button', { class: 'notice-row', onclick: () => follow(notice.notice_id) }, h('span', { class: 'notice-sign', 'aria-hidden': 'true' }),
        h('span', { class: 'notice-text', dir: 'auto' }, noticeText(notice)), h('small', {},
          notice.ticket_id ? [shortID(notice.ticket_id), ' · '] : '', h('time', { datetime: notice.at, title: fullTime(notice.at) }, shortTime(notice.at, now()))))),
    (element, notice) => {
      const row = /** @type {Element} */ (element.firstElementChild);
      row.classList.toggle('unread', !notice.read_at);
      setText(row.children[0], notice.read_at ? '' : '●');
    });
  }

  /** @param {Notice[]} more */
  function take(more) {
    const known = new Map(notices.map((notice) => [notice.notice_id, notice]));
    for (const notice of more) known.set(notice.notice_id, notice);
    notices = [...known.values()].sort((first, second) => (first.notice_id < second.notice_id ? 1 : -1)).slice(0, 500);
  }

  /** @param {string | null} before null for the newest */
  async function load(before) {
    try {
      const page = await get(`/v1/notices?limit=50${before ? `&before=${encodeURIComponent(before)}` : ''}`);
      take(page.notices);
      if (before || !hasLoaded) next = page.next;
      hasLoaded = true;
      failure = null;
    } catch (problem) {
      failure = problem;
      if (before) notify(problem);
    }
    refreshView();
  }

  /** @param {Notice} notice */
  async function read(notice) {
    if (notice.read_at) return;
    take([await call('POST', at`/v1/notices/${notice.notice_id}/read`)]);
    refreshView();
  }

  async function readAll() {
    allRead.disabled = true;
    try {
      for (const notice of unread()) await read(notice);
    } catch (problem) {
      notify(problem);
    }
    allRead.disabled = false;
  }

  /** @param {string} id */
  function follow(id) {
    const notice = notices.find((entry) => entry.notice_id === id);
    if (!notice) return;
    read(notice).catch(notify);
    if (notice.ticket_id) {
      /** @type {any} */ (list.closest('dialog'))?.close();
      open(notice.ticket_id);
    }
  }

  function show() {
    if (document.querySelector('dialog[open]')) return;
    const dialog = h('dialog', { class: 'dialog', 'aria-label': t('notices') }, h('div', { class: 'dialog-head' }, h('h2', {}, t('notices')), allRead),
      state, list, more, h('p', {}, h('button', { class: 'quiet', onclick: () => dialog.close() }, t('close'))));
    dialog.addEventListener('close', () => dialog.remove());
    document.body.appendChild(dialog);
    dialog.showModal();
    load(null);
  }

  refreshView();
  return {
    element: button,
    show,
    /** Fetches the newest notices. */
    refresh: () => load(null),
    /**
     * A notice of the stream.
     * @param {Notice} notice
     */
    receive(notice) {
      const isNew = !notices.some((known) => known.notice_id === notice.notice_id);
      take([notice]);
      refreshView();
      return isNew && !notice.read_at;
    },
    unread,
    /** @param {typeof openTicket} act what a notice of a ticket opens */
    onOpen: (act) => (open = act),
  };
}
