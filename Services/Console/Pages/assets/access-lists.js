// Who may do what, and who did: API keys and the audit.
import { at, get } from './api.js';
import { auditWords } from './audit-text.js';
import { fill, h, setText, visible } from './dom.js';
import { askReason, outcome, request } from './intents.js';
import { moment, pagedList, table } from './listing.js';
import { failing } from './notify.js';
import { t, word } from './text.js';

/** @param {boolean} mayChange */
export function keyList(mayChange) {
  const list = h('div', {});
  const all = h('input', { type: 'checkbox', onchange: () => show() });
  /** @type {any[]} */
  let keys = [];
  const element = h('section', { 'aria-labelledby': 'keys' }, h('h2', { id: 'keys' }, t('apikey.title')),
    h('label', { class: 'check' }, all, t('apikey.all')), list);

  /** @param {any} key */
  async function revoke(key) {
    const reason = await askReason(t('apikey.revoke-one', { name: key.label || key.key_id }), t('apikey.revoke'), {}, t('apikey.explained'));
    if (!reason) return;
    await request(at`/v1/keys/${key.key_id}/revoke`, { reason });
    load();
  }

  function show() {
    const shown = keys.filter((key) => all.checked || key.revoked_at === null);
    fill(list, shown.length === 0 ? h('p', { class: 'empty' }, t('apikey.none')) : table(t('apikey.title'), [
      { title: t('apikey.label') }, { title: t('apikey.role') }, { title: t('apikey.bearer') }, { title: t('apikey.made') }, { title: t('apikey.ends') }, { title: t('apikey.act') }],
    shown.map((key) => [key.label || key.key_id.slice(0, 8), [word('role', key.role), key.access === 'read' ? t('apikey.reads') : ''].filter(Boolean).join(' · '),
      key.agent ?? key.channel ?? '', moment(key.created_at), key.revoked_at ? { text: t('apikey.revoked'), tone: 'danger' } : moment(key.expires_at),
      mayChange && !key.revoked_at ? h('button', { class: 'quiet', onclick: () => revoke(key) }, t('apikey.revoke')) : ''])));
  }

  async function load() {
    try {
      keys = (await get('/v1/keys')).keys;
      show();
    } catch (problem) {
      failing(list, problem, load);
    }
  }
  return { element, load };
}

/** @param {boolean} mayChange */
export function auditList(mayChange) {
  const proof = h('p', { role: 'status' });
  /** @type {Awaited<ReturnType<typeof auditWords>>} */
  let words;
  const paged = pagedList({
    fetchPage: async (cursor) => {
      words = await auditWords();
      const page = await get(`/v1/audit?limit=50${cursor ? `&before=${encodeURIComponent(cursor)}` : ''}`);
      return { rows: page.entries, next: page.next };
    },
    show: (rows) => table(t('audit.title'), [
      { title: t('audit.number'), isFigure: true }, { title: t('audit.at') }, { title: t('audit.kind') }, { title: t('audit.actor') }, { title: t('audit.details') }],
    rows.map((entry) => {
      const { what, who, why, when, details } = words(entry);
      return [String(entry.number), h('time', { datetime: entry.at }, when), h('span', {}, what), who, details.length === 0 && !why ? '' : h('details', {},
        h('summary', {}, t('audit.show')), h('dl', {}, why ? [h('dt', {}, t('reason')), h('dd', { dir: 'auto' }, visible(why))] : null,
          details.map(({ name, value }) => [h('dt', {}, name), h('dd', { dir: 'auto' }, visible(value))])))];
    })),
    empty: () => t('wall.no-data'),
  });
  const element = h('section', { 'aria-labelledby': 'audit' }, h('h2', { id: 'audit' }, t('audit.title')),
    h('p', {}, mayChange ? h('button', { onclick: verify }, t('audit.verify')) : null), proof, paged.element);

  async function verify() {
    const reason = await askReason(t('audit.verify'), t('audit.verify'));
    if (!reason) return;
    const intent = await request('/v1/audit/verification', { reason }, (next) => setText(proof, outcome(next)));
    if (intent?.result?.digest) fill(proof, outcome(intent), ' ', h('code', {}, `${intent.result.entries}:${intent.result.digest}`));
    paged.load();
  }
  return { element, load: paged.load };
}
