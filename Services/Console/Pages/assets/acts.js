// What is asked before a ticket is transferred or resolved. Loaded when somebody does.
import { get } from './api.js';
import { ask } from './dialogs.js';
import { fill, h } from './dom.js';
import { askReason } from './intents.js';
import { sentence } from './notify.js';
import { t, word } from './text.js';
import { title } from './titles.js';

/**
 * @param {boolean} hasDraft whether something is typed that was not sent
 * @returns {Promise<string | null>} the reason, may be empty
 */
export function confirmResolve(hasDraft) {
  return ask(t('resolve'), (done) => {
    const reason = h('input', { maxlength: 500, name: 'reason' });
    return [h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      done(reason.value.trim());
    } },
      hasDraft ? h('p', { class: 'warning-text' }, t('resolve.draft')) : h('span', {}),
      h('label', {}, t('reason.optional'), reason), h('button', { class: 'primary' }, t('resolve')))];
  });
}

/**
 * A queue or an agent, with a reason.
 * @param {any} ticket which its own agent cannot get
 * @returns {Promise<{queue?: string, agent?: string, reason: string} | null>}
 */
export function chooseTarget(ticket) {
  return ask(t('transfer'), (done) => {
    const target = h('select', { required: true, name: 'target' }, h('option', { value: '' }, t('loading')));
    const reason = h('input', { maxlength: 500, required: true, name: 'reason' });
    const failure = h('p', { class: 'warning-text', role: 'alert' });
    get('/v1/directory').then((directory) => {
      fill(target, h('option', { value: '' }, t('transfer.choose')),
        h('optgroup', { label: t('queues') }, directory.queues.map((/** @type {any} */ queue) => h('option', { value: `queue:${queue.queue}` }, title('queues', queue.queue)))),
        h('optgroup', { label: t('agents') }, directory.agents.map((/** @type {API.Agent} */ agent) =>
          h('option', { value: `agent:${agent.agent}`, disabled: agent.presence !== 'available' || agent.agent === ticket.agent },
            `${title('agents', agent.agent)} · ${word('presence', agent.presence)} · ${agent.load}/${agent.capacity}`))));
    }, (problem) => fill(failure, sentence(problem)));
    return [h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      const [kind, ...rest] = target.value.split(':');
      // A name that cannot be chosen leaves the list as it was, so what was chosen is said afterwards.
      if (kind && reason.value.trim()) done({ [kind]: rest.join(':'), reason: reason.value.trim() });
    } },
      failure, h('label', {}, t('transfer.to'), target), h('label', {}, t('reason'), reason), h('button', { class: 'primary' }, t('transfer')))];
  });
}

/**
 * What a transfer did, as the server answered it.
 * @param {{queue?: string, agent?: string}} target
 */
export const transferred = (target) => (target.agent ? t('transferred.agent', { who: title('agents', target.agent) }) : t('transferred', { queue: title('queues', target.queue ?? '') }));

/**
 * Why a lead takes a ticket over.
 * @returns {Promise<string | null>}
 */
export const whyTakeOver = () => askReason(t('tickets.take-over'), t('tickets.take-over'), {}, t('tickets.take-over-what'));
