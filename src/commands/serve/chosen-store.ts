import type { Context } from '../../cli/context.ts';
import type { Setting, Settings } from '../../environment/settings.ts';
import { encryptionKeyVariable, previousKeyVariable } from '../../store/key-variables.ts';
import { isPostgresUrl, lacksPassword } from '../../store/postgres/url.ts';
import type { Store } from '../../store/store.ts';
import { UserError } from '../../user-error.ts';

export interface StoreChoice {
  /** The value of `--store`. */
  readonly option: string | undefined;
  readonly settings: Settings;
  /** Whether the store will hold tokens. */
  readonly keepsTokens: boolean;
  /** Whether a file that is missing is a failure; else it is made. */
  readonly mustExist?: boolean;
  readonly warn: (line: string) => void;
}

/**
 * An env file must not choose the server that a password from the process environment is sent to.
 *
 * @throws UserError `password-source`, `store-invalid`
 */
function requireOwnPassword({ value, source }: Setting, env: Context['env']): void {
  if (source === 'environment' || !env['PGPASSWORD'] || !isPostgresUrl(value) || !lacksPassword(value))
    return;
  throw new UserError(
    'password-source',
    `DATABASE_URL comes from ${source}, but PGPASSWORD from the environment`,
    { hint: 'Set DATABASE_URL in the environment too, or put the password into the URL.', exitCode: 2 },
  );
}

/**
 * Opens the store that `--store` or DATABASE_URL names.
 *
 * @throws UserError `password-in-option`, `password-source`, and as `openStore` does
 */
export async function openChosenStore(
  { option, settings, keepsTokens, mustExist = false, warn }: StoreChoice,
  { cwd, env, inputWait }: Context,
): Promise<Store> {
  if (option !== undefined && /^postgres(ql)?:\/\/[^@/]*:[^@]/i.test(option) && option.includes('@')) {
    throw new UserError('password-in-option', '--store contains a password, which the process list shows', {
      hint: 'Put the URL into DATABASE_URL, in the environment or the env file, or the password into PGPASSWORD.',
      exitCode: 2,
    });
  }
  const setting = settings.get('DATABASE_URL');
  if (option === undefined && setting) requireOwnPassword(setting, env);
  const location = option ?? setting?.value;
  const encryptionKey = settings.get(encryptionKeyVariable)?.value;
  if (location !== undefined && isPostgresUrl(location) && encryptionKey === undefined && !keepsTokens) {
    warn(`${encryptionKeyVariable} is not set: PostgreSQL keeps the bodies of events in clear`);
  }
  const { openStore } = await import('../../store/open.ts');
  const previousKey = settings.get(previousKeyVariable)?.value;
  const store = await openStore({
    location,
    encryptionKey,
    previousKey,
    keepsTokens,
    mustExist,
    cwd,
    env,
    inputWait,
  });
  if (store.warning !== undefined) warn(store.warning);
  return store;
}
