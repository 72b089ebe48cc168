// What a write-ahead log would gain with node:sqlite, beside the rollback journal that the store uses.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Database from 'libsql';
import { nodeFolder } from '../scripts/node-version.js';
import { figure, ratioCell, table } from './table.js';

const nodeVersions = ['24', '26'];
const script = fileURLToPath(new URL('journals/commits.js', import.meta.url));

/** @param {{ turns?: number }} [options] */
export async function compareJournals({ turns = 9 } = {}) {
  const nodes = [];
  for (const version of nodeVersions) {
    const node = join(nodeFolder(version), 'node');
    const { stdout } = await promisify(execFile)(node, ['--no-warnings', script, String(turns)]);
    nodes.push(JSON.parse(stdout));
  }
  const { version } = new Database(':memory:').prepare('select sqlite_version() as version').get();
  return { libsql: version, nodes };
}

/** The result as a table in Markdown. */
export function formatJournals({ nodes }) {
  return table(
    ['node:sqlite', 'events a commit', 'rollback journal, events/s', 'write-ahead log, events/s', 'ratio'],
    nodes.flatMap(({ node, sqlite, groups }) =>
      groups.map(({ group, truncate, wal, ratio }) => [
        `Node ${node.slice(1)}, SQLite ${sqlite}`,
        group,
        figure(truncate),
        figure(wal),
        ratioCell(ratio),
      ]),
    ),
  );
}
