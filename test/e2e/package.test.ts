import { execFile } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import cmdShim from 'cmd-shim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launcher } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

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

/** The folders of all packages in a project's node_modules. */
async function installedPackages(project: string): Promise<string[]> {
  const { stdout } = await run('npm', ['ls', '--all', '--parseable'], { cwd: project });
  return stdout.trim().split('\n').slice(1);
}

async function bytesBelow(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('the tarball', () => {
  it('holds the built program, schemas and templates, and neither tests nor sources', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'bin/spacelift-slack.cjs',
        'bin/spacelift-slack-windows.cjs',
        'dist/main.cjs',
        'dist/sbom.cdx.json',
        'dist/third-party-licenses.txt',
        'docs/doctor.md',
        'docs/reference.md',
        'man/spacelift-slack.1',
        'schemas/project.schema.json',
        'schemas/slack-app-manifest.schema.json',
        'templates/slack-app-manifest.json',
        'LICENSE',
        'README.md',
        'CHANGELOG.md',
        'SECURITY.md',
        'deploy/systemd/spacelift-slack.service',
        'deploy/kubernetes/base/kustomization.yaml',
      ]),
    );
    const tops = new Set(paths.map((path) => path.split('/')[0]));
    expect([...tops].sort()).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'SECURITY.md',
        'bin',
        'deploy',
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

      expect((await installedPackages(folder)).length).toBeLessThanOrEqual(12);
      expect(await bytesBelow(join(folder, 'node_modules'))).toBeLessThan(25_000_000);

      const prefix = join(folder, 'global');
      await npm(folder, 'install', '--global', '--prefix', prefix, tarball);
      const global = await run(join(prefix, 'bin/spacelift-slack'), args, { cwd: folder });
      expect(global.stdout).toBe(expected);
      // man looks beside the folders of PATH.
      await access(join(prefix, 'share/man/man1/spacelift-slack.1'));
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

  it(
    'works without SQLite, and serve says what to use instead',
    async () => {
      const project = await temporaryFolder();
      await writeFile(join(project, 'package.json'), '{"private":true}');
      await npm(project, 'install', '--omit=optional', join(folder, packed.filename));
      const [only, ...others] = await installedPackages(project);
      expect([only?.endsWith('/node_modules/spacelift-slack'), others]).toEqual([true, []]);

      const program = join(project, 'node_modules/.bin/spacelift-slack');
      const { stdout } = await run(program, ['manifest', '--domain', 'spacelift.example.com']);
      expect(JSON.parse(stdout)).toMatchObject({ display_information: { name: 'Spacelift' } });
      const serve = run(program, ['serve', '--store', 'sqlite:serve.db', '--listen', '127.0.0.1:0'], {
        cwd: project,
        env: { ...process.env, SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5' },
        timeout: 60_000,
      });
      await expect(serve).rejects.toMatchObject({
        code: 3,
        stderr: expect.stringMatching(
          /error: SQLite is not installed.*\nhint: Use PostgreSQL.*--include=optional/s,
        ),
      });
      await expect(access(join(project, 'serve.db'))).rejects.toMatchObject({ code: 'ENOENT' });
    },
    limit,
  );
});

describe('the scripts that npm writes on Windows', () => {
  it.each([
    ['spacelift-slack-windows', /"%_prog%" +-- +"%dp0%[^"]+spacelift-slack-windows\.cjs" %\*/, 'node'],
    ['spacelift-slack', /"%_prog%" +"%dp0%[^"]+spacelift-slack\.cjs" %\*/, 'sh'],
  ])('%s is started by %s', async (name, line, interpreter) => {
    const to = join(await temporaryFolder(), name);
    await cmdShim(join(root, 'bin', `${name}.cjs`), to);
    const script = await readFile(`${to}.cmd`, 'utf8');
    expect(script).toContain(`SET "_prog=${interpreter}"`);
    expect(script).toMatch(line);
    // The script without an ending is for the shells of Git for Windows and Cygwin, and runs here too.
    const args = ['env', '--env-file', 'missing.env'];
    await expect(run('sh', [to, ...args])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the env file missing.env cannot be read'),
    });
  });
});

it('lists every package in the bundle with its licence, in text and as a bill of materials', async () => {
  const texts = await readFile(join(root, 'dist/third-party-licenses.txt'), 'utf8');
  const {
    components,
  }: { components: readonly { group?: string; name: string; version: string; scope: string }[] } = JSON.parse(
    await readFile(join(root, 'dist/sbom.cdx.json'), 'utf8'),
  );
  const listed = components.map(({ group, name, version, scope }) => ({
    name: `${group === undefined ? '' : `${group}/`}${name} ${version}`,
    scope,
  }));
  const licensed = [...texts.matchAll(/^(\S+ \d+\.\d+\.\d+\S*) \(.+\)$/gm)].map(([, name]) => name);
  const bundled = listed.filter(({ scope }) => scope === 'required').map(({ name }) => name);
  expect(bundled.sort()).toEqual(licensed.sort());
  expect(bundled.map((name) => name.split(' ')[0])).toEqual(
    expect.arrayContaining([
      '@inquirer/prompts',
      '@slack/web-api',
      'chalk',
      'commander',
      'dotenv',
      'pg',
      'undici',
    ]),
  );
  expect(listed.filter(({ scope }) => scope === 'optional')).toEqual([
    { name: expect.stringMatching(/^libsql /), scope: 'optional' },
  ]);
});
