// Questions before something is done.
import { h } from './dom.js';
import { t } from './text.js';

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
