// The difference between two texts, line by line (Myers, 1986), with some unchanged lines around each change.

/** Lines beyond which only the changed middle is shown as removed and added: the comparison takes time with their square. */
const most = 2_000;
/** Unchanged lines that are shown around a change. */
const around = 3;

/**
 * @typedef {{sign: ' ' | '-' | '+', text: string, before: number | null, after: number | null}} Line
 * @param {string[]} old
 * @param {string[]} fresh
 * @returns {Line[]}
 */
function changes(old, fresh) {
  let begin = 0;
  while (begin < old.length && begin < fresh.length && old[begin] === fresh[begin]) begin += 1;
  let end = 0;
  while (end < old.length - begin && end < fresh.length - begin && old[old.length - 1 - end] === fresh[fresh.length - 1 - end]) end += 1;
  const a = old.slice(begin, old.length - end);
  const b = fresh.slice(begin, fresh.length - end);
  /** @type {Line[]} */
  const lines = [];
  const kept = (/** @type {number} */ i, /** @type {number} */ j) => lines.push({ sign: ' ', text: old[i], before: i + 1, after: j + 1 });
  for (let i = 0; i < begin; i += 1) kept(i, i);
  for (const step of a.length + b.length > most ? replaced(a, b) : path(a, b)) {
    if (step.sign === ' ') kept(begin + step.i, begin + step.j);
    else if (step.sign === '-') lines.push({ sign: '-', text: a[step.i], before: begin + step.i + 1, after: null });
    else lines.push({ sign: '+', text: b[step.j], before: null, after: begin + step.j + 1 });
  }
  for (let k = end; k > 0; k -= 1) kept(old.length - k, fresh.length - k);
  return lines;
}

/** @typedef {{sign: ' ' | '-' | '+', i: number, j: number}} Step */

/** @param {string[]} a @param {string[]} b @returns {Step[]} */
function replaced(a, b) {
  return [...a.map((_, i) => /** @type {Step} */ ({ sign: '-', i, j: 0 })), ...b.map((_, j) => /** @type {Step} */ ({ sign: '+', i: 0, j }))];
}

/**
 * The shortest edit.
 * @param {string[]} a
 * @param {string[]} b
 * @returns {Step[]}
 */
function path(a, b) {
  const width = a.length + b.length;
  let reach = new Int32Array(2 * width + 2);
  /** @type {Int32Array[]} */
  const rounds = [];
  for (let d = 0; d <= width; d += 1) {
    rounds.push(reach.slice());
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && reach[width + k - 1] < reach[width + k + 1]);
      let i = down ? reach[width + k + 1] : reach[width + k - 1] + 1;
      while (i < a.length && i - k < b.length && a[i] === b[i - k]) i += 1;
      reach[width + k] = i;
      if (i >= a.length && i - k >= b.length) return back(rounds, a.length, b.length, width);
    }
  }
  return [];
}

/** @param {Int32Array[]} rounds @param {number} i @param {number} j @param {number} width @returns {Step[]} */
function back(rounds, i, j, width) {
  /** @type {Step[]} */
  const steps = [];
  for (let d = rounds.length - 1; d >= 0; d -= 1) {
    const reach = rounds[d];
    const k = i - j;
    const down = k === -d || (k !== d && reach[width + k - 1] < reach[width + k + 1]);
    const from = down ? reach[width + k + 1] : reach[width + k - 1];
    const fromJ = from - (down ? k + 1 : k - 1);
    while (i > from && j > fromJ) {
      i -= 1;
      j -= 1;
      steps.push({ sign: ' ', i, j });
    }
    if (d > 0) steps.push(down ? { sign: '+', i: from, j: fromJ } : { sign: '-', i: from, j: fromJ });
    i = from;
    j = fromJ;
  }
  return steps.reverse();
}

/**
 * The changed lines with those around them; `null` stands for unchanged lines that are left out.
 * @param {string} old
 * @param {string} fresh
 * @returns {(Line | null)[]} empty if the texts are equal
 */
export function difference(old, fresh) {
  if (old === fresh) return [];
  const lines = changes(old.split('\n'), fresh.split('\n'));
  const near = new Uint8Array(lines.length);
  lines.forEach((line, index) => {
    if (line.sign !== ' ') near.fill(1, Math.max(0, index - around), index + around + 1);
  });
  /** @type {(Line | null)[]} */
  const shown = [];
  lines.forEach((line, index) => {
    if (near[index]) shown.push(line);
    else if (shown.length === 0 || shown[shown.length - 1] !== null) shown.push(null);
  });
  return shown;
}
