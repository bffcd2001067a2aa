// A small picture of two series over time: bars for what came, a line for what was answered.
import { h } from './dom.js';

/**
 * @param {number[]} bars
 * @param {number[]} line as many
 * @param {number} highest the figure that fills the picture, so that several pictures compare
 * @param {string} label
 */
export function spark(bars, line, highest, label) {
  const [step, height] = [5, 28];
  const scale = (/** @type {number} */ value) => Math.round((Math.min(value, highest) / Math.max(1, highest)) * (height - 2) * 10) / 10;
  const area = bars.map((value, index) => (value > 0 ? `M${index * step} ${height}v-${Math.max(1, scale(value))}h${step - 1}v${Math.max(1, scale(value))}z` : '')).join('');
  const path = line.map((value, index) => `${index === 0 ? 'M' : 'L'}${index * step + 2} ${height - 1 - scale(value)}`).join('');
  return h('svg', { class: 'spark', viewBox: `0 0 ${bars.length * step} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
    h('path', { class: 'spark-bars', d: area || 'M0 0' }), h('path', { class: 'spark-line', d: path, 'vector-effect': 'non-scaling-stroke' }));
}
