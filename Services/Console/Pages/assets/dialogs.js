// Questions before something is done.
import { get } from './api.js';
import { fill, h } from './dom.js';
import { sentence } from './notify.js';
import { t, word } from './text.js';
import { title } from './titles.js';

/**
 * Shows a dialog and returns what was entered; null when it was left.
 * @template T
 * @param {string} title
 * @param {(done: (value: T) => void) => any[]} content
 * @returns {Promise<T | null>}
 */
export function ask(title, content) {
  return new Promise((resolve) => {
    /** @type {T | null} */
    let result = null;
    const dialog = h('dialog', { class: 'dialog', 'aria-label': title }, h('h2', {}, title));
    for (const child of content((value) => {
      result = value;
      dialog.close();
    })) if (child) dialog.appendChild(child);
    dialog.appendChild(h('p', {}, h('button', { class: 'quiet', type: 'button', onclick: () => dialog.close() }, t('cancel'))));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(result);
    });
    document.body.appendChild(dialog);
    dialog.showModal();
  });
}

/**
 * Shows something over the page until it is closed.
 * @param {string} title
 * @param {...any} content
 */
export function show(title, ...content) {
  const dialog = h('dialog', { class: 'dialog wide', 'aria-label': title }, h('div', { class: 'dialog-head' }, h('h2', {}, title),
    h('button', { class: 'quiet', onclick: () => dialog.close() }, t('close'))), content);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.appendChild(dialog);
  dialog.showModal();
  return dialog;
}

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
 * @returns {Promise<{queue?: string, agent?: string, reason: string} | null>}
 */
export function chooseTarget() {
  return ask(t('transfer'), (done) => {
    const target = h('select', { required: true, name: 'target' }, h('option', { value: '' }, t('loading')));
    const reason = h('input', { maxlength: 500, required: true, name: 'reason' });
    const failure = h('p', { class: 'warning-text', role: 'alert' });
    get('/v1/directory').then((directory) => {
      fill(target, h('option', { value: '' }, t('transfer.choose')),
        h('optgroup', { label: t('queues') }, directory.queues.map((/** @type {any} */ queue) => h('option', { value: `queue:${queue.queue}` }, title('queues', queue.queue)))),
        h('optgroup', { label: t('agents') }, directory.agents.map((/** @type {API.Agent} */ agent) =>
          h('option', { value: `agent:${agent.agent}`, disabled: agent.presence !== 'available' },
            `${agent.agent} · ${word('presence', agent.presence)} · ${agent.load}/${agent.capacity}`))));
    }, (problem) => fill(failure, sentence(problem)));
    return [h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      const [kind, ...rest] = target.value.split(':');
      if (kind && reason.value.trim()) done({ [kind]: rest.join(':'), reason: reason.value.trim() });
    } },
      failure, h('label', {}, t('transfer.to'), target), h('label', {}, t('reason'), reason), h('button', { class: 'primary' }, t('transfer')))];
  });
}
