import type { Context } from '../../../cli/context.ts';
import type { DeliveryQueue } from '../../../store/delivery-queue.ts';
import { openChosenStore } from '../store-option.ts';

/** The options that say where the queue is. */
export interface QueueOptions {
  readonly store?: string | undefined;
  readonly envFile?: string | undefined;
}

/**
 * Works on the delivery queue of the chosen store, which must exist, and closes the store.
 *
 * @throws UserError as `openChosenStore`
 */
export async function withQueue<Result>(
  { store: option, envFile }: QueueOptions,
  context: Context,
  work: (queue: DeliveryQueue) => Promise<Result>,
): Promise<Result> {
  const settings = await context.settings(envFile);
  const warn = (line: string) => context.terminal.warn(line);
  const choice = { option, settings, keepsTokens: false, mustExist: true, warn };
  const store = await openChosenStore(choice, context);
  try {
    return await work(store.deliveries);
  } finally {
    await store.close();
  }
}
