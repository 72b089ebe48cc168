import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** One file for each import that a rule of the house forbids, and the module that it imports. */
const forbidden: readonly (readonly [file: string, specifier: string])[] = [
  ['src/commands/app/planted.ts', '../../main.ts'],
  ['src/commands/planted.ts', '../commands/env/env.ts'],
  ['src/cli/planted.ts', '../commands/env/env.ts'],
  ['src/cli/planted-2.ts', '../main.ts'],
  ['src/domain-planted.ts', './text/visible.ts'],
  ['src/terminal/planted.ts', '../cli/context.ts'],
  ['src/terminal/planted-2.ts', '../environment/settings.ts'],
  ...['manifest', 'environment', 'doctor', 'trigger', 'slack', 'server', 'store'].flatMap((room) =>
    ['commands/env', 'cli/context', 'terminal/terminal'].map(
      (target, index) => [`src/${room}/planted-${index}.ts`, `../${target}.ts`] as const,
    ),
  ),
  ...['manifest', 'environment', 'store'].flatMap((room) =>
    ['slack/signature', 'server/server', 'doctor/check'].map(
      (target, index) => [`src/${room}/deep/planted-${index}.ts`, `../../${target}.ts`] as const,
    ),
  ),
  ['src/doctor/checks/planted.ts', '../../server/server.ts'],
  ['src/server/relay/planted.ts', '../../doctor/check.ts'],
  ...['net', 'files', 'text'].flatMap((room) =>
    ['main', 'slack/signature', 'manifest/render', 'environment/settings', 'store/store'].map(
      (target, index) => [`src/${room}/planted-${index}.ts`, `../${target}.ts`] as const,
    ),
  ),
];

const allowed: readonly (readonly [file: string, specifier: string])[] = [
  ['src/main.ts', './commands/env/env.ts'],
  ['src/commands/app/allowed.ts', '../options/domain.ts'],
  ['src/doctor/allowed.ts', '../environment/settings.ts'],
  ['src/net/allowed.ts', '../text/visible.ts'],
  ['src/server/webhook/allowed.ts', '../../slack/signature.ts'],
];

it('reports each import that a rule of the house forbids, static or not, and no other', async () => {
  const folder = await project();
  for (const [file, specifier] of [...forbidden, ...allowed]) {
    await plant(folder, file, `import { one } from '${specifier}';\nexport const other = one;\n`);
    await plant(
      folder,
      file.replace(/\.ts$/, '.dynamic.ts'),
      `export const other = () => import('${specifier}');\n`,
    );
  }
  // What main may do is decided by its name.
  await plant(folder, 'src/main.dynamic.ts', 'export const other = 1;\n');

  const reported = await lint(folder, 'lint/style/noRestrictedImports');

  const expected = forbidden.flatMap(([file]) => [file, file.replace(/\.ts$/, '.dynamic.ts')]);
  expect(reported).toEqual(expected.sort());
});

it('reports a circle of two files, even where only types are imported', async () => {
  const folder = await project();
  await plant(folder, 'src/one.ts', "import type { Two } from './two.ts';\nexport type One = Two[];\n");
  await plant(folder, 'src/two.ts', "import type { One } from './one.ts';\nexport type Two = One | 2;\n");
  await plant(folder, 'src/three.ts', "import type { One } from './one.ts';\nexport type Three = One;\n");

  expect(await lint(folder, 'lint/suspicious/noImportCycles')).toEqual(['src/one.ts', 'src/two.ts']);
});

async function project(): Promise<string> {
  const folder = await temporaryFolder();
  const config = JSON.parse(await readFile(join(root, 'biome.json'), 'utf8')) as Record<string, unknown>;
  await writeFile(join(folder, 'biome.json'), JSON.stringify({ ...config, $schema: undefined }));
  await copyFile(join(root, '.gitignore'), join(folder, '.gitignore'));
  return folder;
}

async function plant(folder: string, file: string, text: string): Promise<void> {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** The files of a folder that break a rule, in the order of their names. */
async function lint(folder: string, rule: string): Promise<string[]> {
  const biome = join(root, 'node_modules/.bin/biome');
  const output = await new Promise<string>((resolve) => {
    const args = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
    execFile(biome, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (_, stdout) => resolve(stdout));
  });
  const { diagnostics } = JSON.parse(output) as {
    diagnostics: readonly {
      readonly category: string;
      readonly location: { readonly path: string | { file: string } };
    }[];
  };
  const files = diagnostics
    .filter(({ category }) => category === rule)
    .map(({ location: { path } }) => (typeof path === 'string' ? path : path.file));
  return [...new Set(files)].sort();
}
