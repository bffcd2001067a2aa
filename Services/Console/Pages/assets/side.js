// What helps with the open ticket: the customer, articles with their steps, labels, why it came here, what happened.
import { at, call, get } from './api.js';
import { callBackSection } from './callbacks.js';
import { now } from './clock.js';
import { ask } from './dialogs.js';
import { fill, h, icon, shortID, visible } from './dom.js';
import { notify, sentence } from './notify.js';
import { fullTime, pair, percent, shortTime, t, word } from './text.js';
import { actorName, languageName, title } from './titles.js';

/**
 * @param {Element} parent
 * @param {import('./main.js').Me} me
 * @param {{insert: (text: string, ticket: any) => void, changed: () => void, back: () => void, open: (ticket: string) => void}} actions
 */
export function sideView(parent, me, actions) {
  let shown = '';
  /**
   * Steps that are done, by ticket and article; kept for this page only.
   * @type {Set<string>}
   */
  const done = new Set();

  /** @param {API.Ticket} ticket */
  function show(ticket) {
    const key = `${ticket.ticket_id} ${ticket.version}`;
    if (key === shown && parent.childElementCount > 0) return;
    shown = key;
    fill(parent,
      h('button', { class: 'quiet narrow', onclick: actions.back }, icon('back'), t('conversation')),
      customer(ticket), section(t('callback'), callBackSection(ticket, me, actions.changed)), articles(ticket), labels(ticket),
      lazy(t('history'), async () => (await import('./relate.js')).historyList(ticket, (id) => `/desk?ticket=${encodeURIComponent(id)}`)), explanation(ticket), timeline(ticket), links(ticket));
  }

  /** @param {API.Ticket} ticket */
  function customer(ticket) {
    const contact = h('p', {}, h('button', { class: 'quiet', onclick: () => reveal() }, t('contact.show')));
    async function reveal() {
      try {
        const answer = await get(at`/v1/tickets/${ticket.ticket_id}/contact`);
        fill(contact, h('span', { dir: 'auto' }, visible(Object.entries(answer).filter(([, value]) => value && typeof value === 'string').map(([key, value]) => pair(word('contact', key), String(value))).join('\n') || t('contact.none'))));
      } catch (problem) {
        notify(problem);
      }
    }
    const known = (/** @type {any} */ values) => Object.entries(values ?? {}).map(([name, value]) => [h('dt', { dir: 'auto' }, visible(name)),
      h('dd', { dir: 'auto' }, visible(typeof value === 'object' ? JSON.stringify(value) : String(value)))]);
    const fields = Object.keys(ticket.fields ?? {}).length > 0;
    return section(t('customer'), h('dl', {},
      h('dt', {}, t('customer')), h('dd', { dir: 'auto' }, visible(ticket.customer)),
      h('dt', {}, t('channel')), h('dd', {}, ticket.channel),
      h('dt', {}, t('tier')), h('dd', {}, word('tier', ticket.tier)),
      ticket.reply_to && (ticket.reply_to.channel !== ticket.channel || ticket.reply_to.customer !== ticket.customer)
        ? [h('dt', {}, t('reply-to')), h('dd', { dir: 'auto' }, `${ticket.reply_to.channel} · `, visible(ticket.reply_to.customer))] : null,
      known(ticket.attributes),
      h('dt', {}, t('opened')), h('dd', {}, h('time', { title: fullTime(ticket.opened_at), datetime: ticket.opened_at }, shortTime(ticket.opened_at, now())))), contact,
      fields || ticket.question ? [h('h3', {}, t('fields')), h('dl', {}, known(ticket.fields)), ticket.question ? h('p', { class: 'quiet-text' }, t('fields.waiting')) : null] : null,
      ticket.crm ? [h('h3', {}, t('crm')), h('dl', {}, known(ticket.crm.fields)), h('p', { class: 'quiet-text' },
        t(`crm.${ticket.crm.state}`, { at: ticket.crm.at ? shortTime(ticket.crm.at, now()) : t('none') }))] : null);
  }

  /** @param {API.Ticket} ticket */
  function articles(ticket) {
    const list = ticket.articles ?? [];
    if (list.length === 0) return null;
    return section(t('articles'), list.map((/** @type {any} */ article) => h('details', { open: article === list[0] },
      h('summary', {}, h('span', { dir: 'auto' }, visible(article.title ?? article.article)), ' ', h('small', {}, percent(article.coverage))),
      h('ol', { class: 'steps' }, article.steps.map((/** @type {string} */ step, /** @type {number} */ index) => {
        const key = `${ticket.ticket_id} ${article.article} ${index}`;
        return h('li', {}, h('label', { class: 'check' },
          h('input', { type: 'checkbox', checked: done.has(key), onchange: (/** @type {any} */ event) => (event.target.checked ? done.add(key) : done.delete(key)) }), h('span', { dir: 'auto' }, visible(step))));
      })),
      article.answer ? [h('p', { class: 'article-answer', dir: 'auto' }, visible(article.answer)), h('button', { onclick: () => actions.insert(article.answer, ticket) }, t('article.insert'))] : null)));
  }

  /** @param {API.Ticket} ticket */
  function labels(ticket) {
    const list = ticket.labels;
    // The labels follow the conversation; the model's guesses are of the message that was routed.
    const guesses = (ticket.guesses?.length ?? 0) > 1 ? ticket.guesses ?? [] : [];
    // Only who could also move it, or before anybody has it.
    const mayLabel = !me.read_only && (ticket.agent === me.agent || me.role === 'lead' || !(ticket.agent || ticket.state === 'offered'));
    return section(t('labels'), guesses.length > 0 ? h('h3', {}, t('labels.conversation')) : null, list ? h('p', {}, [title('categories', list.category), list.intent === list.category || list.intent === 'other' ? null : list.intent, percent(list.confidence), word('urgency', list.urgency),
      word('sentiment', list.sentiment), languageName(list.language)].filter(Boolean).join(' · ')) : h('p', {}, t('labels.none')),
      guesses.length > 0 ? [h('h3', {}, t('labels.first')), h('ul', { class: 'guesses' }, guesses.map((/** @type {any} */ guess) => h('li', {}, `${title('categories', guess.category)} `, h('small', {}, percent(guess.share)))))] : null,
      !mayLabel ? null : h('button', { class: 'quiet', onclick: () => relabel(ticket) }, t('label.correct')));
  }

  /** @param {API.Ticket} ticket */
  async function relabel(ticket) {
    const answer = await ask(t('label.correct'), (/** @type {(value: any) => void} */ finish) => {
      const category = h('input', { required: true, maxlength: 100, list: 'categories', value: ticket.labels?.category ?? '' });
      const reason = h('input', { required: true, maxlength: 500 });
      const known = h('datalist', { id: 'categories' }, (ticket.guesses ?? []).map((/** @type {any} */ guess) => h('option', { value: guess.category }, title('categories', guess.category))));
      get('/v1/directory').then((directory) => fill(known, directory.categories.map((/** @type {string} */ name) => h('option', { value: name }, title('categories', name)))), () => {});
      return [h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        finish({ category: category.value.trim(), reason: reason.value.trim() });
      } }, h('label', {}, t('category'), category), known, h('label', {}, t('reason'), reason), h('button', { class: 'primary' }, t('label.set')))];
    });
    if (!answer) return;
    try {
      await call('POST', at`/v1/tickets/${ticket.ticket_id}/label`, answer);
    } catch (problem) {
      notify(problem);
    }
    actions.changed();
  }

  /** @param {API.Ticket} ticket */
  function explanation(ticket) {
    return lazy(t('explanation'), async () => {
      const [answer, words] = await Promise.all([get(at`/v1/tickets/${ticket.ticket_id}/explanation?limit=3`), import('./explain.js')]);
      return words.explanation(answer);
    });
  }

  /** @param {API.Ticket} ticket */
  function timeline(ticket) {
    return lazy(t('timeline'), async () => {
      const answer = await get(at`/v1/tickets/${ticket.ticket_id}/timeline?limit=50`);
      return h('ol', { class: 'timeline' }, answer.entries.map((/** @type {any} */ entry) => h('li', {},
        h('time', { title: fullTime(entry.at) }, shortTime(entry.at, now())), ' ', h('strong', {}, word('event', entry.kind)), ' ', h('span', { class: 'quiet-text', dir: 'auto' }, actorName(entry.actor)))));
    });
  }

  /** @param {API.Ticket} ticket */
  function links(ticket) {
    const list = ticket.links ?? [];
    const mayChange = !me.read_only && me.agent && ticket.state !== 'closed';
    const join = async (/** @type {'link' | 'merge'} */ what) => {
      try {
        const { relate } = await import('./relate.js');
        await relate(what, ticket, me, (into) => {
          actions.changed();
          if (into) actions.open(into);
        });
      } catch (problem) {
        notify(problem);
      }
    };
    return list.length === 0 && !mayChange ? null : section(t('links'), h('ul', {}, list.map((/** @type {any} */ link) =>
      h('li', {}, h('a', { href: `/desk?ticket=${encodeURIComponent(link.ticket_id)}` }, shortID(link.ticket_id)), ` ${word('link', link.kind)}`))),
      mayChange ? h('div', { class: 'actions' }, h('button', { class: 'quiet', onclick: () => join('link') }, t('relate.link')), h('button', { class: 'quiet', onclick: () => join('merge') }, t('relate.merge'))) : null);
  }

  openLinks(parent, actions.open);
  return { show };
}

