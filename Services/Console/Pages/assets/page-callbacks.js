// Call-backs that were promised, those due first first.
import { get } from './api.js';
import { callBackList } from './callback-list.js';
import { fill, h } from './dom.js';
import { addressed } from './listing.js';
import { t, word } from './text.js';
import { title } from './titles.js';

/** @param {import('./main.js').Frame} frame */
export async function open({ me, body }) {
  const choice = (/** @type {string} */ name, /** @type {string} */ first, /** @type {[string, string][]} */ values) =>
    h('select', { name }, h('option', { value: '' }, first), values.map(([value, words]) => h('option', { value }, words)));
  const fields = {
    state: choice('state', t('callback.unfinished'), ['open', 'kept', 'broken', 'withdrawn'].map((state) => [state, word('callback.state', state)])),
    queue: choice('queue', t('filter.any'), []),
    owner: choice('owner', t('filter.any'), []),
  };
  const directory = await get('/v1/directory').catch(() => null);
  const add = (/** @type {HTMLElement} */ select, /** @type {'queues' | 'agents'} */ section, /** @type {string[]} */ names) =>
    names.forEach((name) => select.appendChild(h('option', { value: name }, title(section, name))));
  add(fields.queue, 'queues', (directory?.queues ?? []).map((/** @type {any} */ queue) => queue.queue));
  add(fields.owner, 'agents', (directory?.agents ?? []).map((/** @type {API.Agent} */ agent) => agent.agent));
  const address = addressed('/callbacks', fields);
  const list = callBackList(me, () => address.values(), (id) => `/tickets?ticket=${encodeURIComponent(id)}`);
  fill(body, h('div', { class: 'list-page' },
    h('div', { class: 'filters', onchange: () => {
      address.keep();
      list.load();
    } }, h('label', {}, t('filter.state'), fields.state), h('label', {}, t('wall.queue'), fields.queue), h('label', {}, t('callback.owner'), fields.owner)),
    h('section', {}, list.element)));
  await list.load();
  setInterval(() => list.freshen(), 15_000);
}
