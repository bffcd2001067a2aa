// The state of the desk at a glance: queues by trouble, a band of figures, hot issues.
import { get } from './api.js';
import { crisisBoard, fetchCrises } from './crises.js';
import { fill, h } from './dom.js';
import { figureCard, keepFresh, moment, stamp, table } from './listing.js';
import { number, span, t, word } from './text.js';

/** @param {import('./main.js').Frame} frame */
export async function open({ me, bar, body }) {
  const updated = h('span', { class: 'load', role: 'status' });
  fill(bar, updated);
  const figures = h('div', { class: 'figures' });
  const queues = h('section', { class: 'card' });
  const hot = h('section', { class: 'card' });
  const crises = crisisBoard(me, () => again());
  fill(body, h('div', { class: 'wall' }, figures, queues, crises.element, hot));

  const again = keepFresh(body, 5, async () => {
    const current = fetchCrises();
    // Only leads get notices.
    const notices = me.agent ? get('/v1/notices?limit=100') : Promise.resolve({ notices: [] });
    notices.catch(() => {});
    current.catch(() => {});
    const [overview, list, agents, issues, levels, directory] = await Promise.all(
      ['/v1/overview', '/v1/queues', '/v1/agents', '/v1/hot-issues', '/v1/service-levels', '/v1/directory'].map((path) => get(path)));
    const known = new Set(list.queues.map((/** @type {any} */ queue) => queue.queue));
    const empty = directory.queues.filter((/** @type {any} */ queue) => !known.has(queue.queue)).map((/** @type {any} */ queue) => (
      { queue: queue.queue, waiting: 0, offered: 0, assigned: 0, late: 0, oldest_age_seconds: null }));
    return { overview, queues: [...list.queues, ...empty], agents: agents.agents, issues: issues.hot_issues ?? issues.issues ?? [], levels: levels.service_levels, crises: await current, stuck: stuck((await notices).notices) };
  }, (now) => {
    const count = (/** @type {string} */ presence) => now.agents.filter((/** @type {API.Agent} */ agent) => agent.presence === presence).length;
    const late = now.queues.reduce((/** @type {number} */ sum, /** @type {any} */ queue) => sum + queue.late, 0);
    const waiting = now.queues.reduce((/** @type {number} */ sum, /** @type {any} */ queue) => sum + queue.waiting, 0);
    fill(figures,
      figureCard(t('wall.waiting'), number(waiting), waiting > 0 && count('available') === 0 ? 'danger' : undefined),
      figureCard(t('wall.late'), number(late), late > 0 ? 'danger' : undefined),
      figureCard(t('presence.available'), number(count('available'))),
      figureCard(t('presence.away'), number(count('away'))),
      figureCard(t('wall.undecided'), number(now.overview.undecided?.waiting ?? 0), (now.overview.undecided?.oldest_age_seconds ?? 0) > 60 ? 'warning' : undefined),
      figureCard(t('wall.dead-letters'), number(now.overview.dead_letters ?? 0), now.overview.dead_letters > 0 ? 'warning' : undefined));
    /** @type {Map<string, {met: number, ended: number}>} */
    const kept = new Map();
    for (const level of now.levels) {
      const entry = kept.get(level.queue) ?? { met: 0, ended: 0 };
      entry.met += level.met;
      entry.ended += level.met + level.breached;
      kept.set(level.queue, entry);
    }
    const rows = [...now.queues].sort((first, second) => second.late - first.late || (second.oldest_age_seconds ?? 0) - (first.oldest_age_seconds ?? 0) || second.waiting - first.waiting || (first.queue < second.queue ? -1 : 1));
    fill(queues, table(t('queues'), [
      { title: t('wall.queue') }, { title: t('wall.waiting'), isFigure: true }, { title: t('wall.oldest'), isFigure: true }, { title: t('wall.late'), isFigure: true },
      { title: t('wall.offered'), isFigure: true }, { title: t('wall.assigned'), isFigure: true }, { title: t('wall.kept'), isFigure: true },
    ], rows.map((queue) => {
      const level = kept.get(queue.queue);
      return [queue.queue, number(queue.waiting), queue.oldest_age_seconds === null ? '–' : span(queue.oldest_age_seconds * 1000),
        queue.late > 0 ? { text: `! ${number(queue.late)}`, tone: 'danger' } : '0', number(queue.offered), number(queue.assigned),
        level && level.ended > 0 ? `${Math.round((level.met / level.ended) * 100)} %` : t('wall.no-data')];
    })));
    const current = now.issues.filter((/** @type {any} */ issue) => !issue.ended_at);
    crises.show(now.crises);
    fill(hot, now.stuck.length === 0 ? null : [h('h2', {}, t('wall.stuck')), h('ul', {}, now.stuck.map((notice) => h('li', {},
      h('strong', { class: 'tone-danger' }, `! ${notice.detail.queue}`), ' ', t('wall.stuck-why', { waiting: number(notice.detail.waiting ?? 0), reason: word('stuck', notice.detail.reason) }), ' · ', moment(notice.detail.began_at ?? notice.at))))],
      h('h2', {}, t('wall.hot')), current.length === 0 ? h('p', { class: 'quiet-text' }, t('none')) : h('ul', {}, current.map((/** @type {any} */ issue) =>
      h('li', {}, h('strong', { class: 'tone-warning' }, `▲ ${issue.category}`), ' ', t('wall.expected', { tickets: number(issue.tickets), expected: number(issue.expected) })))));
    stamp(updated);
  });
}

/**
 * The queues in which nothing moves: the newest notice of each queue decides.
 * @param {any[]} notices newest first
 */
function stuck(notices) {
  /** @type {Map<string, any>} */
  const newest = new Map();
  for (const notice of notices) {
    if ((notice.kind === 'queue.stuck' || notice.kind === 'queue.moves') && !newest.has(notice.detail.queue)) newest.set(notice.detail.queue, notice);
  }
  return [...newest.values()].filter((notice) => notice.kind === 'queue.stuck');
}
