import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { namedStateFolder } from '../files/state-folder.ts';
import { UserError } from '../user-error.ts';
import { isPostgresUrl } from './postgres-url.ts';
import type { Store } from './store.ts';

export interface StoreSettings {
  /** `sqlite:FILE`, `postgres://…`, or nothing for the default place. */
  readonly location: string | undefined;
  /** The text of the key that the store is encrypted with; see `parseKey`. */
  readonly encryptionKey: string | undefined;
  /** Whether the store will hold tokens. */
  readonly keepsTokens: boolean;
  /** Whether a file that is missing is a failure, as where one only looks; else it is made. */
  readonly mustExist?: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Opens the store that an operator named, and brings its tables up to date.
 *
 * @throws UserError `store-invalid`, `store-unknown`, and those of the store that is opened
 */
export async function openStore(settings: StoreSettings): Promise<Store> {
  const location = settings.location ?? `sqlite:${defaultFile(settings.env)}`;
  if (isPostgresUrl(location)) {
    const { openPostgresStore } = await import('./postgres.ts');
    return openPostgresStore({ ...settings, url: location });
  }
  const file = /^sqlite:(.+)$/.exec(location)?.[1];
  if (file === undefined) {
    throw new UserError('store-invalid', 'the store is not one that this program knows', {
      hint: 'Name a file, sqlite:/var/lib/spacelift-slack/serve.db, or a PostgreSQL, postgres://USER@HOST/DATABASE.',
      exitCode: 2,
    });
  }
  const path = resolve(settings.cwd, file);
  if (settings.mustExist && !existsSync(path)) {
    throw new UserError('store-unknown', `there is no store ${file}`, {
      hint: 'Name the one that the relay uses with --store, as its start shows it.',
      exitCode: 3,
    });
  }
  const { openSqliteStore } = await import('./sqlite.ts');
  return openSqliteStore(path, settings.encryptionKey);
}

function defaultFile(env: StoreSettings['env']): string {
  const folder = namedStateFolder(env);
  if (folder !== undefined) return join(folder, 'serve.db');
  throw new UserError('store-missing', 'there is no home directory to keep the store in', {
    hint: 'Name a file: --store sqlite:/var/lib/spacelift-slack/serve.db',
    exitCode: 2,
  });
}
