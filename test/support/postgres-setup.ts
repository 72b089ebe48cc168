import { accepts, findServerPrograms, usualDatabase } from './needs.js';
import { startPostgresServer } from './postgres-server.ts';

/**
 * Sets TEST_DATABASE_URL to the PostgreSQL that the tests share. If it is unset: the usual database of this machine, or
 * else a server that is started for this run. Without PostgreSQL it stays unset.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const ends: (() => Promise<void>)[] = [];
  if (!process.env['TEST_DATABASE_URL']) {
    if (await accepts(usualDatabase)) process.env['TEST_DATABASE_URL'] = usualDatabase;
    else if (findServerPrograms() !== undefined) {
      const server = await startPostgresServer((end) => ends.push(end));
      process.env['TEST_DATABASE_URL'] = server.url;
    }
  }
  return async () => {
    for (const end of ends.reverse()) await end();
  };
}
