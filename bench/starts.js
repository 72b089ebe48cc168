// The starts that are measured: what people and scripts run often.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../bin/spacelift-slack.cjs', import.meta.url));
const program = ['--', launcher];
const render = [...program, 'manifest', '--domain', 'spacelift.example.com'];

/**
 * @param {string} folder a manifest is written to it
 * @returns {Record<string, string[]>} the arguments of Node for each start; the first starts nothing
 */
export function starts(folder) {
  const manifest = join(folder, 'manifest.json');
  writeFileSync(manifest, spawnSync(process.execPath, render).stdout);
  return {
    'node -e 0': ['-e', '0'],
    '--help': [...program, '--help'],
    'serve --help': [...program, 'serve', '--help'],
    'explain --help': [...program, 'explain', '--help'],
    'env --help': [...program, 'env', '--help'],
    'doctor --list': [...program, 'doctor', '--list'],
    'manifest --domain': render,
    'manifest validate, 1 file': [...program, 'manifest', 'validate', manifest],
  };
}

export const makeFolder = () => mkdtempSync(join(tmpdir(), 'spacelift-slack-bench-'));
