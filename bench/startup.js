// Whole runs beside an empty Node process, on several versions of Node; and `manifest validate` of many files beside
// ajv-cli, which checks the same schema without positions, without the rules between fields, and without hints.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFolder } from '../scripts/node-version.js';
import { compareStarts } from './pairs.js';
import { makeFolder, starts } from './starts.js';
import { figure, ratioCell, table } from './table.js';

const nodeVersions = ['20', '22', '24'];
const fileCounts = [1, 10, 100, 1_000];
const ajvCli = '5.0.0';
const schema = fileURLToPath(new URL('../schemas/slack-app-manifest.schema.json', import.meta.url));

/** @param {{ turns?: number }} [options] */
export async function measureStartUp({ turns = 20 } = {}) {
  const nodes = nodeVersions.map((version) => join(nodeFolder(version), 'node'));
  const ajv = installAjvCli();
  const folder = makeFolder();
  try {
    const cases = starts(folder);
    return {
      starts: nodes.map((node) => ({ node: versionOf(node), runs: compareStarts(cases, turns, node) })),
      ajvCli,
      validations: fileCounts.map((count) => {
        const validate = cases['manifest validate, 1 file'];
        const [ajvRun, ownRun] = compareStarts(
          validations(validate, ajv, folder, count),
          Math.max(3, Math.ceil(turns / 3)),
        );
        return { files: count, ajv: ajvRun, own: ownRun };
      }),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The result as two tables in Markdown: the starts, and the validations of many files. */
export function formatStartUp(result) {
  return `${formatStarts(result)}\n\n${formatValidations(result)}`;
}

function formatStarts({ starts: [own, ...others] }) {
  const nodes = [own, ...others];
  const names = own.runs.map(({ name }) => name);
  return table(
    ['run', `ms on ${own.node}`, ...nodes.map(({ node }) => `of \`node -e 0\`, ${node}`)],
    names.map((name, index) => [
      index === 0 ? `\`${name}\`` : name,
      figure(own.runs[index].milliseconds),
      ...nodes.map(({ runs }) => ratioCell(runs[index])),
    ]),
  );
}

function formatValidations({ ajvCli: version, validations: rows }) {
  return table(
    ['files', '`manifest validate`', `ajv-cli ${version}`, 'ratio'],
    rows.map(({ files, ajv, own }) => [
      files.toLocaleString('en'),
      `${figure(own.milliseconds)} ms`,
      `${figure(ajv.milliseconds)} ms`,
      ratioCell(own),
    ]),
  );
}

/** Both programs with as many files. */
function validations(validate, ajv, folder, count) {
  const manifest = readFileSync(validate.at(-1));
  const names = Array.from({ length: count }, (_, index) => join(folder, `${count}-${index}.json`));
  for (const name of names) writeFileSync(name, manifest);
  return {
    'ajv-cli': [ajv, 'validate', '--spec=draft2020', '-s', schema, '-d', join(folder, `${count}-*.json`)],
    'manifest validate': [...validate.slice(0, -1), ...names],
  };
}

function versionOf(node) {
  return `Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1)}`;
}

/** Not a development dependency: nothing but this file uses it. */
function installAjvCli() {
  const prefix = fileURLToPath(new URL(`../node_modules/.cache/ajv-cli-${ajvCli}`, import.meta.url));
  const program = join(prefix, 'node_modules/ajv-cli/dist/index.js');
  if (existsSync(program)) return program;
  const args = ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `ajv-cli@${ajvCli}`];
  const { status } = spawnSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`cannot install ajv-cli@${ajvCli}`);
  return program;
}
