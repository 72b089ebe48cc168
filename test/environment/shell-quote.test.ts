import { expect, it } from 'vitest';
import { shellWord } from '../../src/environment/formats/shell-quote.ts';

it.each([
  ['a', 'a'],
  ['/etc/slack-1.2_3@x%+,:=y', '/etc/slack-1.2_3@x%+,:=y'],
  ['', "''"],
  ['my file', "'my file'"],
  ['$HOME', "'$HOME'"],
  ['a;', "'a;'"],
  ["it's", "'it'\\''s'"],
  ['a\n', "'a\n'"],
  ['é', "'é'"],
])('writes the word %j as %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});
