import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { writeAtomically } from '../../files/atomic-file.ts';
import { fileReason } from '../../files/file-error.ts';
import { LockHeld, lockFile } from '../../files/file-lock.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { writeRescueFile } from '../../files/rescue-file.ts';
import { UserError } from '../../user-error.ts';

/** A pair of configuration tokens. The refresh token can be used once. */
export interface TokenPair {
  readonly token: string;
  readonly refreshToken: string;
  /** When the access token runs out, in seconds since the epoch. */
  readonly expiresAt: number;
}

/** A pair as it is kept, with the refresh token that it goes back to: the one that the environment still names. */
interface StoredPair extends TokenPair {
  /** SHA-256, in hexadecimal. */
  readonly origin: string;
}

/** The file with the pairs, while no other process can change it. */
export interface OpenTokenStore {
  /** The pair that has come of a refresh token; without one, the pair where the file holds a single one. */
  find(refreshToken: string | undefined): TokenPair | undefined;
  /** Writes the file as it is, to learn whether a new pair could be kept before an old one is given up. */
  rehearse(): Promise<void>;
  /**
   * Keeps a new pair in place of the one that the refresh token led to.
   *
   * @throws UserError `token-store-unwritable`; it names the file that has the pair instead
   */
  keep(pair: TokenPair, refreshToken: string): Promise<void>;
}

export interface TokenStorePlace {
  readonly file: string;
  /** Folders for a new pair where the file cannot be written any more; the first that works is taken. */
  readonly rescueFolders: readonly string[];
}

/**
 * Whether a token store has a pair that can be used without naming the refresh token that it came of.
 *
 * @throws UserError `token-store-unreadable`
 */
export async function keepsSinglePair(file: string): Promise<boolean> {
  return (await read(file)).length === 1;
}

/**
 * Opens the token store, does the work while other processes wait, and closes it.
 *
 * @param signal ends the wait for another process
 * @throws UserError `token-store-unreadable`, `token-store-unwritable`, `token-store-locked`
 */
export async function withTokenStore<Result>(
  place: TokenStorePlace,
  signal: AbortSignal | undefined,
  work: (store: OpenTokenStore) => Promise<Result>,
): Promise<Result> {
  const release = await acquire(place.file, signal);
  try {
    return await work(openStore(place, await read(place.file)));
  } finally {
    await release();
  }
}

function openStore({ file, rescueFolders }: TokenStorePlace, pairs: readonly StoredPair[]): OpenTokenStore {
  const find = (refreshToken: string | undefined): StoredPair | undefined => {
    if (refreshToken === undefined) return pairs.length === 1 ? pairs[0] : undefined;
    const origin = fingerprint(refreshToken);
    return pairs.find((pair) => pair.origin === origin || pair.refreshToken === refreshToken);
  };
  return {
    find,
    async rehearse() {
      try {
        await writeAtomically(file, serialize(pairs), 0o600);
      } catch (cause) {
        throw unwritable(file, cause);
      }
    },
    async keep(pair, refreshToken) {
      const replaced = find(refreshToken);
      const origin = replaced?.origin ?? fingerprint(refreshToken);
      const content = serialize([...pairs.filter((other) => other !== replaced), { ...pair, origin }]);
      try {
        await writeAtomically(file, content, 0o600);
      } catch (cause) {
        const rescue = await writeRescueFile(rescueFolders, basename(file), content);
        throw rescue === undefined ? lost(file, cause) : rescued(file, rescue, cause);
      }
    },
  };
}

function serialize(pairs: readonly StoredPair[]): string {
  return `${JSON.stringify({ version: 1, pairs }, null, 2)}\n`;
}

/** Longer than a rotation can take, which waits out Slack's rate limits for up to two minutes and then for its response. */
const longestWaitMs = 180_000;

async function acquire(file: string, signal: AbortSignal | undefined): Promise<() => Promise<void>> {
  try {
    await makeFolder(dirname(file), 0o700);
  } catch (cause) {
    throw unwritable(file, cause);
  }
  try {
    return await lockFile(file, { waitMs: longestWaitMs, signal });
  } catch (cause) {
    if (cause instanceof LockHeld) throw locked(file, cause);
    throw signal?.aborted ? cause : unwritable(file, cause);
  }
}

async function read(file: string): Promise<readonly StoredPair[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw unreadable(file, cause);
  }
  const pairs = parsePairs(text);
  if (!pairs) throw unreadable(file, new Error('it holds something else than pairs of tokens'));
  return pairs;
}

function parsePairs(text: string): readonly StoredPair[] | undefined {
  try {
    const value: { readonly pairs?: unknown } | null = JSON.parse(text);
    return Array.isArray(value?.pairs) && value.pairs.every(isStoredPair) ? value.pairs : undefined;
  } catch {
    return undefined;
  }
}

function isStoredPair(value: unknown): value is StoredPair {
  if (typeof value !== 'object' || value === null) return false;
  const has = (key: string, type: 'string' | 'number') =>
    typeof Object.getOwnPropertyDescriptor(value, key)?.value === type;
  return (
    has('origin', 'string') &&
    has('token', 'string') &&
    has('refreshToken', 'string') &&
    has('expiresAt', 'number')
  );
}

function fingerprint(refreshToken: string): string {
  return createHash('sha256').update(refreshToken).digest('hex');
}

function unreadable(file: string, cause: unknown): UserError {
  const message = `the token store ${file} cannot be read: ${fileReason(cause, 'reading')}`;
  return new UserError('token-store-unreadable', message, {
    hint: 'Check its permissions, or name another file with --token-store.',
    exitCode: 3,
    cause,
  });
}

function unwritable(file: string, cause: unknown): UserError {
  const message = `the token store ${file} cannot be written: ${fileReason(cause, 'writing')}`;
  return new UserError('token-store-unwritable', message, {
    hint: 'Name a file in a folder that you can write to with --token-store.',
    exitCode: 3,
    cause,
  });
}

function rescued(file: string, rescue: string, cause: unknown): UserError {
  return new UserError(
    'token-store-unwritable',
    `the token store ${file} could not be written (${fileReason(cause, 'writing')}); the new pair of tokens is in ${rescue}`,
    { hint: `Move that file to a safe place, and name it with --token-store.`, exitCode: 3, cause },
  );
}

function lost(file: string, cause: unknown): UserError {
  return new UserError(
    'token-store-unwritable',
    `the token store ${file} could not be written (${fileReason(cause, 'writing')}), nor any other file: the new pair of tokens is lost`,
    {
      hint: 'Make room on the disk, then generate new configuration tokens at https://api.slack.com/apps.',
      exitCode: 3,
      cause,
    },
  );
}

function locked(file: string, cause: unknown): UserError {
  return new UserError('token-store-locked', `another process holds the token store ${file}`, {
    hint: `Wait for it to end, or remove ${file}.lock where none is running.`,
    exitCode: 3,
    cause,
  });
}
