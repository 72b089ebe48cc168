import { describe, expect, it } from 'vitest';
import { Sealer } from '../../src/store/sealer.ts';

const value = Buffer.from('xoxb-secret');
const withKey = new Sealer(Buffer.alloc(32, 1));
const withoutKey = new Sealer(undefined);

describe('a sealed value', () => {
  it('opens in its context, with its key', () => {
    const sealed = withKey.seal(value, 'here');
    expect(withKey.open(sealed, 'here')).toEqual(value);
    expect(sealed.includes(value)).toBe(false);
    expect(sealed.equals(withKey.seal(value, 'here'))).toBe(false);
  });

  it('does not open in another context or with another key', () => {
    const sealed = withKey.seal(value, 'here');
    expect(() => withKey.open(sealed, 'there')).toThrow();
    expect(() => new Sealer(Buffer.alloc(32, 2)).open(sealed, 'here')).toThrow();
    expect(() => withoutKey.open(sealed, 'here')).toThrow();
    expect(() => withKey.open(sealed.subarray(0, 20), 'here')).toThrow();
  });

  it('does not open if any byte has changed', () => {
    const sealed = withKey.seal(value, 'here');
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => withKey.open(changed, 'here')).toThrow();
    }
  });
});

describe('an unencrypted value', () => {
  it('opens without a key, but not with one', () => {
    const kept = withoutKey.seal(value, 'here');
    expect(withoutKey.open(kept, 'here')).toEqual(value);
    expect(() => withKey.open(kept, 'here')).toThrow();
  });
});

describe('with a previous key', () => {
  const [oldKey, newKey] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const byOld = new Sealer(oldKey).seal(value, 'here');
  const byNew = new Sealer(newKey).seal(value, 'here');

  it('opens what either key has sealed', () => {
    const both = new Sealer(newKey, oldKey);
    expect(both.hasPreviousKey).toBe(true);
    expect([both.open(byOld, 'here'), both.open(byNew, 'here')]).toEqual([value, value]);
    expect([both.isCurrent(byOld, 'here'), both.isCurrent(byNew, 'here')]).toEqual([false, true]);
  });

  it('seals with the key that the store is bound to', () => {
    const both = new Sealer(newKey, oldKey);
    expect(both.usesPreviousKey).toBe(false);
    expect(both.follow(byOld, 'here')).toBe(true);
    expect(both.usesPreviousKey).toBe(true);
    expect(new Sealer(oldKey).open(both.seal(value, 'here'), 'here')).toEqual(value);
    expect(new Sealer(newKey).open(both.sealWithCurrent(value, 'here'), 'here')).toEqual(value);
    expect(both.follow(byNew, 'here')).toBe(true);
    expect(both.usesPreviousKey).toBe(false);
    expect(new Sealer(newKey).open(both.seal(value, 'here'), 'here')).toEqual(value);
  });

  it('keeps its key if neither opens what it is to follow', () => {
    const both = new Sealer(newKey, oldKey);
    both.follow(byOld, 'here');
    expect(both.follow(new Sealer(Buffer.alloc(32, 3)).seal(value, 'here'), 'here')).toBe(false);
    expect(both.usesPreviousKey).toBe(true);
    expect(new Sealer(oldKey).open(both.seal(value, 'here'), 'here')).toEqual(value);
  });

  it('is none without a current one', () => {
    expect(new Sealer(newKey).hasPreviousKey).toBe(false);
    expect(new Sealer(newKey).usesPreviousKey).toBe(false);
    expect(withoutKey.hasPreviousKey).toBe(false);
    expect(withoutKey.usesPreviousKey).toBe(false);
    expect(withoutKey.isCurrent(byNew, 'here')).toBe(false);
  });
});

it('seals an empty value, which is as long as its head', () => {
  const sealed = withKey.seal(new Uint8Array(), 'here');
  expect(sealed).toHaveLength(1 + 12 + 16);
  expect(withKey.open(sealed, 'here')).toEqual(Buffer.alloc(0));
  expect(() => withKey.open(sealed.subarray(0, -1), 'here')).toThrow(
    'the value was not sealed with this key',
  );
});
