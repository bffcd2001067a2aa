// Sentences that the server gives as a code with values: in the reader's language, from a catalogue that is loaded when it is needed.
import { language, number, percent } from './text.js';

/** @typedef {Record<string, string | {one?: string, other: string}>} Catalogue */
/** @typedef {{code: string, values: Record<string, any>, text?: string}} Phrase */

const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
const plural = new Intl.PluralRules(locale);
const either = new Intl.ListFormat(locale, { type: 'disjunction' });
const both = new Intl.ListFormat(locale, { type: 'conjunction' });
const times = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
/**
 * What stands between the parts of a list of phrases: requirements, and clauses that hold together.
 * @type {Record<string, string>}
 */
const between = language === 'zh' ? { list: '、', clauses: '，且' } : { list: ', ', clauses: ', and ' };
/** @type {Map<string, Promise<Catalogue>>} */
const loaded = new Map();

/**
 * The catalogue `text-NAME.LANGUAGE.json`, fetched once.
 * @param {string} name
 * @returns {Promise<Catalogue>}
 */
export function catalogue(name) {
  let texts = loaded.get(name);
  if (!texts) {
    texts = fetch(new URL(`./text-${name}.${language}.json`, import.meta.url)).then((answer) => {
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      return answer.json();
    });
    texts.catch(() => loaded.delete(name));
    loaded.set(name, texts);
  }
  return texts;
}

/**
 * The text of a phrase; its English text where the catalogue has none.
 * @param {Catalogue} texts
 * @param {Phrase} phrase
 * @returns {string}
 */
export function say(texts, phrase) {
  const values = phrase.values ?? {};
  let text = texts[phrase.code];
  if (text === undefined) return phrase.text ?? phrase.code;
  if (typeof text === 'object') text = (plural.select(Number(values.count ?? values.times)) === 'one' ? text.one : undefined) ?? text.other;
  return String(text).replace(/\{(\w+)(?:\|([\w-]+))?\}/g, (whole, name, format) => values[name] === undefined ? whole : show(texts, values[name], format, values));
}

/**
 * A value as its format says: a number, a share, a time, a length in seconds, a list, or the name of a fixed word.
 * @param {Catalogue} texts
 * @param {any} value
 * @param {string | undefined} format
 * @param {Record<string, any>} values
 * @returns {string}
 */
function show(texts, value, format, values) {
  if (Array.isArray(value)) {
    const joins = format !== undefined && between[format] !== undefined;
    const parts = value.map((entry) => show(texts, entry, joins || format === 'or' ? undefined : format, values));
    return joins ? parts.join(between[format]) : (format ? either : both).format(parts);
  }
  if (value !== null && typeof value === 'object') return say(texts, value);
  switch (format) {
    case 'percent': return value === null ? '–' : percent(Number(value));
    case 'time': return times.format(Date.parse(value));
    case 'quoted': return `“${value}”`;
    case 'length': return length(Number(value));
    case 'among': return String(texts[`${values.field}.${value}`] ?? value);
    case undefined: return typeof value === 'number' ? number(value) : String(texts[`value.${value}`] ?? value);
    default: return String(texts[`${format}.${value}`] ?? value);
  }
}

/**
 * A length of time in its largest unit that divides it.
 * @param {number} seconds
 */
function length(seconds) {
  const [unit, one] = [['day', 86_400], ['hour', 3600], ['minute', 60]].find(([, one]) => seconds > 0 && seconds % Number(one) === 0) ?? ['second', 1];
  return new Intl.NumberFormat(locale, { style: 'unit', unit: String(unit), unitDisplay: 'long' }).format(seconds / Number(one));
}
