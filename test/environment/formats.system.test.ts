import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { type Credentials, variablesOf } from '../../src/environment/credentials.ts';
import { need } from '../support/need.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { expected, render, samples, writable } from './format-samples.ts';

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

describe('dotenv', () => {
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
