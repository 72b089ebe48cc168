import { answers, hasPostgresServer, startPostgresServer } from './postgres-server.ts';

/**
 * Says in TEST_DATABASE_URL which PostgreSQL the tests share: the one that is named there, else the usual one of this
 * machine, else one that is started for this run. Where there is none at all, the tests that need one fail.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const ends: (() => Promise<void>)[] = [];
  const usual = 'postgres://postgres@127.0.0.1:5432/test';
  if (!process.env['TEST_DATABASE_URL']) {
    if (await answers(usual)) process.env['TEST_DATABASE_URL'] = usual;
    else if (await hasPostgresServer()) {
      const server = await startPostgresServer((end) => ends.push(end));
      process.env['TEST_DATABASE_URL'] = server.url;
    }
  }
  return async () => {
    for (const end of ends.reverse()) await end();
  };
}
