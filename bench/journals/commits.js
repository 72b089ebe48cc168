// Commits of events a second with node:sqlite, for each journal in turns. Prints the result as JSON.
// Run by bench/journals.js with a version of Node that has node:sqlite.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { comparePairs, median } from '../pairs.js';

const turns = Number(process.argv[2]);
const turnMs = 300;
const body = 'x'.repeat(600);
const folder = mkdtempSync(join(tmpdir(), 'spacelift-slack-bench-'));

/** The settings of the store, with one journal or the other. */
function open(journal) {
  const database = new DatabaseSync(join(folder, `${journal}.db`));
  database.exec(`pragma journal_mode = ${journal}; pragma synchronous = full; pragma secure_delete = on;
    create table events (id integer primary key, event_id text unique not null, body text not null)`);
  return { database, insert: database.prepare('insert into events (event_id, body) values (?, ?)') };
}

let next = 0;

/** Events a second, in commits of so many. */
function rate({ database, insert }, group) {
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < turnMs; count += group) {
    database.exec('begin immediate');
    for (let item = 0; item < group; item += 1) insert.run(`Ev${++next}`, body);
    database.exec('commit');
  }
  return (count / (performance.now() - start)) * 1_000;
}

const journals = { truncate: open('truncate'), wal: open('wal') };
const groups = [1, 32].map((group) => {
  const rates = { truncate: [], wal: [] };
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [name, journal] of Object.entries(journals)) rates[name].push(rate(journal, group));
  }
  return {
    group,
    truncate: median(rates.truncate),
    wal: median(rates.wal),
    ratio: comparePairs(rates.wal, rates.truncate),
  };
});
for (const { database } of Object.values(journals)) database.close();
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ node: process.version, sqlite: process.versions.sqlite, groups }));
