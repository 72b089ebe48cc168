import { expect, it } from 'vitest';
import type { JsonValue } from '../../../src/json-value.ts';
import { otherFile } from '../../../src/manifest/schema/other-file.ts';

const looksLike = (what: string) => `this looks like ${what}, not a Slack app manifest`;
const notOne =
  'this is not a Slack app manifest: it has neither display_information nor features, oauth_config or settings';
const inside = 'the manifest is inside the key "manifest"';

it.each<[JsonValue, string]>([
  [{ signing_secret: 'a' }, looksLike('a file of credentials')],
  [{ id: 1, signing_secret: 'a' }, looksLike('a file of credentials')],
  [{ slack: { token: 'a' } }, looksLike('a file of credentials')],
  [{ slack: { nested: { token: 'a' } } }, notOne],
  [{ name: 'a', version: '1.0.0', dependencies: {} }, looksLike('a package.json')],
  [{ name: 'a', version: '1.0.0' }, notOne],
  [{ services: {} }, notOne],
  [{ ok: true, manifest: { display_information: {} } }, inside],
  [{ ok: true, manifest: { _metadata: {}, other: 1 } }, inside],
  [{ ok: true, manifest: { other: 1 } }, notOne],
  [{ ok: true, manifest: 'a' }, notOne],
])('takes %j for another file: %s', (value, message) => {
  expect(otherFile(value)).toMatchObject({ rule: 'not-a-manifest', pointer: '', at: 'file', message });
});

it.each<[JsonValue, string]>([
  [{ manifest: { settings: {} } }, 'Pass the value of that key alone.'],
  [{ services: {} }, 'Pass the manifest: an object with display_information, in JSON or YAML.'],
])('says what to pass instead of %j: %s', (value, hint) => {
  expect(otherFile(value)?.hint).toBe(hint);
});

it.each<[string, JsonValue]>([
  ['an array', []],
  ['an empty object', {}],
  ...['display_information', 'features', 'oauth_config', 'settings', '_metadata'].map(
    (key): [string, JsonValue] => [`an object with ${key}`, { [key]: {}, name: 'a' }],
  ),
  ['an object with a mistyped section', { setings: {}, other: 1 }],
])('leaves %s to the schema', (_name, value) => {
  expect(otherFile(value)).toBeUndefined();
});
