// Reports: the picture, the table, and the same as CSV.
import { at, get } from './api.js';
import { fill, h } from './dom.js';
import { groupName, table } from './listing.js';
import { failing } from './notify.js';
import { language, number, percent, span, t } from './text.js';

/**
 * A value of a report: a share with what it counts, a length of time, or a number.
 * @param {string} name
 * @param {any} value
 */
function cell(name, value) {
  if (value === null) return '–';
  if (typeof value === 'object') {
    return value.share === null ? '–' : h('span', { title: `${number(value.tickets)} / ${number(value.of)}` }, percent(value.share));
  }
  if (typeof value === 'number') return name.endsWith('_seconds') ? span(value * 1000) : number(value);
  return String(value);
}

/** @param {import('./main.js').Frame} frame */
export async function open({ body }) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const query = new URLSearchParams(location.search);
  const by = h('select', { name: 'by' }, ['day', 'queue', 'channel', 'category', 'tier', 'agent'].map((name) => h('option', { value: name }, t(`report.${name}`))));
  const from = h('input', { type: 'date', name: 'from' });
  const to = h('input', { type: 'date', name: 'to' });
  by.value = query.get('by') ?? 'queue';
  from.value = query.get('from') ?? '';
  to.value = query.get('to') ?? '';
  const result = h('div', { class: 'list-page' });
  fill(body, h('div', { class: 'list-page' }, h('form', { class: 'filters', onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    load();
  } }, h('label', {}, t('reports.by'), by), h('label', {}, t('reports.from'), from), h('label', {}, t('reports.to'), to), h('button', { class: 'primary' }, t('reports.show')))), result);

  async function load() {
    const parameters = new URLSearchParams({ zone });
    if (from.value) parameters.set('from', from.value);
    if (to.value) parameters.set('to', to.value);
    history.replaceState(null, '', `/reports?${new URLSearchParams({ by: by.value, from: from.value, to: to.value })}`);
    fill(result, h('p', { class: 'loading' }, t('loading')));
    try {
      const report = await get(`${at`/v1/reports/${by.value}`}?${parameters}`);
      const rows = report.rows ?? [];
      const names = rows.length > 0 ? Object.keys(rows[0]) : [];
      fill(result,
        h('section', { class: 'report-scroll', tabindex: '0', role: 'group', 'aria-label': t('reports.picture') }, h('img', { class: 'report-picture', alt: t('page.reports'), src: `${at`/v1/reports/${by.value}/picture.svg`}?${parameters}&language=${language}` })),
        h('section', {}, h('p', {}, h('a', { href: `${at`/v1/reports/${by.value}/table.csv`}?${parameters}`, download: `${by.value}.csv` }, t('reports.table'))),
          h('div', { class: 'report-scroll', tabindex: '0', role: 'group', 'aria-label': t('reports.rows') }, table(t('page.reports'), names.map((name) => ({ title: t(`column.${name}`), isFigure: name !== 'group' })),
            rows.map((/** @type {any} */ row) => names.map((name) => name === 'group' ? groupName(by.value, row[name]) : cell(name, row[name])))))));
    } catch (problem) {
      failing(result, problem, load);
    }
  }
  load();
}
