import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { InputWait } from '../files/read-input.ts';
import { namedStateFolder } from '../files/state-folder.ts';
import { UserError } from '../user-error.ts';
import { isPostgresUrl } from './postgres/url.ts';
import type { Store } from './store.ts';

export interface StoreSettings {
  /** `sqlite:FILE` or `postgres://…`; undefined for a file in the state folder. */
  readonly location: string | undefined;
  /** The encryption key as text; see `parseKey`. */
  readonly encryptionKey: string | undefined;
  /** The key that is being replaced, as text. */
  readonly previousKey?: string | undefined;
  /** Whether the store will hold tokens. */
  readonly keepsTokens: boolean;
  /** Whether a missing file is an error. If not, it is created. */
  readonly mustExist?: boolean;
  readonly cwd: string;
  readonly inputWait?: InputWait;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Opens the store that an operator chose, and migrates it.
 *
 * @throws UserError `store-invalid`, `store-unknown`, and those of the store that is opened
 */
export async function openStore(settings: StoreSettings): Promise<Store> {
  const location = settings.location ?? `sqlite:${defaultFile(settings.env)}`;
  if (isPostgresUrl(location)) {
    const { openPostgresStore } = await import('./postgres/postgres.ts');
    return openPostgresStore({ ...settings, url: location });
  }
  const file = /^sqlite:(.+)$/.exec(location)?.[1];
  if (file === undefined) {
    throw new UserError('store-invalid', 'the store is neither sqlite:FILE nor postgres://…', {
      hint: 'Pass a file, such as sqlite:/var/lib/spacelift-slack/serve.db, or a PostgreSQL, such as postgres://USER@HOST/DATABASE.',
      exitCode: 2,
    });
  }
  const path = resolve(settings.cwd, file);
  if (settings.mustExist && !existsSync(path)) {
    throw new UserError('store-unknown', `there is no store ${file}`, {
      hint: 'Pass the --store that serve uses: it logs it as store when it starts listening.',
      exitCode: 3,
    });
  }
  const { openSqliteStore } = await import('./sqlite.ts');
  return openSqliteStore(path, settings.encryptionKey, settings.previousKey);
}

function defaultFile(env: StoreSettings['env']): string {
  const folder = namedStateFolder(env);
  if (folder !== undefined) return join(folder, 'serve.db');
  throw new UserError('store-missing', 'there is no home directory for the store', {
    hint: 'Pass a file: --store sqlite:/var/lib/spacelift-slack/serve.db',
    exitCode: 2,
  });
}
