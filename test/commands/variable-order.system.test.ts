import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { credentialParts, credentialVariables } from '../../src/environment/credentials.ts';
import { deploymentFormats } from '../../src/environment/formats/formats.ts';
import { runInProcess } from '../support/in-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const names = credentialParts.map((part) => credentialVariables[part]);
const values = ['2833563543.1341693891393', 'c0ffee00'.repeat(4), '8f742231'.repeat(4)];
// The parameters of CloudFormation have other names.
const formats = deploymentFormats.filter(({ name }) => name !== 'cloudformation');
const backwards = names
  .map((name, index) => `${name}=${values[index]}\n`)
  .toReversed()
  .join('');

it.each([
  { state: 'nothing set', file: '', args: ['env'] },
  { state: 'nothing set', file: '', args: ['doctor', '--offline'] },
  { state: 'a file in another order', file: backwards, args: ['env'] },
  ...formats.map(({ name }) => ({
    state: 'a file in another order',
    file: backwards,
    args: ['env', '--format', name, '--reveal'],
  })),
])('names the three variables in one order: $args, with $state', async ({ file, args }) => {
  const cwd = await temporaryFolder(onTestFinished);
  await writeFile(join(cwd, '.env'), file);
  const { output } = await runInProcess(args, { cwd });
  const named = output.match(new RegExp(`\\b(${names.join('|')})\\b`, 'g')) ?? [];
  const changes = named.filter((name, index) => name !== named[index - 1]);
  expect(changes.length).toBeGreaterThan(0);
  expect(changes).toEqual(changes.map((_, index) => names[index % names.length]));
});
