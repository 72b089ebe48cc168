import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** The length of a key, in bytes. */
export const keyLength = 32;

/** The first byte of a sealed value: its format. */
const unencrypted = 0;
const encrypted = 1;
const nonceLength = 12;
const tagLength = 16;
const headLength = 1 + nonceLength + tagLength;

/**
 * Encrypts values at rest with AES-256-GCM and a random nonce. A sealed value is a format byte, the nonce, the tag and
 * the ciphertext. It is bound to its context: a value that is moved to another row does not open. Without a key, values
 * are stored unencrypted behind the format byte.
 */
export class Sealer {
  readonly #key: Uint8Array | undefined;

  /** @param key {@link keyLength} bytes; undefined to store values unencrypted */
  constructor(key: Uint8Array | undefined) {
    this.#key = key;
  }

  /** @param context names the row and the column that the value belongs to */
  seal(value: Uint8Array, context: string): Buffer {
    if (!this.#key) return Buffer.concat([Buffer.of(unencrypted), value]);
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(context));
    const ciphertext = [cipher.update(value), cipher.final()];
    return Buffer.concat([Buffer.of(encrypted), nonce, cipher.getAuthTag(), ...ciphertext]);
  }

  /** @throws Error if the key or the context is another one, if a byte has changed, or if there is a key and the value is unencrypted */
  open(sealed: Uint8Array, context: string): Buffer {
    if (!this.#key && sealed[0] === unencrypted) return Buffer.from(sealed.subarray(1));
    if (!this.#key || sealed[0] !== encrypted || sealed.length < headLength) {
      throw new Error('the value was not sealed with this key');
    }
    const nonce = sealed.subarray(1, 1 + nonceLength);
    const tag = sealed.subarray(1 + nonceLength, headLength);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagLength });
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(headLength)), decipher.final()]);
  }
}
