import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** The length of a key, in bytes. */
export const keyLength = 32;

const version = 1;
const nonceLength = 12;
const tagLength = 16;
const headLength = 1 + nonceLength + tagLength;

/**
 * Encrypts what must not lie in the store in clear: AES-256-GCM, a random nonce each time. A sealed value is one byte
 * of version, the nonce, the tag and the ciphertext, and opens only in the place that it was sealed for.
 */
export class Sealer {
  readonly #key: Uint8Array;

  /** @param key {@link keyLength} bytes */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** @param place the row that the value belongs to, so that it cannot be moved to another */
  seal(value: Uint8Array, place: string): Buffer {
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(place));
    const ciphertext = [cipher.update(value), cipher.final()];
    return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), ...ciphertext]);
  }

  /** @throws Error where the key or the place is another one, or a byte has changed */
  open(sealed: Uint8Array, place: string): Buffer {
    if (sealed[0] !== version || sealed.length < headLength) throw new Error('not a sealed value');
    const nonce = sealed.subarray(1, 1 + nonceLength);
    const tag = sealed.subarray(1 + nonceLength, headLength);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagLength });
    decipher.setAAD(Buffer.from(place)).setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(headLength)), decipher.final()]);
  }
}
