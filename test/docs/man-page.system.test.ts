import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { need } from '../support/need.ts';

const run = promisify(execFile);
const page = fileURLToPath(new URL('../../man/spacelift-slack.1', import.meta.url));

it('mandoc finds nothing wrong with the man page', async () => {
  const mandoc = await need('mandoc');
  // A date would make each release's page differ from what is generated.
  const findings = await run(mandoc, ['-T', 'lint', '-W', 'style', page]).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
  expect(findings.split('\n').filter((line) => line !== '' && !line.includes('missing date'))).toEqual([]);
});

it('mandoc shows each command with its options', async () => {
  const { stdout } = await run(await need('mandoc'), ['-T', 'ascii', page]);
  const text = stdout.replaceAll(/.\x08/g, '');
  expect(text).toMatch(/^ {3}serve events list \[options\]$/m);
  expect(text).toMatch(/^ +--webhook-domain <domain>$/m);
  expect(text).toMatch(/^EXIT STATUS$/m);
});
