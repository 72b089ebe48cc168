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
  /** When the access token expires, in seconds since the epoch. */
  readonly expiresAt: number;
}

/** A stored pair, with the refresh token that it derives from: the environment still has that one. */
interface StoredPair extends TokenPair {
  /** SHA-256, in hexadecimal. */
  readonly origin: string;
}

/** The token store while this process holds its lock. */
export interface OpenTokenStore {
  /** The pair that derives from a refresh token; without a refresh token, the only pair in the file. */
  find(refreshToken: string | undefined): TokenPair | undefined;
  /** Writes the file unchanged, to find out whether a new pair can be stored before the old one is used. */
  rehearse(): Promise<void>;
  /**
   * Replaces the pair of the refresh token by a new one.
   *
   * @throws UserError `token-store-unwritable`; it names the file that holds the pair instead
   */
  keep(pair: TokenPair, refreshToken: string): Promise<void>;
}

export interface TokenStorePlace {
  readonly file: string;
  /** Folders for a new pair if the file cannot be written; the first that works is used. */
  readonly rescueFolders: readonly string[];
}

/**
 * Whether a token store holds exactly one pair, which can be used without its refresh token.
 *
 * @throws UserError `token-store-unreadable`
 */
export async function keepsSinglePair(file: string): Promise<boolean> {
  return (await read(file)).length === 1;
}

/**
 * Runs work on the token store while other processes wait.
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

/** Longer than a rotation takes: up to two minutes for Slack's rate limits, then the response. */
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
  if (!pairs) throw unreadable(file, new Error('it does not hold pairs of tokens'));
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
    hint: 'Check its permissions, or pass another file with --token-store.',
    exitCode: 3,
    cause,
  });
}

function unwritable(file: string, cause: unknown): UserError {
  const message = `the token store ${file} cannot be written: ${fileReason(cause, 'writing')}`;
  return new UserError('token-store-unwritable', message, {
    hint: 'Pass --token-store with a file in a folder that you can write to.',
    exitCode: 3,
    cause,
  });
}

function rescued(file: string, rescue: string, cause: unknown): UserError {
  return new UserError(
    'token-store-unwritable',
    `the token store ${file} could not be written (${fileReason(cause, 'writing')}); the new pair of tokens is in ${rescue}`,
    { hint: 'Move that file to a safe place, and pass it with --token-store.', exitCode: 3, cause },
  );
}

function lost(file: string, cause: unknown): UserError {
  return new UserError(
    'token-store-unwritable',
    `the token store ${file} could not be written (${fileReason(cause, 'writing')}), and neither could any other file: the new pair of tokens is lost`,
    {
      hint: 'Free disk space, then generate new configuration tokens at https://api.slack.com/apps.',
      exitCode: 3,
      cause,
    },
  );
}

function locked(file: string, cause: unknown): UserError {
  return new UserError('token-store-locked', `another process has locked the token store ${file}`, {
    hint: `Wait for it to end; if none is running, remove ${file}.lock.`,
    exitCode: 3,
    cause,
  });
}
