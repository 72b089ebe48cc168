import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launcher } from '../support/program.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const limit = 240_000;

/** npm as a new user has it: nothing of the test run's own npm settings leaks in but where the registry is. */
async function npm(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('npm', [...args, '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: folder,
  });
  return stdout;
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

let folder: string;
let packed: Packed;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-package-'));
  // The program is built already; building it again would pull it away under the other tests.
  const [first]: Packed[] = JSON.parse(
    await npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder),
  );
  if (!first) throw new Error('npm pack made nothing');
  packed = first;
}, limit);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the tarball', () => {
  it('holds the built program, schemas and templates, and neither tests nor sources', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'bin/spacelift-slack.js',
        'dist/main.js',
        'dist/third-party-licenses.txt',
        'docs/doctor.md',
        'docs/reference.md',
        'man/spacelift-slack.1',
        'schemas/slack-app-manifest.schema.json',
        'templates/slack-app-manifest.json',
        'LICENSE',
        'README.md',
        'CHANGELOG.md',
      ]),
    );
    const tops = new Set(paths.map((path) => path.split('/')[0]));
    expect([...tops].sort()).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'bin',
        'dist',
        'docs',
        'man',
        'package.json',
        'schemas',
        'templates',
      ].sort(),
    );
    expect(paths.filter((path) => /\.ts$|\.test\.|\.map$/.test(path))).toEqual([]);
  });

  it(
    'installs and runs: in a project through npx, and as a global command',
    async () => {
      const tarball = join(folder, packed.filename);
      const args = ['manifest', '--domain', 'spacelift.example.com'];
      const { stdout: expected } = await run(process.execPath, [launcher, ...args]);
      expect(JSON.parse(expected)).toMatchObject({ display_information: { name: 'Spacelift' } });

      await writeFile(join(folder, 'package.json'), '{"private":true}');
      await npm(folder, 'install', tarball);
      const project = await run('npx', ['--no-install', 'spacelift-slack', ...args], { cwd: folder });
      expect(project.stdout).toBe(expected);

      const prefix = join(folder, 'global');
      await npm(folder, 'install', '--global', '--prefix', prefix, tarball);
      const global = await run(join(prefix, 'bin/spacelift-slack'), args, { cwd: folder });
      expect(global.stdout).toBe(expected);
      // Every command loads what it needs from what was installed.
      for (const command of ['env', 'doctor', 'serve', 'trigger', 'app', 'explain', 'completion']) {
        const { stdout } = await run(join(prefix, 'bin/spacelift-slack'), [command, '--help'], {
          cwd: folder,
        });
        expect(stdout).toContain(`Usage: spacelift-slack ${command}`);
      }
    },
    limit,
  );
});
