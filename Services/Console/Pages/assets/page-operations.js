// Processes, hooks and leases.
import { at, call, get } from './api.js';
import { ask } from './dialogs.js';
import { fill, h } from './dom.js';
import { keepFresh, moment, stamp, table } from './listing.js';
import { notify } from './notify.js';
import { number, t } from './text.js';

/** @param {import('./main.js').Frame} frame */
export async function open({ me, bar, body }) {
  const updated = h('span', { class: 'load', role: 'status' });
  fill(bar, updated);
  const workers = h('section', {});
  const hooks = h('section', {});
  const leases = h('section', {});
  const page = h('div', { class: 'list-page' }, workers, hooks, leases);
  fill(body, page);
  const mayChange = me.role === 'operator' && !me.read_only;

  /** @param {string} hook @param {'pause' | 'enable'} what */
  async function change(hook, what) {
    const title = what === 'pause' ? t('operations.pause') : t('operations.resume');
    const reason = await ask(`${title}: ${hook}`, (/** @type {(value: string) => void} */ done) => {
      const input = h('input', { required: true, maxlength: 500 });
      return [h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        done(input.value.trim());
      } }, h('label', {}, t('reason'), input), h('button', { class: 'primary' }, title))];
    });
    if (!reason) return;
    try {
      await call('POST', `${at`/v1/hooks/${hook}`}/${what}`, { reason });
    } catch (problem) {
      notify(problem);
    }
    again();
  }

  const again = keepFresh(page, 5, async () => Promise.all(['/v1/workers', '/v1/hooks', '/v1/leases'].map((path) => get(path))), ([first, second, third]) => {
    fill(workers, h('h2', {}, t('wall.workers')), table(t('wall.workers'), [
      { title: t('operations.service') }, { title: t('operations.state') }, { title: t('operations.host') }, { title: t('operations.started') }, { title: t('operations.heartbeat') }],
    first.workers.map((/** @type {any} */ worker) => [worker.service, worker.state, `${worker.host} · ${worker.process_id}`, moment(worker.started_at), moment(worker.heartbeat_at)])));
    fill(hooks, h('h2', {}, t('operations.hooks')), table(t('operations.hooks'), [
      { title: t('operations.hook') }, { title: t('operations.endpoint') }, { title: t('operations.state') }, { title: t('operations.failures'), isFigure: true }, { title: '' }],
    second.hooks.map((/** @type {any} */ hook) => [hook.hook, hook.endpoint,
      hook.enabled ? (hook.held ? { text: t('operations.held'), tone: 'danger' } : t('operations.active')) : { text: t('operations.paused'), tone: 'warning' }, number(hook.failures),
      mayChange ? h('button', { class: 'quiet', onclick: () => change(hook.hook, hook.enabled ? 'pause' : 'enable') }, hook.enabled ? t('operations.pause') : t('operations.resume')) : ''])));
    fill(leases, h('h2', {}, t('operations.leases')), table(t('operations.leases'), [
      { title: t('operations.lease') }, { title: t('operations.holder') }, { title: t('operations.expires') }],
    third.leases.map((/** @type {any} */ lease) => [lease.name, lease.holder, moment(lease.expires_at)])));
    stamp(updated);
  });
}
