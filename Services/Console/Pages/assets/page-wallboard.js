// The state of the desk at a glance: what to do, a band of figures, one row for each queue with trouble first, hot issues and crises.
// With `?tv` for a screen on the wall: without controls, with large figures.
import { get } from './api.js';
import { now, ticks } from './clock.js';
import { causeText, crisisBoard, fetchCrises } from './crises.js';
import { fill, h, setText } from './dom.js';
import { figureCard, keepFresh, moment } from './listing.js';
import { onChange } from './overseer-stream.js';
import { spark } from './spark.js';
import { number, percent, shortTime, span, t, word } from './text.js';
import { title } from './titles.js';

/** Queues that a screen on the wall shows. */
const rowsOnWall = 16;

const sum = (/** @type {number[]} */ list) => list.reduce((total, value) => total + value, 0);

/** @param {import('./main.js').Frame} frame */
export async function open({ me, bar, body }) {
  const isTV = new URLSearchParams(location.search).has('tv');
  document.documentElement.classList.toggle('tv', isTV);
  const live = h('span', { class: 'load live', role: 'status' });
  fill(bar, isTV ? null : h('a', { href: '/wallboard?tv' }, t('wall.tv')), live);
  const todo = h('section', { class: 'card todo', 'aria-label': t('wall.todo') });
  const figures = h('div', { class: 'figures' });
  const queues = h('section', { class: 'card queues' });
  const hot = h('section', { class: 'card hot' });
  const crises = isTV ? null : crisisBoard(me, () => again());
  fill(body, h('div', { class: 'wall' }, todo, figures, h('div', { class: 'wall-columns' }, queues, h('div', { class: 'wall-side' }, crises?.element, hot))));

  let cases = '';
  /** @type {any[]} */
  let open = [];
  /** The state of the stream. */
  let state = 'connecting';

  const again = keepFresh(body, 15, async () => {
    const board = await get('/v1/wallboard');
    // A picture of the past is not worth losing the present.
    const flow = await get('/v1/queues/flow').catch(() => null);
    const versions = JSON.stringify(board.crises.map((/** @type {API.WallboardCrisis} */ crisis) => [crisis.crisis, crisis.version]));
    if (crises && (versions !== cases || open.length > 0)) {
      open = await fetchCrises().catch(() => open);
      cases = versions;
    }
    return { board, flow };
  }, ({ board, flow }) => show(board, flow));

  /** @param {API.Wallboard} board @param {API.QueueFlow | null} flow */
  function show(board, flow) {
    fill(todo, board.findings.length === 0 ? h('p', { class: 'tone-good' }, `✓ ${t('finding.none')}`)
      : h('ul', {}, board.findings.slice(0, isTV ? 2 : 5).map((finding) => h('li', { class: finding.urgent ? 'tone-danger' : 'tone-warning' }, finding.urgent ? '! ' : '▲ ', findingText(finding)))));
    const waiting = sum(board.queues.map((queue) => queue.waiting));
    const late = sum(board.queues.map((queue) => queue.late));
    const routers = board.ready.router ?? 0;
    fill(figures,
      figureCard(t('wall.waiting'), number(waiting), waiting > 0 && board.agents.free + board.agents.full === 0 ? 'danger' : undefined),
      figureCard(t('wall.late'), number(late), late > 0 ? 'danger' : undefined),
      figureCard(t('wall.free'), number(board.agents.free), waiting > 0 && board.agents.free === 0 ? 'warning' : undefined),
      figureCard(t('wall.full'), number(board.agents.full)),
      figureCard(t('wall.away'), number(board.agents.away)),
      figureCard(t('wall.undecided'), number(board.undecided.waiting), (board.undecided.oldest_age_seconds ?? 0) > 60 ? 'warning' : undefined),
      figureCard(t('wall.dead-letters'), number(board.dead_letters), board.dead_letters > 0 ? 'warning' : undefined),
      figureCard(t('wall.routers'), number(routers), routers === 0 ? 'danger' : undefined));
    showQueues(board, flow);
    crises?.show(open);
    showSide(board);
  }

  /** @param {API.Wallboard} board @param {API.QueueFlow | null} flow */
  function showQueues(board, flow) {
    const stuck = new Set(board.stuck.map((entry) => entry.queue));
    const all = [...board.queues].sort((first, second) => trouble(second, stuck) - trouble(first, stuck)
      || age(second) - age(first) || second.waiting - first.waiting || (first.queue < second.queue ? -1 : 1));
    // A screen on the wall cannot be scrolled; what is left out has the least trouble.
    const rows = isTV ? all.slice(0, rowsOnWall) : all;
    const history = new Map(flow?.queues.map((entry) => [entry.queue, entry]));
    // A few messages do not look like a flood.
    const highest = Math.max(5, ...(flow?.queues ?? []).flatMap((entry) => [...entry.arrivals, ...entry.answers]));
    /** A figure, with its title for narrow screens, where the table has no head. */
    const cell = (/** @type {string} */ key, /** @type {any} */ content, /** @type {string} */ tone = '', /** @type {string | null} */ hint = null) =>
      h('td', { class: tone ? `figure ${tone}` : 'figure', data: { title: t(key) }, title: hint }, content);
    const figure = { class: 'figure' };
    queues.style.setProperty('--rows', String(Math.max(1, rows.length)));
    fill(queues, h('table', {}, h('caption', { class: 'visually-hidden' }, t('queues')),
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('wall.queue')),
        ['wall.waiting', 'wall.oldest', 'wall.expected-wait', 'wall.late', 'wall.kept-today', 'wall.staff'].map((key) => h('th', { scope: 'col', ...figure }, t(key))),
        h('th', { scope: 'col' }, t('wall.flow')))),
      h('tbody', {}, rows.map((queue) => {
        const entry = history.get(queue.queue);
        const isOnItsOwn = queue.waiting > 0 && queue.agents.free === 0;
        const kept = queue.kept_today;
        const targets = kept ? kept.met + kept.breached : 0;
        return h('tr', { class: queue.waiting === 0 && queue.late === 0 ? 'is-quiet' : null },
          h('th', { scope: 'row', class: stuck.has(queue.queue) ? 'tone-danger' : null, title: queue.queue }, stuck.has(queue.queue) ? '! ' : '', title('queues', queue.queue)),
          cell('wall.waiting', number(queue.waiting)),
          cell('wall.oldest', queue.oldest_waiting_since ? h('span', { data: { since: queue.oldest_waiting_since } }, span(age(queue))) : '–'),
          cell('wall.expected-wait', queue.expected_wait_seconds === null ? t('wall.no-data') : t('wall.about', { span: span(queue.expected_wait_seconds * 1000) })),
          cell('wall.late', queue.late > 0 ? `! ${number(queue.late)}` : '0', queue.late > 0 ? 'tone-danger' : ''),
          cell('wall.kept-today', kept && targets > 0 ? percent(kept.met / targets) : t('wall.no-data'), '',
            kept && targets > 0 ? t('wall.kept-title', { met: number(kept.met), targets: number(targets) }) : null),
          cell('wall.staff', [isOnItsOwn ? '▲ ' : '', [queue.agents.free, queue.agents.full, queue.agents.away].map(number).join(' / ')], isOnItsOwn ? 'tone-warning' : '', t('wall.staff-title', {
            free: number(queue.agents.free), full: number(queue.agents.full), away: number(queue.agents.away), reserve: number(queue.agents.reserve), offline: number(queue.agents.offline) })),
          h('td', {}, entry ? spark(entry.arrivals, entry.answers, highest, t('wall.flow-title', { arrivals: number(sum(entry.arrivals)), answers: number(sum(entry.answers)) })) : t('wall.no-data')));
      }))), rows.length < all.length ? h('p', { class: 'quiet-text' }, t('wall.more', { count: all.length - rows.length })) : null);
  }

  /** @param {API.Wallboard} board */
  function showSide(board) {
    fill(hot,
      isTV && board.crises.length > 0 ? [h('h2', {}, t('crises')), h('ul', {}, board.crises.map((crisis) => h('li', { class: 'tone-danger' }, `! ${causeText(crisis.cause)}`)))] : null,
      board.stuck.length === 0 ? null : [h('h2', {}, t('wall.stuck')), h('ul', {}, board.stuck.map((entry) => h('li', {},
        h('strong', { class: 'tone-danger' }, `! ${title('queues', entry.queue)}`), ' ', t('wall.stuck-why', { waiting: number(entry.waiting), reason: word('stuck', entry.reason) }), ' · ', moment(entry.began_at))))],
      h('h2', {}, t('wall.hot')), board.hot_issues.length === 0 ? h('p', { class: 'quiet-text' }, t(board.hot_issues_judged === false ? 'wall.too-new' : 'none')) : h('ul', {}, board.hot_issues.map((issue) =>
        h('li', {}, h('strong', { class: 'tone-warning' }, `▲ ${title('categories', issue.category)}`), ' ', t('wall.expected', { tickets: number(issue.tickets), expected: number(Math.round(issue.expected)) })))));
  }

  onChange(me, ['wallboard'], () => again(), (next) => {
    state = next;
    tick();
  });
  function tick() {
    setText(live, state === 'open' ? t('wall.live', { at: shortTime(new Date(now()).toISOString(), now()) }) : t(`connection.${state}`));
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (queues.querySelectorAll('[data-since]'))) setText(element, span(now() - Date.parse(element.dataset.since ?? '')));
  }
  ticks.add(tick);
}

