// The agent's presence and load, in the bar.
import { call } from './api.js';
import { now } from './clock.js';
import { fill, h, setText } from './dom.js';
import { notify } from './notify.js';
import { fullTime, t, word } from './text.js';

/**
 * @param {import('./main.js').Me} me
 * @param {() => void} changed
 */
export function presenceMenu(me, changed) {
  const button = h('button', { class: 'presence', 'aria-haspopup': 'dialog', onclick: () => open() }, h('span', { class: 'presence-sign', 'aria-hidden': 'true' }), h('span', {}, '…'));
  const load = h('span', { class: 'load' });
  const element = h('div', { class: 'presence-box' }, button, load);
  /** @type {any} */
  let row = null;
  // The server sets who misses an offer to away without a reason. The page keeps it until they are available again.
  const missedKey = `missed ${me.agent}`;
  const missedOffers = () => Number(sessionStorage.getItem(missedKey) ?? 0);

  /** @param {string} presence @param {string} [reason] @param {string} [until] */
  async function set(presence, reason, until) {
    try {
      const body = /** @type {any} */ ({ presence });
      if (presence === 'away' && reason) body.reason = reason;
      if (presence === 'away' && reason && until) body.until = until;
      show(await call('PUT', '/v1/agents/me/presence', body));
      changed();
    } catch (problem) {
      notify(problem);
    }
  }

  function open() {
    const reason = h('input', { name: 'reason', maxlength: 500, list: 'away-reasons' });
    const minutes = h('input', { name: 'minutes', type: 'number', min: 1, max: 600, inputmode: 'numeric' });
    const close = () => dialog.close();
    const dialog = h('dialog', { class: 'dialog', 'aria-label': t('presence') },
      h('h2', {}, t('presence')),
      h('p', {}, h('button', { class: 'primary', onclick: () => (set('available'), close()) }, word('presence', 'available'))),
      h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        const until = Number(minutes.value) > 0 ? new Date(now() + Number(minutes.value) * 60_000).toISOString() : undefined;
        set('away', reason.value.trim(), until);
        close();
      } },
        h('label', {}, t('presence.reason'), reason),
        h('datalist', { id: 'away-reasons' }, ['lunch', 'break', 'meeting', 'training'].map((key) => h('option', { value: t(`away.${key}`) }))),
        h('label', {}, t('presence.minutes'), minutes),
        h('button', {}, word('presence', 'away'))),
      h('p', {}, h('button', { onclick: () => (set('offline'), close()) }, word('presence', 'offline'))),
      h('p', {}, h('button', { class: 'quiet', onclick: close }, t('cancel'))));
    document.body.appendChild(dialog);
    dialog.addEventListener('close', () => dialog.remove());
    dialog.showModal();
  }

  /** @param {any} next */
  function show(next) {
    row = next;
    if (row.presence === 'available') sessionStorage.removeItem(missedKey);
    button.dataset.presence = row.presence;
    const why = row.break_reason || (missedOffers() > 0 ? t('presence.missed') : '');
    const reason = why ? ` · ${why}` : '';
    setText(button.lastElementChild, word('presence', row.presence) + reason);
    button.title = row.break_until ? t('presence.until', { at: fullTime(row.break_until) }) : '';
    setText(load, t('load', { load: row.load, capacity: row.capacity }));
  }

  return {
    element,
    show,
    missed() {
      sessionStorage.setItem(missedKey, String(missedOffers() + 1));
      if (row) show(row);
    },
    missedOffers,
    isAway: () => row !== null && row.presence !== 'available',
    goAvailable: () => set('available'),
    /** For the palette. */
    choices: () => ['available', 'away', 'offline'].filter((presence) => presence !== row?.presence).map((presence) => ({
      title: t('presence.set', { presence: word('presence', presence) }), detail: '', act: () => (presence === 'away' ? open() : set(presence)),
    })),
  };
}
export { fill };
