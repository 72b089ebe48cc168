// `npm run coverage:all [-- test files]`: the lines and branches that the whole test suite runs, in its own process and in
// the programs that it starts. These run the bundle; its source maps lead back to the sources. Prints a table by folder,
// and writes the lines that nothing runs to coverage/unreached.txt. A program that is killed reports nothing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { mergeProcessCovs } from '@bcoe/v8-coverage';
import convert from 'ast-v8-to-istanbul';
import coverage from 'istanbul-lib-coverage';
import { parseAstAsync } from 'vitest/node';

const root = fileURLToPath(new URL('../', import.meta.url));
const folder = join(root, 'coverage');
const programs = join(root, 'build/coverage');

await rm(programs, { recursive: true, force: true });
await mkdir(programs, { recursive: true });
run(['scripts/build.js', '--source-maps']);
run(['scripts/prepare-tests.js']);
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--coverage', '--coverage.reporter=json'];
const tests = run([...vitest, '--coverage.reportOnFailure', ...process.argv.slice(2)], {
  // test/support/program-coverage.ts reads it.
  PROGRAM_COVERAGE: programs,
});
const map = coverage.createCoverageMap(
  JSON.parse(await readFile(join(folder, 'coverage-final.json'), 'utf8')),
);
map.merge(await coverageOfPrograms());
map.filter((file) => file.startsWith(join(root, 'src/')) && !file.includes('/generated/'));
await writeFile(join(folder, 'unreached.txt'), unreached(map));
console.log(table(map));
// Without source maps, as it is published.
run(['scripts/build.js']);
process.exitCode = tests;

/** @returns the exit code */
function run(args, env = {}) {
  const { error, status } = spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  if (error) throw error;
  return status ?? 1;
}

/** What the programs ran of each source. */
async function coverageOfPrograms() {
  const dist = pathToFileURL(join(root, 'dist/')).href;
  let merged = { result: [] };
  for (const name of await readdir(programs)) {
    const { result } = await readReport(join(programs, name));
    merged = mergeProcessCovs([merged, { result: result.filter(({ url }) => url.startsWith(dist)) }]);
  }
  const found = coverage.createCoverageMap();
  for (const script of merged.result) {
    const file = fileURLToPath(script.url);
    // The entry only loads the other files, and has no map.
    if (!existsSync(`${file}.map`)) continue;
    const [code, sourceMap] = await Promise.all([readFile(file, 'utf8'), readFile(`${file}.map`, 'utf8')]);
    const converted = await convert({
      code,
      sourceMap: JSON.parse(sourceMap),
      coverage: script,
      ast: parseAstAsync(code),
    });
    // As JSON, which writes an end of a line as the report of vitest does.
    found.merge(JSON.parse(JSON.stringify(converted)));
  }
  return found;
}

/** A program that was killed while it wrote leaves half a report. */
async function readReport(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return { result: [] };
  }
}

function unreached(map) {
  const lines = map.files().flatMap((file) => {
    const missing = map.fileCoverageFor(file).getUncoveredLines();
    return missing.length === 0 ? [] : [`${relative(root, file)}: ${missing.join(' ')}`];
  });
  return `${lines.sort().join('\n')}\n`;
}

function table(map) {
  const folders = new Map();
  const total = coverage.createCoverageSummary();
  for (const file of map.files()) {
    const name = relative(join(root, 'src'), dirname(file)) || '.';
    const summary = folders.get(name) ?? coverage.createCoverageSummary();
    folders.set(name, summary);
    for (const sum of [summary, total]) sum.merge(map.fileCoverageFor(file).toSummary());
  }
  const row = (name, { lines, branches }) => `| ${name} | ${lines.pct}% | ${branches.pct}% |`;
  return [
    '| Folder | Lines | Branches |',
    '| --- | --- | --- |',
    row('all', total),
    ...[...folders]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, summary]) => row(`\`${name}\``, summary)),
  ].join('\n');
}
