import type { Context } from '../../cli/context.ts';
import type { Settings } from '../../environment/settings.ts';
import type { Store } from '../../store/store.ts';

/** The options that say where the store is. */
export interface ExistingStoreOptions {
  readonly store?: string | undefined;
  readonly envFile?: string | undefined;
}

/**
 * Works on the chosen store, which must exist, and closes it.
 *
 * @throws UserError as `openChosenStore`
 */
export async function withExistingStore<Result>(
  { store: option, envFile }: ExistingStoreOptions,
  context: Context,
  work: (store: Store, settings: Settings) => Promise<Result>,
): Promise<Result> {
  const { openChosenStore } = await import('./chosen-store.ts');
  const settings = await context.settings(envFile);
  const warn = (line: string) => context.terminal.warn(line);
  const choice = { option, settings, keepsTokens: false, mustExist: true, warn };
  const store = await openChosenStore(choice, context);
  try {
    return await work(store, settings);
  } finally {
    await store.close();
  }
}
