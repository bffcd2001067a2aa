// Tasks that take turns, so that a long list does not ask the server for everything at once.

/**
 * Runs tasks, at most some at a time, in the order in which they came; urgent ones first.
 * @param {number} most how many run at a time
 * @returns {(task: () => Promise<void>, isUrgent?: boolean) => Promise<void>} resolves when the task has run
 */
export function turns(most) {
  /** @type {(() => void)[]} */
  const waiting = [];
  let running = 0;
  return async (task, isUrgent = false) => {
    if (running >= most) {
      await new Promise((/** @type {(value?: any) => void} */ begin) => (isUrgent ? waiting.unshift(begin) : waiting.push(begin)));
    }
    running += 1;
    try {
      await task();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
