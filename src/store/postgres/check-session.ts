import { type Kysely, sql } from 'kysely';
import { UserError } from '../../user-error.ts';
import type { Tables } from '../tables.ts';
import type { SessionSettings } from './options.ts';

/**
 * Checks that a connection has the settings that it asked for. PgBouncer does not forward them, and with
 * `ignore_startup_parameters` it does not report that either.
 *
 * @throws UserError `store-unusable`, with the statements that set them for the role
 */
export async function checkSession(db: Kysely<Tables>, asked: SessionSettings): Promise<void> {
  const names = Object.keys(asked);
  const wrong = await db.transaction().execute(async (transaction) => {
    const has = await sql<{ value: string | null; role: string }>`
      select current_setting(name, true) as value, quote_ident(current_user) as role from unnest(${names}::text[]) with ordinality as s (name, nth)
      order by nth
    `.execute(transaction);
    // PostgreSQL returns the value in the form that current_setting has, such as 1200ms for 1200.
    const expected = await sql<{ value: string }>`
      select set_config(name, value, true) as value
      from unnest(${names}::text[], ${Object.values(asked)}::text[]) with ordinality as s (name, value, nth)
      order by nth
    `.execute(transaction);
    return names.flatMap((name, index) => {
      const pair = { has: has.rows[index]?.value ?? '', expected: expected.rows[index]?.value ?? '' };
      return pair.has === pair.expected ? [] : [{ name, role: has.rows[index]?.role, ...pair }];
    });
  });
  if (wrong.length === 0) return;
  const list = wrong.map(({ name, has, expected }) => `${name} is ${has || 'empty'}, not ${expected}`);
  const statements = wrong.map(
    ({ name, role }) => `alter role ${role} set ${name} = ${quote(asked[name] ?? '')};`,
  );
  throw new UserError(
    'store-unusable',
    `the sessions of this database lack settings that serve depends on, since a pooler such as PgBouncer drops them: ${list.join('; ')}`,
    {
      hint: `Set them for the role, and let the pooler reconnect: ${statements.join(' ')} See "Poolers" in docs/replicas.md.`,
      exitCode: 3,
    },
  );
}

/** Lists, such as that of search_path, must not be quoted as a whole. */
function quote(value: string): string {
  return /^[\w$", ]+$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`;
}
