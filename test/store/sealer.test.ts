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
