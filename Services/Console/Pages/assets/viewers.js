// Who else has a ticket open. What is said of the reader holds for seconds, so nothing needs to be taken back when a page ends.
import { at, call, signedOut } from './api.js';
import { h, setText } from './dom.js';
import { t } from './text.js';
import { title } from './titles.js';

/** How often it is said, and how long after the last key one counts as writing, in milliseconds. */
const beatTime = 8000, writingTime = 10_000;

/** @param {import('./main.js').Me} me */
export function viewers(me) {
  const element = h('p', { class: 'viewers', role: 'status', hidden: true });
  /** @type {string | null} */
  let ticket = null;
  let doing = 'looking';
  let typed = 0;

  /** @param {{agent: string, doing: string}[]} others */
  function show(others) {
    element.hidden = others.length === 0;
    setText(element, others.map((other) => t(`viewers.${other.doing}`, { who: title('agents', other.agent) })).join(' · '));
  }

  async function beat() {
    const id = ticket;
    if (!id || document.hidden) return;
    if (performance.now() - typed > writingTime) doing = 'looking';
    try {
      const path = at`/v1/tickets/${id}/viewers`;
      const answer = await (me.agent && !me.read_only ? call('PUT', path, { doing }) : call('GET', path));
      if (id === ticket) show(answer.viewers);
    } catch {
      if (id === ticket) show([]);
    }
  }
  const timer = setInterval(beat, beatTime);
  signedOut.add(() => clearInterval(timer));

  return {
    element,
    /** @param {string | null} next */
    open(next) {
      if (next === ticket) return;
      if (ticket && me.agent && !me.read_only) call('PUT', at`/v1/tickets/${ticket}/viewers`, { doing: 'nothing' }).catch(() => {});
      ticket = next;
      doing = 'looking';
      typed = 0;
      show([]);
      beat();
    },
    writes() {
      typed = performance.now();
      if (doing === 'writing') return;
      doing = 'writing';
      beat();
    },
  };
}
