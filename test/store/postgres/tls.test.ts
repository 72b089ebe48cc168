import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacksPassword, readPostgresUrl } from '../../../src/store/postgres/url.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function tlsOf(query: string, host = 'db.example.com', files: Record<string, string> = {}) {
  const cwd = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  return (await readPostgresUrl(`postgres://${host}/d?${query}`, cwd)).tls;
}

describe('the files that a URL names', () => {
  const files = { 'ca.pem': 'the root', 'me.pem': 'a certificate', 'me.key': 'a key' };

  it('are read from the folder of the program', async () => {
    expect(await tlsOf('sslrootcert=ca.pem&sslcert=me.pem&sslkey=me.key', 'h', files)).toEqual({
      ssl: { ca: 'the root', cert: 'a certificate', key: 'a key', rejectUnauthorized: true },
      warning: undefined,
    });
    expect(await tlsOf('sslrootcert=ca.pem&sslmode=no-verify', 'h', files)).toMatchObject({
      ssl: { ca: 'the root', rejectUnauthorized: false },
    });
    expect(await tlsOf('sslcert=me.pem&sslmode=verify-ca', 'h', files)).toMatchObject({
      ssl: { cert: 'a certificate', rejectUnauthorized: true },
    });
  });

  it('mean TLS for a server of this machine too', async () => {
    expect((await tlsOf('', 'localhost')).ssl).toBe(false);
    expect(await tlsOf('sslrootcert=ca.pem', 'localhost', files)).toMatchObject({
      ssl: { ca: 'the root', rejectUnauthorized: true },
    });
  });

  it.each(['sslrootcert', 'sslcert', 'sslkey'])('are named if they cannot be read: %s', async (name) => {
    await expect(tlsOf(`${name}=missing.pem`)).rejects.toMatchObject({
      code: 'store-invalid',
      message: `the PostgreSQL URL names a file that cannot be read: ${name}=missing.pem`,
      hint: 'Check the name and the permissions of the file.',
      cause: expect.objectContaining({ code: 'ENOENT' }),
    });
  });
});

describe('sslmode', () => {
  const warnings = {
    disable: 'sslmode=disable: the connection to PostgreSQL is not encrypted',
    require: undefined,
    'verify-full': undefined,
    'verify-ca': 'sslmode=verify-ca: the name of the PostgreSQL server is not verified',
    'no-verify': 'sslmode=no-verify: the certificate of the PostgreSQL server is not verified',
  };

  it.each(Object.entries(warnings))(
    '%s warns of what is not verified, unless all stays here',
    async (mode, warning) => {
      expect((await tlsOf(`sslmode=${mode}`)).warning).toBe(warning);
      for (const host of [
        'localhost',
        '127.0.0.1',
        '[::1]',
        '%2Frun%2Fpostgresql',
        'localhost,127.100.20.30',
      ]) {
        expect((await tlsOf(`sslmode=${mode}`, host)).warning).toBeUndefined();
      }
      expect((await tlsOf(`sslmode=${mode}`, 'localhost,db.example.com')).warning).toBe(warning);
    },
  );

  it.each(['1127.0.0.1', '127.0.0.1.example.com', '127.0.0', 'localhost.example.com', 'xlocalhost'])(
    '%s is no host of this machine',
    async (host) => {
      expect((await tlsOf('', host)).ssl).toEqual({ rejectUnauthorized: true });
    },
  );

  it('verify-ca accepts any name on a certificate that is verified', async () => {
    const { ssl } = await tlsOf('sslmode=verify-ca');
    expect(ssl).toEqual({ rejectUnauthorized: true, checkServerIdentity: expect.any(Function) });
  });

  it.each(['prefer', 'allow', '', 'VERIFY-FULL'])('%j is rejected', async (mode) => {
    await expect(tlsOf(`sslmode=${mode}`)).rejects.toMatchObject({
      code: 'store-invalid',
      message: 'the PostgreSQL URL has an sslmode that is not supported',
      hint: expect.stringContaining('disable, require, verify-full, verify-ca, no-verify'),
    });
  });
});

it.each([
  ['postgres://u@h/d', true],
  ['postgres://h/d', true],
  ['postgres://u:@h/d', true],
  ['postgres://u:p@h/d', false],
  ['postgres://u:p@h1,h2/d', false],
])('%s has no password: %s', (location, expected) => {
  expect(lacksPassword(location)).toBe(expected);
});
