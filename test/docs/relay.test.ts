import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { runInProcess } from '../support/in-process.ts';

const page = new URL('../../docs/relay.md', import.meta.url);
let text: string;
beforeAll(async () => {
  text = await readFile(page, 'utf8');
});

it('docs/relay.md names options that there are', async () => {
  const commands = [
    'serve',
    'serve events list',
    'serve events show',
    'serve events retry',
    'serve events resend',
    'serve events drop',
    'manifest',
    'doctor',
    'init',
  ];
  const help = await Promise.all(
    commands.map((command) => runInProcess([...command.split(' '), '--help'], { cwd: '/' })),
  );
  const known = new Set(help.flatMap(({ stdout }) => stdout.match(/--[a-z-]+/g) ?? []));
  const shown = text.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? [];
  expect(shown.length).toBeGreaterThan(10);
  expect([...new Set(shown)].filter((option) => !known.has(option))).toEqual([]);
});
