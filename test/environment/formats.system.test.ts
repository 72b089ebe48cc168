import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { parse as parseDotenv } from 'dotenv';
import fc from 'fast-check';
import hcl from 'hcl2-parser';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { type Credentials, variablesOf } from '../../src/environment/credentials.ts';
import { deploymentFormats } from '../../src/environment/formats/formats.ts';
import { renderFormats } from '../../src/environment/formats/page.ts';
import { need } from '../support/need.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const deployment = { namespace: 'spacelift', secretName: 'spacelift-shared' };

const named = [
  '8f74$22{x}',
  `a"b'c`,
  '#x',
  '2833563543.1341693891393',
  '8f742231b10e8888abcd99e0e0e085a5',
  'a\\',
];
const random = fc.sample(
  fc
    .string({ unit: fc.constantFrom(...printable(), 'é', '世', '🎉'), minLength: 1, maxLength: 40 })
    .filter((value) => value === value.trim() && value !== ''),
  { numRuns: 200, seed: 7 },
);
const values = [...named, ...named, ...random, 'a', 'b'];

/** All values, each in some place. */
const samples: readonly Credentials[] = Array.from({ length: Math.floor(values.length / 3) }, (_, index) => {
  const [clientId = '', clientSecret = '', signingSecret = ''] = values.slice(3 * index, 3 * index + 3);
  return { clientId, clientSecret, signingSecret };
});

function printable(): string[] {
  return Array.from({ length: 0x7f - 0x20 }, (_, index) => String.fromCharCode(0x20 + index));
}

function render(name: string, credentials: Credentials): string {
  const form = deploymentFormats.find((candidate) => candidate.name === name);
  if (!form) throw new Error(`no form ${name}`);
  return form.render(credentials, deployment);
}

async function files(name: string, credentials: readonly Credentials[]): Promise<string[]> {
  const folder = await temporaryFolder();
  return credentials.map((sample, index) => {
    const file = join(folder, `${index}`);
    writeFileSync(file, render(name, sample));
    return file;
  });
}

async function python(reader: string, names: readonly string[]): Promise<unknown> {
  const script = fileURLToPath(new URL('read-formats.py', import.meta.url));
  const python3 = await need('python3 with yaml');
  return JSON.parse(execFileSync(python3, [script, reader, ...names], { encoding: 'utf8' }));
}

const expected = (credentials: readonly Credentials[]) => credentials.map(variablesOf);

/** The dotenv format has no way to hold all three kinds of quotes at once, or some mixes of quote and backslash. */
const writable = samples.filter((sample) => {
  try {
    return render('dotenv', sample) !== '';
  } catch {
    return false;
  }
});

describe('dotenv', () => {
  it('can hold nearly every value', () => {
    expect(writable.length).toBeGreaterThan(samples.length * 0.9);
    expect(writable.slice(0, 4)).toEqual(samples.slice(0, 4));
  });

  it("reads the same with dotenv and with node's parser", () => {
    for (const sample of writable) {
      expect(parseDotenv(render('dotenv', sample))).toEqual(variablesOf(sample));
      expect({ ...parseEnv(render('dotenv', sample)) }).toEqual(variablesOf(sample));
    }
  });

  it('reads the same with node --env-file', async () => {
    const few = writable.slice(0, 4);
    const script = 'process.stdout.write(JSON.stringify(process.env))';
    const read = (await files('dotenv', few)).map((file) => {
      const text = execFileSync(process.execPath, [`--env-file=${file}`, '-e', script], {
        env: {},
        encoding: 'utf8',
      });
      return JSON.parse(text);
    });
    expect(read).toEqual(few.map((sample) => expect.objectContaining(variablesOf(sample))));
  });
});

describe('shell', () => {
  it.each(['sh', 'bash', 'dash', 'zsh', 'busybox'] as const)('reads the same with %s', async (shell) => {
    if (shell !== 'sh') await need(shell);
    const args = shell === 'busybox' ? ['sh'] : [];
    // A child sees what was exported, and nothing else.
    const script = 'for file; do (. "$file"; env -0; printf "\\0"); done';
    const output = execFileSync(shell, [...args, '-c', script, shell, ...(await files('shell', samples))], {
      env: { PATH: process.env['PATH'] ?? '' },
      encoding: 'utf8',
      // Where stdin is a socket, bash takes itself for a login from afar and reads ~/.bashrc.
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const read = output
      .split('\0\0')
      .filter((text) => text !== '')
      .map((text) => Object.fromEntries(text.split('\0').map((line) => line.split(/=(.*)/s))));
    expect(
      read.map(({ SLACK_APP_CLIENT_ID, SLACK_APP_CLIENT_SECRET, SLACK_SECRET }) => ({
        SLACK_APP_CLIENT_ID,
        SLACK_APP_CLIENT_SECRET,
        SLACK_SECRET,
      })),
    ).toEqual(expected(samples));
  });
});

describe('docker', () => {
  it("reads the same by docker's rule", async () => {
    expect(await python('docker', await files('docker', samples))).toEqual(expected(samples));
  });

  it('reads the same with the docker client itself', async () => {
    await need('docker');
    const bodies: string[] = [];
    const daemon = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        if (request.url?.includes('/containers/create')) bodies.push(body);
        response.setHeader('Api-Version', '1.41').end('{"Id":"x","Warnings":[]}');
      });
    });
    daemon.listen(0, '127.0.0.1');
    await once(daemon, 'listening');
    const address = daemon.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const few = samples.slice(0, 6);
    for (const file of await files('docker', few)) {
      const child = spawn('docker', ['create', '--env-file', file, 'image'], {
        env: {
          PATH: process.env['PATH'] ?? '',
          DOCKER_HOST: `tcp://127.0.0.1:${port}`,
          HOME: '/nonexistent',
        },
        stdio: 'ignore',
      });
      expect(await once(child, 'close')).toEqual([0, null]);
    }
    daemon.close();
    expect(bodies.map((body) => JSON.parse(body).Env)).toEqual(
      few.map((sample) => Object.entries(variablesOf(sample)).map(([key, value]) => `${key}=${value}`)),
    );
  });
});

