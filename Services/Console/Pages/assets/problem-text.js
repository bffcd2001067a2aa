// What went wrong and what to do, in Chinese, by the codes of a problem's sentences. English readers get the server's own words.
import { catalogue, say } from './phrase.js';

/**
 * Reads the catalogue and returns what puts a problem into words; null for a part that has no text.
 * @returns {Promise<(problem: import('./api.js').Problem) => {what: string | null, remedies: (string | null)[]}>}
 */
export async function problemWords() {
  const texts = await catalogue('problem');
  const words = (/** @type {any} */ phrase) => (phrase && texts[phrase.code] !== undefined ? say(texts, phrase) : null);
  return (problem) => ({
    what: words(problem.says) ?? words({ code: `type.${problem.kind}`, values: {} }),
    remedies: problem.errors.map((error) => words(error.remedy_says) ?? words(error.says)),
  });
}
