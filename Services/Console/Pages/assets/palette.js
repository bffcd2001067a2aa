// Everything by its name: Ctrl-K.
import { h, reconcile, setVisible } from './dom.js';
import { t } from './text.js';

/**
 * @param {{title: string, detail: string, act: () => void}[]} choices
 * @param {(ticket: string) => void} openTicket
 */
export function openPalette(choices, openTicket) {
  if (document.querySelector('dialog[open]')) return;
  const input = h('input', { type: 'search', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'palette-list', 'aria-label': t('palette.open'), placeholder: t('palette.hint'), autocomplete: 'off' });
  const list = h('ul', { id: 'palette-list', role: 'listbox', 'aria-label': t('palette.open') });
  const dialog = h('dialog', { class: 'dialog palette', 'aria-label': t('palette.open') }, input, list);
  let chosen = 0;
  /** @type {typeof choices} */
  let found = [];

  function show() {
    const wanted = input.value.trim().toLowerCase();
    found = choices.filter((choice) => `${choice.title} ${choice.detail}`.toLowerCase().includes(wanted)).slice(0, 20);
    const id = input.value.trim();
    if (/^[0-9a-f-]{32,36}$/i.test(id)) found.unshift({ title: t('palette.ticket', { id }), detail: '', act: () => openTicket(id) });
    chosen = Math.min(chosen, Math.max(0, found.length - 1));
    reconcile(list, found.map((choice, index) => ({ choice, index })), (entry) => String(entry.index),
      (entry) => h('li', { role: 'option', id: `palette-${entry.index}`, onclick: () => act(entry.index) }, h('span', { dir: 'auto' }), h('small', { dir: 'auto' })),
      (element, entry) => {
        setVisible(element.children[0], entry.choice.title);
        setVisible(element.children[1], entry.choice.detail);
        element.setAttribute('aria-selected', String(entry.index === chosen));
      });
    input.setAttribute('aria-activedescendant', found.length ? `palette-${chosen}` : '');
  }
  function act(/** @type {number} */ index) {
    const choice = found[index];
    dialog.close();
    choice?.act();
  }
  input.addEventListener('input', () => {
    chosen = 0;
    show();
  });
  input.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      chosen = Math.min(found.length - 1, Math.max(0, chosen + (event.key === 'ArrowDown' ? 1 : -1)));
      show();
      list.children[chosen]?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      act(chosen);
    }
  });
  document.body.appendChild(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
  show();
}
