// Keys of the pages. None acts while a text is being written or an input method composes, and all can be switched off (WCAG 2.1.4).
import { h } from './dom.js';
import { t } from './text.js';

/**
 * @typedef {{key: string, title: string, act: () => void, isUsable?: () => boolean}} Shortcut
 */

/** @type {Shortcut[]} */
const shortcuts = [];

/** @param {Shortcut[]} more */
export function addShortcuts(...more) {
  shortcuts.push(...more);
}

export const all = () => shortcuts;

/** Whether keys act; the reader's choice. */
export const areOn = () => localStorage.getItem('keys') !== 'off';

/** @param {EventTarget | null} target */
function isWriting(target) {
  // A field of a dialog that was closed keeps the focus until the page is drawn again.
  return target instanceof HTMLElement && !target.closest('dialog:not([open])') && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

let isInstalled = false;
export function installKeys() {
  if (isInstalled) return;
  isInstalled = true;
  document.addEventListener('keydown', (event) => {
    if (event.isComposing || event.defaultPrevented || event.altKey) return;
    const isPalette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k';
    if (!isPalette && (event.ctrlKey || event.metaKey || isWriting(event.target) || !areOn() || document.querySelector('dialog[open]'))) return;
    const name = isPalette ? 'Ctrl-K' : event.key;
    const shortcut = shortcuts.find((entry) => entry.key === name && (entry.isUsable?.() ?? true));
    if (!shortcut) return;
    event.preventDefault();
    shortcut.act();
  });
  addShortcuts({ key: '?', title: t('keys.help'), act: showKeys });
}

export function showKeys() {
  const dialog = h('dialog', { class: 'dialog', 'aria-label': t('keys.title') },
    h('h2', {}, t('keys.title')),
    h('table', {}, shortcuts.map((entry) => h('tr', {}, h('th', { scope: 'row' }, h('kbd', {}, entry.key)), h('td', {}, entry.title)))),
    h('label', { class: 'check' },
      h('input', { type: 'checkbox', checked: areOn(), onchange: (/** @type {any} */ event) => localStorage.setItem('keys', event.target.checked ? 'on' : 'off') }),
      t('keys.on')),
    h('form', { method: 'dialog' }, h('button', {}, t('close'))));
  document.body.appendChild(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
}
