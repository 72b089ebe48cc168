import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, open, readFile, rm } from 'node:fs/promises';
import type { Kysely, Transaction } from 'kysely';
import { fileUnreadable } from '../files/file-error.ts';
import { requirePrivate } from '../files/private-file.ts';
import { UserError } from '../user-error.ts';
import type { StoreDialect } from './dialect.ts';
import { encryptionKeyVariable, previousKeyVariable } from './key-variables.ts';
import { keyLength, Sealer } from './sealer.ts';
import type { Tables } from './tables.ts';

const checkName = 'encryption-key-check';

const generate = 'openssl rand -base64 32';

/**
 * Parses the value of the variable for the encryption key.
 *
 * @throws UserError `encryption-key-invalid`
 */
export function parseCurrentKey(text: string): Buffer {
  const hint = `Set it to the key of the store. For a new store or a new key, generate one with: ${generate}`;
  return parseKey(text, encryptionKeyVariable, hint);
}

/**
 * Parses the value of the variable for the key that is being replaced.
 *
 * @throws UserError `encryption-key-invalid`
 */
export function parsePreviousKey(text: string): Buffer {
  return parseKey(text, previousKeyVariable, 'Set it to the key that is being replaced.');
}

/**
 * Parses an encryption key: 32 bytes in base64, or as 64 hexadecimal digits.
 *
 * @param source where the text comes from, for the error; the key itself is never shown
 */
function parseKey(text: string, source: string, hint: string): Buffer {
  const trimmed = text.trim();
  const key = /^[0-9a-fA-F]{64}$/.test(trimmed)
    ? Buffer.from(trimmed, 'hex')
    : Buffer.from(trimmed, 'base64');
  const base64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed);
  if (key.length === keyLength && (base64 || trimmed.length === 64)) return key;
  throw new UserError(
    'encryption-key-invalid',
    `${source} is not a key of 32 bytes in base64 or hexadecimal`,
    { hint, exitCode: 2 },
  );
}

/**
 * Reads the key file. If it is missing, creates one with mode 0600; processes that race get the same key.
 *
 * @param create whether a missing file may be created: it may not for an existing store, which only its own key opens
 * @param variable the variable that can hold this key instead
 * @throws UserError `encryption-key-missing` if it may not, `encryption-key-invalid`, `file-mode-open`, `file-unreadable`
 */
export async function readKeyFile(
  file: string,
  create: boolean,
  variable = encryptionKeyVariable,
): Promise<Buffer> {
  const restore = `Restore the file, or set ${variable} to the key.`;
  await requirePrivate(file, 'the key file');
  try {
    return parseKey(
      await readFile(file, 'utf8'),
      `the key file ${file}`,
      create ? `Delete it, and a new one is created, or generate a key with: ${generate}` : restore,
    );
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw fileUnreadable(`the key file ${file}`, error);
    }
  }
  if (!create) {
    throw keyMissing(`its key file ${file} is missing`, restore);
  }
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${randomBytes(keyLength).toString('base64')}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Unlike a rename, a link does not replace a file that another process created first.
    await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { force: true });
  }
  return readKeyFile(file, false);
}

/**
 * Reads the file of the key that is being replaced.
 *
 * @returns undefined if there is none
 * @throws UserError `encryption-key-invalid`, `file-mode-open`, `file-unreadable`
 */
export async function readPreviousKeyFile(file: string): Promise<Buffer | undefined> {
  return existsSync(file) ? readKeyFile(file, false, previousKeyVariable) : undefined;
}

/** Whether values in this database have been encrypted before. */
export async function hasKeyCheck(db: Kysely<Tables>): Promise<boolean> {
  const row = await db.selectFrom('settings').select('name').where('name', '=', checkName).executeTakeFirst();
  return row !== undefined;
}

function keyMissing(problem: string, hint: string): UserError {
  return new UserError('encryption-key-missing', `the store is encrypted, but ${problem}`, {
    hint,
    exitCode: 2,
  });
}

/**
 * Checks that the key is the one that the database was encrypted with. If nothing is encrypted yet, the database is
 * bound to this key from now on.
 *
 * @param key undefined if values are stored unencrypted
 * @param previous the key that is being replaced: the store may be encrypted with either
 * @throws UserError `encryption-key-wrong`; `-missing` if there is no key, but values are encrypted; `-late` if there is
 *   a key, but events wait that were stored unencrypted
 */
export async function openSealer(
  db: Kysely<Tables>,
  key: Uint8Array | undefined,
  previous?: Uint8Array,
): Promise<Sealer> {
  const sealer = new Sealer(key, key && previous);
  const isEncrypted = await hasKeyCheck(db);
  if (!key) {
    if (!isEncrypted) return sealer;
    throw keyMissing(`${encryptionKeyVariable} is not set`, 'Set it to the key that the other replicas use.');
  }
  if (!isEncrypted && (await db.selectFrom('deliveries').select('seq').limit(1).executeTakeFirst())) {
    throw new UserError(
      'encryption-key-late',
      `events are waiting that were stored without ${encryptionKeyVariable}`,
      {
        hint: 'Unset it until they are delivered or discarded (serve events list), or pass another --store.',
        exitCode: 2,
      },
    );
  }
  await db
    .insertInto('settings')
    .values({ name: checkName, value: sealer.seal(new Uint8Array(), checkName) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  if (await followRotation(db, sealer)) return sealer;
  throw new UserError('encryption-key-wrong', 'the store is encrypted with another key', {
    hint: `Set ${encryptionKeyVariable} to the key that the store was created with, or pass another --store. During a rotation, set ${previousKeyVariable} to the old key.`,
    exitCode: 2,
  });
}

/**
 * Seals with the key that the store is bound to now: a rotation changes it while replicas run.
 *
 * @returns false if there is no key for it
 */
async function followRotation(db: Kysely<Tables> | Transaction<Tables>, sealer: Sealer): Promise<boolean> {
  const { value } = await db
    .selectFrom('settings')
    .select('value')
    .where('name', '=', checkName)
    .executeTakeFirstOrThrow();
  return sealer.follow(value, checkName);
}

/** Takes a turn to write encrypted values, with the key that the store is bound to in that turn. */
export async function takeTurnToSeal(
  db: Transaction<Tables>,
  dialect: Pick<StoreDialect, 'takeTurn'>,
  sealer: Sealer,
): Promise<void> {
  await dialect.takeTurn(db);
  if (sealer.hasPreviousKey) await followRotation(db, sealer);
}

/** Binds the store to the current key: replicas that follow the rotation seal with it from now on. */
export async function bindToCurrentKey(db: Transaction<Tables>, sealer: Sealer): Promise<void> {
  const value = sealer.sealWithCurrent(new Uint8Array(), checkName);
  await db.updateTable('settings').set({ value }).where('name', '=', checkName).execute();
  sealer.follow(value, checkName);
}