/**
 * How long the oldest has waited, in milliseconds.
 * @param {API.WallboardQueue} queue
 */
const age = (queue) => (queue.oldest_waiting_since ? Math.max(0, now() - Date.parse(queue.oldest_waiting_since)) : 0);

/** What a late ticket counts for, and the wait where nobody is at work to end it, in seconds. */
const heavy = 3600;

/**
 * What stands first: queues at a standstill, then those whose customers have the longest waits before them, all together. Late ones
 * count for an hour each.
 * @param {API.WallboardQueue} queue
 * @param {Set<string>} stuck
 */
function trouble(queue, stuck) {
  const isUnattended = queue.agents.free + queue.agents.full === 0;
  const wait = Math.max(queue.expected_wait_seconds ?? 0, age(queue) / 1000, isUnattended ? heavy : 0);
  return (stuck.has(queue.queue) ? 1e12 : 0) + queue.late * heavy + queue.waiting * wait;
}

/** @param {API.Finding} finding */
const findingText = (finding) => t(`finding.${finding.code}`, {
  subject: finding.code === 'service_missing' ? finding.subject ?? '' : finding.code === 'crisis' ? causeText(finding.subject ?? '') : title('queues', finding.subject ?? ''), number: number(finding.count), count: finding.count,
  span: span(finding.seconds * 1000) });
