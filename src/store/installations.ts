import type { Kysely, Selectable, Transaction } from 'kysely';
import type { StoreDialect } from './dialect.ts';
import { takeTurnToSeal } from './encryption-key.ts';
import { tokensContext } from './sealed-contexts.ts';
import type { Sealer } from './sealer.ts';
import type { Tables } from './tables.ts';

/** The installations of the app that were made through this server. */
export interface Installations {
  /** Saves an installation, and replaces an earlier one with the same id. */
  save(installation: Installation): Promise<void>;
  find(id: string): Promise<Installation | undefined>;
  /** Lists all installations by id, without their tokens. */
  list(): Promise<readonly InstallationSummary[]>;
  /** @returns false if there was none */
  delete(id: string): Promise<boolean>;
}

/**
 * Which installation has ended. Without `orgWide` Slack did not say of which kind it was: then it is the team's own, or
 * the enterprise's if the team has none.
 */
export interface EndedInstallation {
  readonly teamId?: string;
  readonly enterpriseId?: string;
  readonly orgWide?: boolean;
  /** When it ended, in milliseconds since the epoch. An installation that was made later is kept. */
  readonly endedAt?: number;
}

/** The app as it is installed in a workspace or, org-wide, in an Enterprise organisation. */
export interface Installation {
  /** The team's id or, for an org-wide installation, the enterprise's. */
  readonly id: string;
  readonly orgWide: boolean;
  readonly teamId: string | null;
  readonly teamName: string | null;
  readonly enterpriseId: string | null;
  readonly enterpriseName: string | null;
  readonly appId: string;
  readonly botUserId: string | null;
  readonly scopes: string;
  /** The Slack user who installed it. */
  readonly installedBy: string | null;
  /** Milliseconds since the epoch. */
  readonly installedAt: number;
  /** Encrypted at rest. */
  readonly tokens: BotTokens;
}

/** An installation without its secrets. */
export type InstallationSummary = Omit<Installation, 'tokens'>;

interface BotTokens {
  readonly bot: string;
  /** Only if the app uses token rotation. */
  readonly refresh?: string;
  /** When the bot token expires, in milliseconds since the epoch. Only if the app uses token rotation. */
  readonly expiresAt?: number;
}

/** The installations in any SQL database that Kysely supports. */
export class SqlInstallations implements Installations {
  readonly #db: Kysely<Tables>;
  readonly #sealer: Sealer;
  readonly #dialect: StoreDialect;

  constructor(db: Kysely<Tables>, sealer: Sealer, dialect: StoreDialect) {
    this.#db = db;
    this.#sealer = sealer;
    this.#dialect = dialect;
  }

  async save(installation: Installation): Promise<void> {
    const { id, tokens } = installation;
    const row = () => ({
      org_wide: installation.orgWide ? 1 : 0,
      team_id: installation.teamId,
      team_name: installation.teamName,
      enterprise_id: installation.enterpriseId,
      enterprise_name: installation.enterpriseName,
      app_id: installation.appId,
      bot_user_id: installation.botUserId,
      scopes: installation.scopes,
      installed_by: installation.installedBy,
      installed_at: installation.installedAt,
      sealed_tokens: this.#sealer.seal(Buffer.from(JSON.stringify(tokens)), tokensContext(id)),
    });
    await this.#db.transaction().execute(async (db) => {
      if (this.#sealer.hasPreviousKey) await takeTurnToSeal(db, this.#dialect, this.#sealer);
      const values = row();
      await db
        .insertInto('installations')
        .values({ id, ...values })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
        .execute();
    });
  }

  async find(id: string): Promise<Installation | undefined> {
    const row = await this.#db
      .selectFrom('installations')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) return undefined;
    return {
      ...summarise(row),
      // Only this class seals this value, always from BotTokens.
      tokens: JSON.parse(this.#sealer.open(row.sealed_tokens, tokensContext(id)).toString()),
    };
  }

  async list(): Promise<readonly InstallationSummary[]> {
    const rows = await this.#db.selectFrom('installations').selectAll().execute();
    // Not sorted by SQL: each database sorts text in its own way.
    return rows.map(summarise).sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  async delete(id: string): Promise<boolean> {
    const row = await this.#db
      .transaction()
      .execute((db) =>
        db.deleteFrom('installations').where('id', '=', id).returning('id').executeTakeFirst(),
      );
    return row !== undefined;
  }
}

function summarise(row: Selectable<Tables['installations']>): InstallationSummary {
  return {
    id: row.id,
    orgWide: row.org_wide === 1,
    teamId: row.team_id,
    teamName: row.team_name,
    enterpriseId: row.enterprise_id,
    enterpriseName: row.enterprise_name,
    appId: row.app_id,
    botUserId: row.bot_user_id,
    scopes: row.scopes,
    installedBy: row.installed_by,
    installedAt: row.installed_at,
  };
}

/** Slack's times are whole seconds. */
const endedAtToleranceMs = 1000;

/**
 * Deletes the installation that an event ended, unless it was made after the event.
 *
 * If Slack did not say whether the installation was org-wide, it is the team's own, or the enterprise's if the team has
 * none.
 */
export async function endInstallation(db: Transaction<Tables>, ended: EndedInstallation): Promise<void> {
  const { teamId, enterpriseId, orgWide, endedAt } = ended;
  if (teamId !== undefined && orgWide !== true) {
    const found = await deleteUnlessNewer(db, teamId, endedAt);
    if (found || orgWide === false) return;
  }
  if (enterpriseId === undefined || orgWide === false) return;
  await deleteUnlessNewer(db, enterpriseId, endedAt);
}

/** @returns whether the installation exists, deleted or not */
async function deleteUnlessNewer(
  db: Transaction<Tables>,
  id: string,
  endedAt: number | undefined,
): Promise<boolean> {
  const found = await db
    .selectFrom('installations')
    .select('installed_at')
    .where('id', '=', id)
    .executeTakeFirst();
  if (!found) return false;
  let deletion = db.deleteFrom('installations').where('id', '=', id);
  if (endedAt !== undefined) deletion = deletion.where('installed_at', '<=', endedAt + endedAtToleranceMs);
  await deletion.execute();
  return true;
}
