// Entries of the audit in the reader's language: what was done, by whom, why, and the details.
import { visible } from './dom.js';
import { catalogue, say } from './phrase.js';
import { fullTime } from './text.js';

/**
 * @typedef {{number: number, at: string, actor: string, kind: string, subject: string, detail?: any, reason?: string | null}} AuditEntry
 * @typedef {{what: Node[] | string[], who: string, why: string | null, when: string, details: {name: string, value: string}[]}} AuditWords
 */

/** Members that name the person, not the thing, in the order in which they are trusted. */
const people = ['requested_by', 'agent', 'asker', 'applied_by'];
/** Kinds whose note is of the key or session that acted, not of what was acted on. */
const borne = /^(intent|session)\./;

/**
 * Reads the catalogue and returns what puts an entry into words. `what` may hold names from outside, made visible.
 * @returns {Promise<(entry: AuditEntry) => AuditWords>}
 */
export async function auditWords() {
  const texts = await catalogue('audit');
  return (entry) => {
    const detail = entry.detail && typeof entry.detail === 'object' ? entry.detail : {};
    const known = texts[entry.kind] !== undefined;
    const values = { kind: entry.kind, subject: entry.subject };
    // What the database's role did for a person: the person, then the role. The note of a key names who bears it.
    const person = people.map((name) => detail[name]).find((value) => typeof value === 'string' && value !== entry.subject);
    const bearer = borne.test(entry.kind) && typeof detail.label === 'string' ? detail.label : '';
    return {
      what: /** @type {any} */ (visible(say(texts, { code: known ? entry.kind : 'label.unknown', values }))),
      who: bearer || (person && detail.key) ? `${bearer || person} · ${entry.actor}` : entry.actor,
      why: entry.reason ?? (typeof detail.reason === 'string' ? detail.reason : null),
      when: fullTime(entry.at),
      details: Object.entries(detail).filter(([name, value]) => name !== 'reason' && value !== null && value !== '').map(([name, value]) => ({
        name: texts[`detail.${name}`] === undefined ? name : say(texts, { code: `detail.${name}`, values: {} }),
        value: typeof value === 'object' ? JSON.stringify(value) : String(value),
      })),
    };
  };
}
