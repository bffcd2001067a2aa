// Texts that are not saved yet. A form with one asks before the page is left; the policy's text is kept in this browser.
import { ask } from './dialogs.js';
import { h } from './dom.js';
import { t } from './text.js';

/**
 * Marks a form as soon as something is typed into it, until it is replaced.
 * @template {HTMLElement} T
 * @param {T} form
 * @returns {T}
 */
export function guarded(form) {
  form.addEventListener('input', () => (form.dataset.unsaved = ''));
  return form;
}

const unsaved = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll('[data-unsaved]')]);

// Another page, a reload, or the window's end: the browser asks in its own words.
addEventListener('beforeunload', (event) => {
  if (unsaved().length > 0) event.preventDefault();
});

/**
 * Asks, if something was typed and not saved, whether it may be lost.
 * @returns {Promise<boolean>}
 */
export async function mayLeave() {
  const forms = unsaved();
  if (forms.length === 0) return true;
  const mayBeLost = await ask(t('unsaved.title'), (/** @type {(value: boolean) => void} */ done) => [h('p', {}, t('unsaved.explained')),
    h('button', { class: 'danger', type: 'button', onclick: () => done(true) }, t('unsaved.leave'))]);
  if (mayBeLost) for (const form of forms) delete form.dataset.unsaved;
  return mayBeLost === true;
}

// --- The policy --------------------------------------------------------------------------------------------------------

/** @typedef {{version: number, document: string, examples: string, at: string}} KeptPolicy */

const prefix = 'policy-text ';
/**
 * Where the text of a person is. A key's label or an agent says who works here.
 * @param {import('./main.js').Me} me
 */
const placeOf = (me) => `${prefix}${me.role} ${me.agent ?? me.label}`;

/**
 * What this person had typed when they left the page.
 * @param {import('./main.js').Me} me
 * @returns {KeptPolicy | null}
 */
export function keptPolicy(me) {
  try {
    const kept = JSON.parse(localStorage.getItem(placeOf(me)) ?? 'null');
    return kept && typeof kept.document === 'string' && typeof kept.version === 'number' ? { examples: '', at: '', ...kept } : null;
  } catch {
    return null;
  }
}

/**
 * Keeps a text with the version that it was made from, or keeps none.
 * @param {import('./main.js').Me} me
 * @param {KeptPolicy | null} text
 * @returns {boolean} whether the browser could keep it
 */
export function keepPolicy(me, text) {
  try {
    if (text) localStorage.setItem(placeOf(me), JSON.stringify(text));
    else localStorage.removeItem(placeOf(me));
    return true;
  } catch {
    return false;
  }
}

/**
 * Asks what is to become of a policy's text that was not applied, before its writer signs out: others may use this browser.
 * @param {import('./main.js').Me} me
 * @returns {Promise<boolean>} whether to go on
 */
export async function mayLeavePolicy(me) {
  if (!keptPolicy(me)) return true;
  const choice = await ask(t('unsaved.policy-title'), (/** @type {(value: 'keep' | 'delete') => void} */ done) => [h('p', {}, t('unsaved.policy-explained')),
    h('p', { class: 'filters' }, h('button', { class: 'primary', type: 'button', onclick: () => done('keep') }, t('unsaved.keep')),
      h('button', { class: 'danger', type: 'button', onclick: () => done('delete') }, t('unsaved.delete')))]);
  if (choice === 'delete') keepPolicy(me, null);
  return choice !== null;
}
