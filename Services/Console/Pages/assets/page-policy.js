// The policy in force, with its line numbers.
import { get } from './api.js';
import { fill, h } from './dom.js';
import { failing } from './notify.js';
import { fullTime, t } from './text.js';

/** @param {import('./main.js').Frame} frame */
export async function open({ body }) {
  async function load() {
    try {
      const policy = await get('/v1/policy');
      fill(body, h('div', { class: 'list-page' }, h('section', {}, h('p', {}, t('policy.version', { version: policy.version, by: policy.applied_by, at: fullTime(policy.applied_at) }), ' ', h('span', { class: 'quiet-text' }, t('policy.masked'))),
        h('pre', { class: 'policy-text', tabindex: '0' }, policy.document.split('\n').map((/** @type {string} */ line) => h('span', {}, line))))));
    } catch (problem) {
      failing(body, problem, load);
    }
  }
  load();
}
