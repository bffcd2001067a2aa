// Mistakes in a policy in the reader's language, by their codes; line and column are the server's.
import { catalogue, say } from './phrase.js';
import { language } from './text.js';

/**
 * Reads the catalogue and returns what puts a mistake into words.
 * @returns {Promise<(mistake: {problem: string, remedy: string, says?: any, remedy_says?: any}) => {problem: string, remedy: string}>}
 */
export async function mistakeWords() {
  // The server's own words are English.
  if (language === 'en') return (mistake) => mistake;
  const texts = await catalogue('policy');
  return (mistake) => ({
    problem: mistake.says ? say(texts, { ...mistake.says, text: mistake.problem }) : mistake.problem,
    remedy: mistake.remedy_says ? say(texts, { ...mistake.remedy_says, text: mistake.remedy }) : mistake.remedy,
  });
}
