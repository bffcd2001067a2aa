// Agents by presence and load; a lead sets another's presence.
import { at, call, get } from './api.js';
import { ask } from './dialogs.js';
import { fill, h } from './dom.js';
import { keepFresh, moment, stamp, table } from './listing.js';
import { notify } from './notify.js';
import { t, word } from './text.js';

/** @param {import('./main.js').Frame} frame */
export async function open({ me, bar, body }) {
  const updated = h('span', { class: 'load', role: 'status' });
  fill(bar, updated);
  const wanted = h('select', { name: 'presence' }, h('option', { value: '' }, '–'), ['available', 'away', 'reserve', 'offline'].map((presence) => h('option', { value: presence }, word('presence', presence))));
  const name = h('input', { type: 'search', name: 'agent' });
  const list = h('section', {});
  fill(body, h('div', { class: 'list-page' }, h('div', { class: 'filters' }, h('label', {}, t('people.agent'), name), h('label', {}, t('people.presence'), wanted)), list));
  const query = new URLSearchParams(location.search);
  wanted.value = query.get('presence') ?? '';
  name.value = query.get('agent') ?? '';
  const mayChange = !me.read_only && (me.role === 'lead' || me.role === 'operator');

  /** @param {string} agent */
  async function setPresence(agent) {
    const presence = await ask(t('people.set'), (/** @type {(value: string) => void} */ done) => ['available', 'away', 'offline'].map((choice) =>
      h('p', {}, h('button', { type: 'button', onclick: () => done(choice) }, word('presence', choice)))));
    if (!presence) return;
    try {
      await call('POST', at`/v1/agents/${agent}/presence`, { presence });
    } catch (problem) {
      notify(problem);
    }
    again();
  }

  /** @type {any[]} */
  let agents = [];
  function show() {
    history.replaceState(null, '', `/people?${new URLSearchParams({ presence: wanted.value, agent: name.value })}`);
    const order = ['available', 'away', 'reserve', 'offline'];
    const rows = agents.filter((agent) => (!wanted.value || agent.presence === wanted.value) && agent.agent.includes(name.value.trim()))
      .sort((first, second) => order.indexOf(first.presence) - order.indexOf(second.presence) || second.load - first.load || (first.agent < second.agent ? -1 : 1));
    fill(list, table(t('page.people'), [
      { title: t('people.agent') }, { title: t('people.presence') }, { title: t('people.load'), isFigure: true }, { title: t('people.seen') }, { title: t('people.break') }, { title: '' },
    ], rows.map((agent) => [agent.agent, word('presence', agent.presence), `${agent.load}/${agent.capacity}`, moment(agent.seen_at), agent.break_reason ?? '',
      mayChange ? h('button', { class: 'quiet', onclick: () => setPresence(agent.agent) }, t('people.set')) : ''])));
  }
  wanted.addEventListener('change', show);
  name.addEventListener('input', show);
  const again = keepFresh(list, 5, async () => (await get('/v1/agents')).agents, (next) => {
    agents = next;
    show();
    stamp(updated);
  });
}