describe('systemd', () => {
  it('reads the same by the rules of systemd.exec(5)', async () => {
    expect(await python('systemd', await files('systemd', samples))).toEqual(expected(samples));
  });

  it("reads the same with systemd's own parser", async () => {
    await need('libsystemd');
    expect(await python('libsystemd', await files('systemd', samples))).toEqual(expected(samples));
  });
});

describe('compose', () => {
  /** What Compose does with a value after YAML: `$$` is a dollar sign, any other one begins a variable. */
  const interpolate = (value: string) => {
    expect(value.replaceAll('$$', '')).not.toContain('$');
    return value.replaceAll('$$', '$');
  };
  const check = (document: ReturnType<typeof parseYaml>, sample: Credentials) => {
    expect(Object.keys(document.services)).toEqual(['server', 'drain', 'scheduler']);
    for (const service of ['server', 'drain', 'scheduler']) {
      const { environment } = document.services[service];
      const read = Object.entries(environment).map(([key, value]) => [key, interpolate(String(value))]);
      expect(Object.fromEntries(read)).toEqual(variablesOf(sample));
    }
  };

  it('reads the same with YAML 1.2 and 1.1', async () => {
    const documents = await python('yaml', await files('compose', samples));
    if (!Array.isArray(documents)) throw new Error('no documents');
    for (const [index, sample] of samples.entries()) {
      check(parseYaml(render('compose', sample)), sample);
      check(documents[index], sample);
    }
  });
});

describe.each(['kubernetes', 'kubernetes-patch'])('%s', (name) => {
  it('reads the same with YAML 1.2 and 1.1', async () => {
    const documents = await python('yaml', await files(name, samples));
    const inYaml12 = samples.map((sample) => parseYaml(render(name, sample), { version: '1.2' }));
    const secrets = expected(samples).map((stringData) => expect.objectContaining({ stringData }));
    expect(documents).toEqual(secrets);
    expect(inYaml12).toEqual(secrets);
  });
});

it('a Kubernetes manifest is a whole Secret, a patch holds the values alone', () => {
  const [sample = { clientId: '', clientSecret: '', signingSecret: '' }] = samples;
  const place = { namespace: 'infra', secretName: 'sl.shared' };
  const [manifest, patch] = ['kubernetes', 'kubernetes-patch'].map((name) => {
    const text = deploymentFormats.find((form) => form.name === name)?.render(sample, place) ?? '';
    return { text, document: parseYaml(text) };
  });
  expect(manifest?.document).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: 'sl.shared', namespace: 'infra' },
    stringData: variablesOf(sample),
  });
  expect(patch?.document).toEqual({ stringData: variablesOf(sample) });
  expect(patch?.text).toContain('kubectl patch secret sl.shared -n infra --type=merge --patch-file');
});

describe.each(['json', 'aws-secret'])('%s', (name) => {
  it('reads the same as JSON', () => {
    for (const sample of samples) expect(JSON.parse(render(name, sample))).toEqual(variablesOf(sample));
  });
});

it('cloudformation reads the same as JSON', () => {
  for (const { clientId, clientSecret, signingSecret } of samples) {
    expect(JSON.parse(render('cloudformation', { clientId, clientSecret, signingSecret }))).toEqual({
      slack_config: {
        enabled: true,
        client_id: clientId,
        client_secret: clientSecret,
        signing_secret: signingSecret,
      },
    });
  }
});

describe('terraform-ecs', () => {
  it('is HCL that names the variables, and holds no value', () => {
    const [sample = { clientId: '', clientSecret: '', signingSecret: '' }] = samples.slice(-10);
    const text = render('terraform-ecs', sample);
    for (const value of Object.values(sample)) expect(text).not.toContain(value);
    const arn = `\${${'aws_secretsmanager_secret.slack_credentials'}.arn}`;
    const [document, problem] = hcl.parseToObject(text);
    expect(problem).toBeNull();
    expect(document).toMatchObject({
      resource: {
        aws_secretsmanager_secret: { slack_credentials: [{ name: 'spacelift/slack-application' }] },
      },
      locals: [
        {
          slack_sensitive_env_vars: Object.keys(variablesOf(sample)).map((name) => ({
            name,
            valueFrom: `${arn}:${name}::`,
          })),
          slack_secret_arns: [arn],
        },
      ],
    });
  });
});

describe('every format', () => {
  it.each(deploymentFormats.map((format) => [format.name, format] as const))(
    '%s ends with one line break',
    (_name, format) => {
      const [sample = { clientId: '', clientSecret: '', signingSecret: '' }] = samples;
      expect(format.render(sample, deployment)).toMatch(/[^\n]\n$/);
    },
  );

  it('has a unique name', () => {
    const names = deploymentFormats.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('is in docs/env.md (npm run docs)', async () => {
    const page = await readFile(new URL('../../docs/env.md', import.meta.url), 'utf8');
    expect(page).toContain(`-->\n\n${renderFormats()}\n\n<!-- end of formats -->\n`);
  });
});
