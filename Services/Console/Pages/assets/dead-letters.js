// Dead letters: list with filters in the address, and replay of the set that was counted.
import { get } from './api.js';
import { fill, h, setText } from './dom.js';
import { askReason, request } from './intents.js';
import { addressed, moment, table } from './listing.js';
import { failing } from './notify.js';
import { number, t, word } from './text.js';

/** @param {boolean} mayChange */
export function deadLetters(mayChange) {
  const fields = {
    kind: h('select', { name: 'kind' }, h('option', { value: '' }, t('filter.any')),
      ['message', 'reply', 'notice'].map((kind) => h('option', { value: kind }, word('dead', kind)))),
    hook: h('select', { name: 'hook' }, h('option', { value: '' }, t('filter.any'))),
    ticket: h('input', { name: 'ticket', maxlength: 36, size: 20, autocomplete: 'off', spellcheck: 'false' }),
  };
  const list = h('div', {});
  const count = h('p', { role: 'status' });
  const replay = h('button', { class: 'primary', hidden: true, onclick: start }, t('dead.replay'));
  const element = h('section', { 'aria-labelledby': 'dead-letters' }, h('h2', { id: 'dead-letters' }, t('wall.dead-letters')),
    h('div', { class: 'filters', onchange: load }, h('label', {}, t('dead.kind'), fields.kind), h('label', {}, t('operations.hook'), fields.hook),
      h('label', {}, t('dead.ticket'), fields.ticket), replay), count, list);
  const address = addressed('/operations', fields);
  /**
   * The set as it was counted.
   * @type {any}
   */
  let set = null;

  function query() {
    const text = new URLSearchParams(address.values()).toString();
    return text ? `?${text}` : '';
  }

  async function load() {
    address.keep();
    try {
      const answer = await get(`/v1/dead-letters${query()}`);
      set = { ...answer.set, filter: address.values() };
      replay.hidden = !mayChange || set.count === 0 || set.digest === '';
      setText(count, set.count === 0 ? '' : t(set.digest === '' ? 'dead.too-many' : 'dead.waiting', { count: set.count, number: number(set.count) }));
      fill(list, answer.dead_letters.length === 0 ? h('p', { class: 'empty' }, t('dead.none')) : table(t('wall.dead-letters'), [
        { title: t('dead.failed') }, { title: t('dead.kind') }, { title: t('operations.hook') }, { title: t('dead.ticket') }, { title: t('dead.why') }],
      answer.dead_letters.map((/** @type {any} */ letter) => [moment(letter.failed_at), word('dead', letter.kind), letter.hook ?? '',
        h('a', { href: `/tickets?ticket=${encodeURIComponent(letter.ticket_id)}` }, `#${letter.ticket_id.slice(-6)}`), letter.reason])));
    } catch (problem) {
      replay.hidden = true;
      setText(count, '');
      failing(list, problem, load);
    }
  }

  async function start() {
    const frozen = set;
    const reason = await askReason(t('dead.replay'), t('dead.replay-count', { count: frozen.count, number: number(frozen.count) }), {}, t('dead.explained'));
    if (!reason) return;
    replay.disabled = true;
    const { ticket, ...filter } = frozen.filter;
    await request('/v1/dead-letters/replays', {
      ...filter, ...(ticket ? { ticket_id: ticket } : {}), until: frozen.until, count: frozen.count, digest: frozen.digest, reason,
    });
    replay.disabled = false;
    load();
  }

  get('/v1/hooks').then(({ hooks }) => {
    const wanted = new URLSearchParams(location.search).get('hook');
    for (const hook of hooks) fields.hook.appendChild(h('option', { value: hook.hook }, hook.hook));
    if (wanted) fields.hook.value = wanted;
  }).catch(() => {}).finally(load);
  return { element, load };
}
