import type { Kysely, Transaction } from 'kysely';
import { UserError } from '../user-error.ts';
import type { StoreDialect } from './dialect.ts';
import { bindToCurrentKey } from './encryption-key.ts';
import { previousKeyVariable } from './key-variables.ts';
import { bodyContext, headersContext, tokensContext } from './sealed-contexts.ts';
import type { Sealer } from './sealer.ts';
import type { Tables } from './tables.ts';

/** What a rotation has done so far. */
export interface RotationCounts {
  /** Values that were encrypted with the new key. */
  reencrypted: number;
  /** Values that were encrypted with it before, such as by an interrupted rotation. */
  current: number;
  /** Values that neither key opens. They are left as they are. */
  unreadable: number;
}

/** Few enough for one statement's time limit, even if each has the largest size. */
const rowsAtOnce = 50;

interface SealedRow<Key> {
  readonly key: Key;
  readonly sealed: Uint8Array;
  readonly context: string;
}

/** A column of encrypted values. */
interface SealedColumn<Key extends number | string> {
  /** The rows behind one, in the order of their keys. */
  read(db: Transaction<Tables>, after: Key): Promise<readonly SealedRow<Key>[]>;
  /** Replaces a value, unless it has been changed or deleted meanwhile. */
  replace(db: Transaction<Tables>, row: SealedRow<Key>, sealed: Uint8Array): Promise<void>;
}

/**
 * Binds the store to the current key, and encrypts with it what the previous one encrypted. Replicas that have both keys
 * continue meanwhile. It can be interrupted at any time, and repeated.
 *
 * @param onProgress called after each step
 * @throws UserError `previous-key-missing`
 */
export async function rotateKey(
  db: Kysely<Tables>,
  sealer: Sealer,
  dialect: StoreDialect,
  onProgress: (counts: Readonly<RotationCounts>) => void,
): Promise<RotationCounts> {
  if (!sealer.hasPreviousKey) {
    throw new UserError('previous-key-missing', 'there is no previous key to replace', {
      hint: `Set ${previousKeyVariable} to the old key; for a key file, move it to the same name with .previous and create a new one.`,
      exitCode: 2,
    });
  }
  // Everything that is sealed in a turn after this one is sealed with the current key.
  await db.transaction().execute(async (transaction) => {
    await dialect.takeTurn(transaction);
    await bindToCurrentKey(transaction, sealer);
  });
  const counts: RotationCounts = { reencrypted: 0, current: 0, unreadable: 0 };
  const report = () => onProgress(counts);
  await rotateColumn(db, sealer, installationTokens, '', counts, report);
  await rotateColumn(db, sealer, deliveryHeaders, 0, counts, report);
  await rotateColumn(db, sealer, eventBodies, 0, counts, report);
  return counts;
}

async function rotateColumn<Key extends number | string>(
  db: Kysely<Tables>,
  sealer: Sealer,
  column: SealedColumn<Key>,
  first: Key,
  counts: RotationCounts,
  report: () => void,
): Promise<void> {
  for (let after: Key | undefined = first; after !== undefined; ) {
    const from: Key = after;
    after = await db.transaction().execute(async (transaction) => {
      const rows = await column.read(transaction, from);
      for (const row of rows) counts[await rotateRow(transaction, sealer, column, row)] += 1;
      return rows.at(-1)?.key;
    });
    report();
  }
}

async function rotateRow<Key extends number | string>(
  db: Transaction<Tables>,
  sealer: Sealer,
  column: SealedColumn<Key>,
  row: SealedRow<Key>,
): Promise<keyof RotationCounts> {
  const { sealed, context } = row;
  if (sealer.isCurrent(sealed, context)) return 'current';
  let value: Buffer;
  try {
    value = sealer.open(sealed, context);
  } catch {
    return 'unreadable';
  }
  await column.replace(db, row, sealer.sealWithCurrent(value, context));
  return 'reencrypted';
}

const installationTokens: SealedColumn<string> = {
  async read(db, after) {
    const rows = await db
      .selectFrom('installations')
      .select(['id as key', 'sealed_tokens as sealed'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(rowsAtOnce)
      .execute();
    return rows.map((row) => ({ ...row, context: tokensContext(row.key) }));
  },
  async replace(db, { key, sealed }, sealed_tokens) {
    await db
      .updateTable('installations')
      .set({ sealed_tokens })
      .where('id', '=', key)
      .where('sealed_tokens', '=', sealed)
      .execute();
  },
};

const deliveryHeaders: SealedColumn<number> = {
  async read(db, after) {
    const rows = await db
      .selectFrom('deliveries')
      .innerJoin('events', 'events.seq', 'deliveries.seq')
      .select(['deliveries.seq as key', 'events.event_id', 'deliveries.sealed_headers as sealed'])
      .where('deliveries.seq', '>', after)
      .orderBy('deliveries.seq')
      .limit(rowsAtOnce)
      .execute();
    return rows.map((row) => ({ ...row, context: headersContext(row.event_id) }));
  },
  async replace(db, { key }, sealed_headers) {
    await db.updateTable('deliveries').set({ sealed_headers }).where('seq', '=', key).execute();
  },
};

const eventBodies: SealedColumn<number> = {
  async read(db, after) {
    const rows = await db
      .selectFrom('events')
      .select(['seq as key', 'event_id', 'sealed_body as sealed'])
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(rowsAtOnce)
      .execute();
    return rows.map((row) => ({ ...row, context: bodyContext(row.event_id) }));
  },
  async replace(db, { key }, sealed_body) {
    await db.updateTable('events').set({ sealed_body }).where('seq', '=', key).execute();
  },
};