/**
 * Opens links to tickets on the page, unless the reader asks for another tab.
 * @param {Element} parent
 * @param {(ticket: string) => void} open
 */
export function openLinks(parent, open) {
  parent.addEventListener('click', (event) => {
    const { target, ctrlKey, metaKey, shiftKey } = /** @type {MouseEvent} */ (event);
    const anchor = target instanceof Element ? target.closest('a') : null;
    const id = anchor && anchor.pathname === '/desk' ? new URL(anchor.href).searchParams.get('ticket') : null;
    if (!id || ctrlKey || metaKey || shiftKey) return;
    event.preventDefault();
    open(id);
  });
}

/** @param {string} title @param {...any} content */
function section(title, ...content) {
  return h('section', { class: 'side-section' }, h('h2', {}, title), ...content);
}

/**
 * A section that is fetched when it is opened.
 * @param {string} title
 * @param {() => Promise<any>} load
 */
function lazy(title, load) {
  const content = h('div', {});
  const details = h('details', { class: 'side-section', ontoggle: async () => {
    if (!details.open || content.childElementCount > 0) return;
    fill(content, h('p', { class: 'loading' }, t('loading')));
    try {
      fill(content, await load());
    } catch (problem) {
      fill(content, h('p', { role: 'alert' }, sentence(problem)));
    }
  } }, h('summary', {}, title), content);
  return details;
}
