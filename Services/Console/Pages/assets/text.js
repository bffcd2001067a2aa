// The texts of the pages, in the reader's language. Only that language is loaded, and on the desk only what the desk needs.

/** @typedef {'en' | 'zh'} Language */

/** @returns {Language} */
function chosen() {
  const stored = localStorage.getItem('language');
  if (stored === 'en' || stored === 'zh') return stored;
  return document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';
}

export const language = chosen();
document.documentElement.lang = language;
const isDesk = document.documentElement.dataset.page === 'desk';
/** @type {Record<string, any>} */
const texts = Object.assign({}, ...await Promise.all(language === 'zh'
  ? [import('./text.zh.js').then((file) => file.chinese), isDesk ? {} : import('./text-office.zh.js').then((file) => file.chinese)]
  : [import('./text.en.js').then((file) => file.english), isDesk ? {} : import('./text-office.en.js').then((file) => file.english)]));
const locale = language === 'zh' ? 'zh-CN' : navigator.languages.find((tag) => tag.startsWith('en')) ?? 'en-GB';

/** @param {Language} next */
export function choose(next) {
  localStorage.setItem('language', next);
  location.reload();
}

const plural = new Intl.PluralRules(locale);

/**
 * The text of a key, with `{name}` replaced.
 * @param {string} key
 * @param {Record<string, string | number>} [values] `count` chooses the plural form.
 */
export function t(key, values = {}) {
  let text = texts[key];
  if (text === undefined) return key;
  if (typeof text === 'object') text = text[plural.select(Number(values.count))] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (/** @type {string} */ whole, /** @type {string} */ name) => String(values[name] ?? whole));
}

/**
 * A name and what it is, with the colon of the language.
 * @param {string} name
 * @param {string} value
 */
export const pair = (name, value) => t('pair', { name, value });

/**
 * The name of something that the desk counts by a fixed word, such as a state or a priority; the word itself if it has no text.
 * @param {string} group
 * @param {string | null | undefined} word
 */
export function word(group, word) {
  if (word === null || word === undefined) return t('none');
  return texts[`${group}.${word}`] ?? word;
}

const numbers = new Intl.NumberFormat(locale);
/** @param {number} value */
export const number = (value) => numbers.format(value);
const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
/** @param {number} share */
export const percent = (share) => percents.format(share);

const hours = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const days = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const full = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long' });

/**
 * @param {string} at RFC 3339
 * @param {number} now
 */
export function shortTime(at, now) {
  const time = Date.parse(at);
  return Math.abs(now - time) < 18 * 3_600_000 ? hours.format(time) : days.format(time);
}

/**
 * A time with its day.
 * @param {string} at
 */
export const dayTime = (at) => days.format(Date.parse(at));

/** @param {string} at */
export const fullTime = (at) => full.format(Date.parse(at));

/**
 * A length of time as one or two figures: 0:21, 4:12, 2 h 05, 3 d 4 h.
 * @param {number} milliseconds
 */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 48 * 60) return t('span.hours', { hours: Math.floor(minutes / 60), minutes: two(minutes % 60) });
  return t('span.days', { days: Math.floor(minutes / 1440), hours: Math.floor((minutes % 1440) / 60) });
}
