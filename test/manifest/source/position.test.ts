import { expect, it } from 'vitest';
import { Lines } from '../../../src/manifest/source/position.ts';

it.each([
  ['a\nb', ['a', 'b']],
  ['a\r\nb\rc\n', ['a', 'b', 'c', '']],
  ['\n\na', ['', '', 'a']],
  ['', ['']],
])('reads the lines of %j', (text, lines) => {
  const found = new Lines(text);
  expect(lines.map((_line, index) => found.text(index + 1))).toEqual(lines);
  expect(found.text(lines.length + 1)).toBe('');
});

it.each([
  [0, 1, 1],
  [1, 1, 2],
  [2, 2, 1],
  [4, 3, 1],
  [5, 3, 2],
  [6, 3, 3],
  [7, 3, 3],
])('the offset %d is in line %d, column %d', (offset, line, column) => {
  expect(new Lines('a\n\r\nbc').position(offset)).toEqual({ line, column });
});
