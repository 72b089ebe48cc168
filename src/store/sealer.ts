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
 *
 * During a rotation there is a previous key too: it opens values, and seals them until the store is bound to the new one.
 */
export class Sealer {
  /** The current one first. */
  readonly #keys: readonly Uint8Array[];
  #sealingKey: Uint8Array | undefined;

  /**
   * @param key {@link keyLength} bytes; undefined to store values unencrypted
   * @param previous the key that is being replaced
   */
  constructor(key: Uint8Array | undefined, previous?: Uint8Array) {
    this.#keys = [key, previous].flatMap((each) => each ?? []);
    this.#sealingKey = key;
  }

  /** Whether a rotation may be going on. */
  get hasPreviousKey(): boolean {
    return this.#keys.length > 1;
  }

  /** Whether values are still sealed with the previous key. */
  get usesPreviousKey(): boolean {
    return this.#sealingKey !== this.#keys[0];
  }

  /** Seals with the key that opens a value, from now on. @returns false if none does */
  follow(sealed: Uint8Array, context: string): boolean {
    const key = this.#keys.find((each) => decrypt(each, sealed, context));
    if (key) this.#sealingKey = key;
    return key !== undefined;
  }

  /** Whether the current key opens a value. */
  isCurrent(sealed: Uint8Array, context: string): boolean {
    const [key] = this.#keys;
    return key !== undefined && decrypt(key, sealed, context) !== undefined;
  }

  /** @param context names the row and the column that the value belongs to */
  seal(value: Uint8Array, context: string): Buffer {
    return encrypt(this.#sealingKey, value, context);
  }

  /** Seals with the current key, whichever one the others use. */
  sealWithCurrent(value: Uint8Array, context: string): Buffer {
    return encrypt(this.#keys[0], value, context);
  }

  /** @throws Error if no key opens it, if the context is another one, if a byte has changed, or if there is a key and the value is unencrypted */
  open(sealed: Uint8Array, context: string): Buffer {
    if (this.#keys.length === 0 && sealed[0] === unencrypted) return Buffer.from(sealed.subarray(1));
    for (const key of this.#keys) {
      const value = decrypt(key, sealed, context);
      if (value) return value;
    }
    throw new Error('the value was not sealed with this key');
  }
}

function encrypt(key: Uint8Array | undefined, value: Uint8Array, context: string): Buffer {
  if (!key) return Buffer.concat([Buffer.of(unencrypted), value]);
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const ciphertext = [cipher.update(value), cipher.final()];
  return Buffer.concat([Buffer.of(encrypted), nonce, cipher.getAuthTag(), ...ciphertext]);
}

function decrypt(key: Uint8Array, sealed: Uint8Array, context: string): Buffer | undefined {
  if (sealed[0] !== encrypted || sealed.length < headLength) return undefined;
  const nonce = sealed.subarray(1, 1 + nonceLength);
  const tag = sealed.subarray(1 + nonceLength, headLength);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
  const value = decipher.update(sealed.subarray(headLength));
  try {
    return Buffer.concat([value, decipher.final()]);
  } catch {
    return undefined;
  }
}
