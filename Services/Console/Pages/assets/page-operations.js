// Processes and how many of them, backlog, dead letters, hooks, leases, models, keys, the audit, and what operators asked for.
import { at, call, get } from './api.js';
import { auditList, keyList } from './access-lists.js';
import { deadLetters } from './dead-letters.js';
import { fill, h } from './dom.js';
import { askReason, request, state, what } from './intents.js';
import { figureCard, keepFresh, moment, stamp, table } from './listing.js';
import { notify } from './notify.js';
import { language, number, pair, t, word } from './text.js';

const scalable = ['classifier', 'router', 'sla-watcher', 'notifier'];
/** The number of these can follow the load. */
const elastic = ['classifier', 'router'];

/** @param {import('./main.js').Frame} frame */
export async function open({ me, bar, body }) {
  const updated = h('span', { class: 'load', role: 'status' });
  fill(bar, updated);
  const [figures, capacity, workers, hooks, leases, intents] = ['div', 'section', 'section', 'section', 'section', 'section'].map((tag) => h(tag, {}));
  figures.className = 'figures';
  const mayChange = me.role === 'operator' && !me.read_only;
  const seesRequests = me.role !== 'lead';
  const letters = deadLetters(mayChange);
  const keys = keyList(mayChange);
  const audit = auditList(mayChange);
  const models = h('section', { 'aria-labelledby': 'models' }, h('h2', { id: 'models' }, t('models.title')), h('p', {}, t('models.explained')),
    h('p', { class: 'filters' }, h('button', { onclick: () => replaceModel('promote') }, t('models.promote')), h('button', { onclick: () => replaceModel('back') }, t('models.back'))));
  const page = h('div', { class: 'list-page' }, figures, capacity, workers, letters.element, hooks, mayChange ? models : null, leases,
    seesRequests ? [intents, keys.element, audit.element] : null);
  fill(body, page);

  /** @param {string} hook @param {'pause' | 'enable'} act */
  async function change(hook, act) {
    const title = act === 'pause' ? t('operations.pause') : t('operations.resume');
    const reason = await askReason(pair(title, hook), title);
    if (!reason) return;
    try {
      await call('POST', `${at`/v1/hooks/${hook}`}/${act}`, { reason });
    } catch (problem) {
      notify(problem);
    }
    again();
  }

  /** @param {'promote' | 'back'} act */
  async function replaceModel(act) {
    const reason = await askReason(t(`models.${act}`), t(`models.${act}`), {}, t(`models.${act}-explained`));
    if (reason) await request(`/v1/models/${act}`, { reason });
    again();
  }

  /** @type {{workers: any[], capacity: any[], peaks: any[]}} */
  let found = { workers: [], capacity: [], peaks: [] };
  const running = (/** @type {string} */ service) => found.workers.filter((worker) => worker.service === service).length;
  const buttons = scalable.map((service) => h('button', { onclick: () => scale(service) }));
  const numbers = h('div', {});
  fill(capacity, h('h2', { id: 'capacity' }, t('capacity.title')), mayChange ? h('p', { class: 'filters' }, buttons) : null, numbers);

  /** @param {string} service */
  async function scale(service) {
    const followsLoad = found.capacity.some((row) => row.service === service && row.mode === 'auto');
    const automatic = h('input', { type: 'checkbox', name: 'automatic', checked: followsLoad });
    const count = h('input', { type: 'number', min: 0, max: 32, required: true, value: String(running(service)), name: 'count', oninput: () => { automatic.checked = false; } });
    const fields = { [t('scale.count')]: count, ...(elastic.includes(service) ? { [t('scale.automatic')]: automatic } : {}) };
    const reason = await askReason(t('scale.title', { service }), t('scale.act'), fields, t('scale.explained'));
    if (reason) await request('/v1/workers/scale', { service, reason, ...(automatic.checked ? { automatic: true } : { count: Number(count.value) }) });
    again();
  }

  function showWorkers() {
    scalable.forEach((service, index) => fill(buttons[index], t('scale.button', { service, number: number(running(service)) })));
    fill(numbers, table(t('capacity.title'), [
      { title: t('operations.service') }, { title: t('capacity.mode') }, { title: t('capacity.wanted'), isFigure: true }, { title: t('capacity.running'), isFigure: true },
      { title: t('capacity.reason') }, { title: t('capacity.since') }],
    found.capacity.map((row) => [row.service, row.mode === 'auto' ? t('capacity.auto', { base: number(row.base), limit: number(row.limit) }) : t('capacity.fixed'),
      number(row.wanted), { text: number(row.running), tone: row.running === row.wanted ? '' : 'warning' }, row.reason?.[language] ?? '–', moment(row.changed_at)])),
    found.peaks.length > 0 ? [h('h3', {}, t('capacity.peaks')), table(t('capacity.peaks'), [
      { title: t('capacity.peak') }, { title: t('operations.service') }, { title: t('capacity.workers'), isFigure: true }, { title: t('capacity.starts') }, { title: t('capacity.ends') }],
    found.peaks.map((peak) => [peak.name, peak.service, number(peak.workers), moment(peak.starts_at), moment(peak.ends_at)]))] : null);
    fill(workers, h('h2', {}, t('wall.workers')),
      table(t('wall.workers'), [
        { title: t('operations.service') }, { title: t('operations.state') }, { title: t('operations.host') }, { title: t('operations.started') }, { title: t('operations.heartbeat') }],
      found.workers.map((worker) => [worker.service, word('worker', worker.state), `${worker.host} · ${worker.process_id}`, moment(worker.started_at), moment(worker.heartbeat_at)]), t('operations.no-workers')));
  }

  const paths = ['/v1/workers', '/v1/hooks', '/v1/leases', '/v1/overview', ...(seesRequests ? ['/v1/intents?limit=20'] : [])];
  const again = keepFresh(page, 5, async () => Promise.all(paths.map((path) => get(path))), ([first, second, third, overview, asked]) => {
    found = first;
    showWorkers();
    fill(figures, figureCard(t('wall.undecided'), number(overview.undecided.waiting), overview.undecided.waiting > 100 ? 'warning' : ''),
      figureCard(t('wall.waiting'), number(overview.tickets.queued ?? 0)), figureCard(t('wall.dead-letters'), number(overview.dead_letters), overview.dead_letters > 0 ? 'warning' : ''));
    // What someone is about to press stays where it is.
    if (!hooks.contains(document.activeElement)) fill(hooks, h('h2', {}, t('operations.hooks')), table(t('operations.hooks'), [
      { title: t('operations.hook') }, { title: t('operations.endpoint') }, { title: t('operations.state') }, { title: t('operations.failures'), isFigure: true }, { title: t('apikey.act') }],
    second.hooks.map((/** @type {any} */ hook) => [hook.hook, hook.endpoint,
      hook.enabled ? (hook.held ? { text: t('operations.held'), tone: 'danger' } : t('operations.active')) : { text: t('operations.paused'), tone: 'warning' }, number(hook.failures),
      mayChange ? h('button', { class: 'quiet', onclick: () => change(hook.hook, hook.enabled ? 'pause' : 'enable') }, hook.enabled ? t('operations.pause') : t('operations.resume')) : '']), t('operations.no-hooks')));
    fill(leases, h('h2', {}, t('operations.leases')), table(t('operations.leases'), [
      { title: t('operations.lease') }, { title: t('operations.holder') }, { title: t('operations.expires') }],
    third.leases.map((/** @type {any} */ lease) => [lease.name, lease.holder, moment(lease.expires_at)]), t('operations.no-leases')));
    if (asked) fill(intents, h('h2', {}, t('intent.title')), table(t('intent.title'), [
      { title: t('audit.at') }, { title: t('intent.what') }, { title: t('intent.who') }, { title: t('reason') }, { title: t('operations.state') }],
    asked.intents.map((/** @type {any} */ intent) => [moment(intent.requested_at), what(intent), intent.label || intent.requested_by.slice(0, 8), intent.reason, state(intent)]), t('intent.none')));
    stamp(updated);
  });
  if (seesRequests) {
    keys.load();
    audit.load();
  }
}
