import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** The length of a key, in bytes. */
export const keyLength = 32;

/** The first byte of a value: how the rest is to be read. */
const inClear = 0;
const encrypted = 1;
const nonceLength = 12;
const tagLength = 16;
const headLength = 1 + nonceLength + tagLength;

/**
 * Encrypts what must not lie in the store in clear: AES-256-GCM, a random nonce each time. A sealed value is one byte
 * of version, the nonce, the tag and the ciphertext, and opens only in the place that it was sealed for. Without a key
 * values stay in clear, behind their byte of version.
 */
export class Sealer {
  readonly #key: Uint8Array | undefined;

  /** @param key {@link keyLength} bytes, or nothing where there are no secrets to keep */
  constructor(key: Uint8Array | undefined) {
    this.#key = key;
  }

  /** @param place the row that the value belongs to, so that it cannot be moved to another */
  seal(value: Uint8Array, place: string): Buffer {
    if (!this.#key) return Buffer.concat([Buffer.of(inClear), value]);
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(place));
    const ciphertext = [cipher.update(value), cipher.final()];
    return Buffer.concat([Buffer.of(encrypted), nonce, cipher.getAuthTag(), ...ciphertext]);
  }

  /** @throws Error where the key or the place is another one, or a byte has changed; with a key, where it is in clear */
  open(sealed: Uint8Array, place: string): Buffer {
    if (!this.#key && sealed[0] === inClear) return Buffer.from(sealed.subarray(1));
    if (!this.#key || sealed[0] !== encrypted || sealed.length < headLength) {
      throw new Error('not a value that this key has sealed');
    }
    const nonce = sealed.subarray(1, 1 + nonceLength);
    const tag = sealed.subarray(1 + nonceLength, headLength);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagLength });
    decipher.setAAD(Buffer.from(place)).setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(headLength)), decipher.final()]);
  }
}
