// Says that something wants the reader while the page is in the background: title, icon, a short sound, a live region.
import { h, setText } from './dom.js';
import { t } from './text.js';

const live = h('p', { class: 'visually-hidden', role: 'status', 'aria-live': 'assertive' });
document.body.appendChild(live);
const title = () => document.title.replace(/^\(.*?\) /, '');
let context = /** @type {AudioContext | null} */ (null);

/** Two short tones; nothing if sounds are off, or before the reader has done anything on the page. */
function sound(/** @type {number} */ pitch) {
  if (localStorage.getItem('sound') === 'off' || !navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  for (const [index, factor] of [1, 1.5].entries()) {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    const from = context.currentTime + index * 0.12;
    tone.frequency.value = pitch * factor;
    loudness.gain.setValueAtTime(0.08, from);
    loudness.gain.exponentialRampToValueAtTime(0.001, from + 0.11);
    tone.connect(loudness).connect(context.destination);
    tone.start(from);
    tone.stop(from + 0.12);
  }
}

export const attention = {
  /**
   * Announces something once.
   * @param {string} text
   * @param {'offer' | 'assigned' | 'notice'} kind
   */
  announce(text, kind) {
    setText(live, '');
    requestAnimationFrame(() => setText(live, text));
    if (kind !== 'notice') sound(kind === 'offer' ? 660 : 440);
  },

  /**
   * Shows numbers in the title and on the icon.
   * @param {number} offers
   * @param {number} unread
   */
  count(offers, unread) {
    const parts = [];
    if (offers > 0) parts.push(t('attention.offers', { count: offers }));
    if (unread > 0) parts.push(t('attention.unread', { count: unread }));
    const next = parts.length > 0 ? `(${parts.join(', ')}) ${title()}` : title();
    if (document.title !== next) document.title = next;
  },

  isSoundOn: () => localStorage.getItem('sound') !== 'off',
  /** @param {boolean} isOn */
  setSound: (isOn) => localStorage.setItem('sound', isOn ? 'on' : 'off'),
};
