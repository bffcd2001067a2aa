// Results of inspections: an agent's own with appeal, and how scores are shown everywhere.
import { at, call, get } from './api.js';
import { fill, h, visible } from './dom.js';
import { moment, pagedList } from './listing.js';
import { notify } from './notify.js';
import { dayTime, number, t, word } from './text.js';
import { title } from './titles.js';
import { guarded } from './unsaved.js';

/**
 * The scores of a result, each with its comment.
 * @param {any[]} scores
 * @param {string} caption
 */
export function scoreTable(scores, caption) {
  if (!scores || scores.length === 0) return null;
  return h('table', { class: 'scores' }, h('caption', {}, caption), h('tbody', {}, scores.map((line) => h('tr', {},
    h('th', { scope: 'row', dir: 'auto' }, line.title ?? line.criterion), h('td', { class: 'figure' }, `${number(line.score)} / ${number(line.scale)}`),
    h('td', { dir: 'auto' }, line.comment ? visible(line.comment) : '')))));
}

/**
 * What became of an appeal.
 * @param {any} appeal
 */
export function appealText(appeal) {
  if (!appeal) return null;
  return h('div', { class: 'appeal' },
    h('p', {}, t('quality.appealed'), ' · ', moment(appeal.at)), appeal.reason ? h('p', { class: 'message-text', dir: 'auto' }, visible(appeal.reason)) : null,
    appeal.decided_at ? [h('p', {}, t('quality.decided'), ' · ', moment(appeal.decided_at)), appeal.decision_reason ? h('p', { class: 'message-text', dir: 'auto' }, visible(appeal.decision_reason)) : null,
      scoreTable(appeal.scores, t('quality.new-scores'))] : null);
}

/** @param {import('./main.js').Me} me */
export function ownResults(me) {
  /** @param {any} result */
  function card(result) {
    const element = h('article', { class: 'result' });
    /** @param {any} now */
    function show(now) {
      const reason = h('textarea', { name: 'reason', rows: 3, maxlength: 1000, required: true, dir: 'auto' });
      fill(element,
        h('h3', {}, `#…${now.ticket_id.slice(-4)} · ${now.percent === null ? '–' : t('quality.percent', { percent: number(now.percent) })} · ${word('quality.state', now.state)}`),
        h('p', { class: 'facts' }, [now.queue ? title('queues', now.queue) : '', now.inspected_at ? dayTime(now.inspected_at) : ''].filter(Boolean).join(' · ')),
        h('p', {}, now.message), scoreTable(now.scores, t('quality.scores')), now.remark ? h('p', { class: 'message-text', dir: 'auto' }, visible(now.remark)) : null,
        appealText(now.appeal),
        now.can_appeal && !me.read_only ? h('details', {}, h('summary', {}, t('quality.appeal')),
          guarded(h('form', { class: 'stack', onsubmit: async (/** @type {Event} */ event) => {
            event.preventDefault();
            if (!reason.value.trim()) return;
            try {
              show(await call('POST', at`/v1/inspections/${now.inspection_id}/appeal`, { reason: reason.value.trim() }));
              notify(t('quality.appeal-sent'), 'good');
            } catch (problem) {
              notify(problem);
            }
          } }, h('p', { class: 'quiet-text' }, t('quality.appeal-what', { at: now.appeal_until ? dayTime(now.appeal_until) : '–' })),
            h('label', {}, t('quality.appeal-why'), reason), h('button', { class: 'primary' }, t('quality.appeal'))))) : null);
    }
    show(result);
    return element;
  }
  const list = pagedList({
    fetchPage: async (before) => {
      const page = await get(`/v1/agents/me/inspections?${new URLSearchParams({ limit: '20', ...(before ? { before } : {}) })}`);
      return { rows: page.inspections, next: page.next };
    },
    empty: () => h('p', {}, t('quality.none-mine')),
    show: (rows) => rows.map(card),
  });
  list.load();
  return list.element;
}
