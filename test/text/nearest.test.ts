import { expect, it } from 'vitest';
import { nearest } from '../../src/text/nearest.ts';

it.each([
  ['jsn', ['text', 'json'], 'json'],
  ['tsl', ['env', 'tls'], 'tls'],
  ['tls.exipry', ['tls', 'tls.expiry', 'tls.version'], 'tls.expiry'],
  ['evnt', ['event', 'evnts'], 'event'],
  ['kubernetes', ['json', 'manifest'], undefined],
  ['x', ['json', 'text'], undefined],
  ['', ['json'], undefined],
  ['doctr', ['app', 'doctor'], 'doctor'],
  ['manifset', ['init', 'manifest'], 'manifest'],
  ['quite', ['quiet'], 'quiet'],
  ['frobnicate', ['init', 'manifest'], undefined],
  ['apply', ['app', 'env'], undefined],
  ['port', ['out', 'force'], undefined],
  ['xml', ['json', 'yaml', 'url'], undefined],
  ['json', [], undefined],
])('corrects %j among %j to %j', (word, candidates, meant) => {
  expect(nearest(word, candidates)).toBe(meant);
});
