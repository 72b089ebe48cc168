import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DCLinter } from 'dclint';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { need } from '../support/need.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const deploy = fileURLToPath(new URL('../../deploy/', import.meta.url));

interface Report {
  readonly messages: readonly { readonly rule: string; readonly message: string }[];
}

/** Its rules on the order of keys are taste, and the file does without them. */
const order = {
  'service-keys-order': 0,
  'services-alphabetical-order': 0,
  'top-level-properties-order': 0,
  'require-quotes-in-ports': 0,
} as const;

describe('deploy/compose.yaml', () => {
  const problems = async (file: string) =>
    new DCLinter({ rules: order, quiet: false, debug: false, exclude: [] })
      .lintFiles([file], false)
      .flatMap(({ messages }: Report) => messages.map(({ rule, message }) => `${rule}: ${message}`));

  it("passes dclint, with the Compose specification's schema", async () => {
    expect(await problems(join(deploy, 'compose.yaml'))).toEqual([]);
    const wrong = join(await temporaryFolder(), 'compose.yaml');
    await writeFile(
      wrong,
      (await readFile(join(deploy, 'compose.yaml'), 'utf8')).replace('read_only', 'read_onyl'),
    );
    expect(await problems(wrong)).toEqual([expect.stringContaining('invalid-schema')]);
  });

  it('runs every service with a read-only root, without rights, and as long as it takes to stop', async () => {
    const { services } = parse(await readFile(join(deploy, 'compose.yaml'), 'utf8'), { merge: true });
    expect(Object.keys(services)).toEqual(['relay', 'caddy', 'socket-mode', 'postgres']);
    for (const service of Object.values<Record<string, unknown>>(services)) {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        restart: 'unless-stopped',
        profiles: [expect.any(String)],
      });
    }
    for (const name of ['relay', 'socket-mode']) {
      expect(services[name].command[0]).toBe('serve');
      expect(services[name].stop_grace_period).toBe('15s');
    }
  });
});

it('Caddy accepts deploy/Caddyfile', async () => {
  const caddy = await need('caddy');
  const home = await temporaryFolder();
  const { stdout, stderr } = await promisify(execFile)(
    caddy,
    ['validate', '--adapter=caddyfile', `--config=${join(deploy, 'Caddyfile')}`],
    { env: { PATH: process.env['PATH'], HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home } },
  );
  expect(stdout + stderr).toContain('Valid configuration');
  expect(stdout + stderr).not.toContain('"level":"warn"');
});
