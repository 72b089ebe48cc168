import { describe, expect, it } from 'vitest';
import { isPostgresUrl, readPostgresUrl } from '../../../src/store/postgres/url.ts';

const read = (url: string) => readPostgresUrl(url, '/');

describe('the URL of a PostgreSQL', () => {
  it.each([
    ['postgres://u@h/d', true],
    ['postgresql://u@h/d', true],
    ['POSTGRES:', true],
    ['sqlite:postgres', false],
    ['postgresfile', false],
    ['sqlite:postgres:', false],
  ])('is recognised by its scheme: %s', (location, expected) => {
    expect(isPostgresUrl(location)).toBe(expected);
  });

  it.each([
    [
      'postgres://slack:p%40ss%2Fw%3A%25@db.example.com:6432/wire',
      {
        hosts: [{ host: 'db.example.com', port: 6432 }],
        user: 'slack',
        password: 'p@ss/w:%',
        database: 'wire',
        readWrite: false,
      },
    ],
    [
      'postgresql://db',
      { hosts: [{ host: 'db', port: 5432 }], database: undefined, user: undefined, password: undefined },
    ],
    [
      'postgres://u@[::1]:5433/d',
      { hosts: [{ host: '::1', port: 5433 }], location: 'postgres://[::1]:5433/d' },
    ],
    [
      'postgres:///d',
      { hosts: [{ host: 'localhost', port: 5432 }], location: 'postgres://localhost:5432/d' },
    ],
    ['postgres:///d?host=/run/postgresql', { hosts: [{ host: '/run/postgresql', port: 5432 }] }],
    ['postgres://%2Frun%2Fpostgresql/d', { hosts: [{ host: '/run/postgresql', port: 5432 }] }],
    [
      'postgres://u:a,b@h1,[::1]:5433/d',
      {
        hosts: [
          { host: 'h1', port: 5432 },
          { host: '::1', port: 5433 },
        ],
        password: 'a,b',
        readWrite: true,
        location: 'postgres://h1:5432,[::1]:5433/d',
      },
    ],
    [
      'postgres://h1:5433/d?host=a,b',
      {
        hosts: [
          { host: 'a', port: 5433 },
          { host: 'b', port: 5433 },
        ],
      },
    ],
    ['postgres://h/d?target_session_attrs=read-write', { readWrite: true }],
    ['postgres://h/d?connect_timeout=3', { connectTimeoutMs: 3000 }],
    ['postgres://h/d', { options: undefined, applicationName: 'spacelift-slack', poolSize: 10 }],
    [
      'postgres://h/d?options=-c%20search_path%3Dslack',
      { options: '-c search_path=slack', settings: { search_path: 'slack' } },
    ],
    [
      'postgres://h/d?options=-csearch_path%3Da%5C%20b,c%20%20--work-mem%3D8MB',
      { settings: { search_path: 'a b,c', work_mem: '8MB' } },
    ],
    ['postgres://h/d?application_name=wire-2&pool_max_conns=3', { applicationName: 'wire-2', poolSize: 3 }],
    ...['h', 'db.example.com', '10.0.0.1', '0.0.0.0', '127.0.0.1.example.com', '[fe80::1]'].map(
      (host): [string, object] => [
        `postgres://${host}/d`,
        { tls: { ssl: { rejectUnauthorized: true }, warning: undefined } },
      ],
    ),
    ...['', 'localhost', '127.0.0.1', '127.9.9.9', '[::1]'].map((host): [string, object] => [
      `postgres://${host}/d`,
      { tls: { ssl: false, warning: undefined } },
    ]),
    ['postgres://h/d?host=/run/postgresql', { tls: { ssl: false, warning: undefined } }],
    ['postgres://localhost,h/d', { tls: { ssl: { rejectUnauthorized: true } } }],
    ['postgres://localhost/d?sslmode=disable', { tls: { ssl: false, warning: undefined } }],
    [
      'postgres://h/d?sslmode=disable',
      { tls: { warning: 'sslmode=disable: the connection to PostgreSQL is not encrypted' } },
    ],
    [
      'postgres://h/d?sslmode=no-verify',
      { tls: { warning: 'sslmode=no-verify: the certificate of the PostgreSQL server is not verified' } },
    ],
    ['postgres://h/d?sslmode=disable', { tls: { ssl: false } }],
    ['postgres://h/d?sslmode=require', { tls: { ssl: { rejectUnauthorized: true }, warning: undefined } }],
    [
      'postgres://h/d?sslmode=verify-full',
      { tls: { ssl: { rejectUnauthorized: true }, warning: undefined } },
    ],
    ['postgres://h/d?sslmode=no-verify', { tls: { ssl: { rejectUnauthorized: false } } }],
    [
      'postgres://h/d?sslmode=verify-ca',
      { tls: { ssl: { rejectUnauthorized: true, checkServerIdentity: expect.any(Function) } } },
    ],
  ])('is parsed: %s', async (url, expected) => {
    expect(await read(url)).toMatchObject(expected);
  });

  it.each([
    'postgres://u:hunter2@',
    'postgres:u:hunter2@h/d',
    'postgres://u:hunt/er2@h/d',
    'postgres://u:12/hunter2@h/d',
    'postgres://u:12?hunter2@h/d',
    'postgres://u:12#hunter2@h/d',
    'postgres://u:12#hunter2',
    'postgres://u:hunter2%@h/d',
    'postgres://u:hunter2@h:port/d',
    'postgres://u:hunter2@h1:1,h2:x/d',
    'postgres://u:hunter2@h1:x,h2:2/d',
    'postgres://u:hunter2@h1,,h2/d',
    'postgres://u:hunter2@,/d',
    'postgres://u:hunter2@h/d/e',
    'postgres://u:hunter2@h/d?hunter2=1',
    'postgres://u:hunter2@h/d?sslmode=prefer',
    'postgres://u:hunter2@h/d?sslmode=allow',
    'postgres://u:hunter2@h/d?sslmode=',
    'postgres://u:hunter2@h/d?sslmode=require&sslmode=disable',
    'postgres://u:hunter2@h/d?sslrootcert=/no/such/file',
    'postgres://u:hunter2@h/d?target_session_attrs=standby',
    'postgres://u:hunter2@h/d?connect_timeout=0',
    'postgres://u:hunter2@h/d?options=-E',
    'postgres://u:hunter2@h/d?options=search_path%3Dslack',
    'postgres://u:hunter2@h/d?pool_max_conns=0',
    'postgres://u:hunter2@h/d?pool_max_conns=many',
  ])('is rejected without showing its password: %s', async (url) => {
    const error = await read(url).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ code: 'store-invalid', exitCode: 2 });
    expect(`${error} ${JSON.stringify(error)}`).not.toContain('hunter2');
    expect(`${error} ${JSON.stringify(error)}`).not.toContain('er2');
  });

  it('is rejected with the name of a parameter that is not supported', async () => {
    await expect(read('postgres://h/d?keepalives=0')).rejects.toMatchObject({
      message: expect.stringContaining('keepalives'),
      hint: expect.stringContaining('sslmode'),
    });
  });

  it.each([
    ['postgres://h/d?options=-E', 'has options that cannot be read', 'Write each setting as -c NAME=VALUE.'],
    [
      'postgres:h/d',
      'cannot be read',
      /^Write it as postgres:\/\/USER@HOST:PORT\/DATABASE .*percent-encoded/,
    ],
    ['postgres://h:x/d', 'cannot be read', /^Write it as/],
    ['postgres://h1,h2:x/d', 'cannot be read', /^Write it as/],
    ['postgres://u:a%@h/d', 'cannot be read', /^Write it as/],
    ['postgres://u:a/b@h/d', 'cannot be read', /^Write it as/],
    ['postgres://u:a?b@h/d', 'cannot be read', /^Write it as/],
    ['postgres://h/d/e', 'has a path with several parts; expected a database name', /^Write it as/],
    ['postgres://h/d/', 'has a path with several parts; expected a database name', /^Write it as/],
    [
      'postgres://h/d?connect_timeout=0',
      'has a connect_timeout that is not a positive number',
      /^Write it as/,
    ],
    [
      'postgres://h/d?connect_timeout=1.5',
      'has a connect_timeout that is not a positive number',
      /^Write it as/,
    ],
    ['postgres://h/d?pool_max_conns=x', 'has a pool_max_conns that is not a positive number', /^Write it as/],
    [
      'postgres://h/d?target_session_attrs=standby',
      'has a target_session_attrs that is not supported',
      /^Use read-write, or leave it out/,
    ],
    [
      'postgres://h/d?keepalives=0',
      'has the parameter keepalives that is not supported',
      /: application_name, connect_/,
    ],
    ['postgres://h/d?Hunter2=1', 'has a parameter that is not supported', /^Use only these parameters/],
    ['postgres://h/d?1hunter=1', 'has a parameter that is not supported', /^Use only these parameters/],
    ['postgres://h/d?hunter1=1', 'has a parameter that is not supported', /^Use only these parameters/],
    [`postgres://h/d?${'x'.repeat(41)}=1`, 'has a parameter that is not supported', /^Use only these/],
    ['postgres://h/d?sslmode=require&sslmode=require', 'has sslmode twice', /^Use only these parameters/],
  ])('is rejected with what is wrong: %s', async (url, problem, hint) => {
    await expect(read(url)).rejects.toMatchObject({
      message: `the PostgreSQL URL ${problem}`,
      hint: expect.stringMatching(hint),
    });
  });

  it('may ask for a single connection, and for one second', async () => {
    expect(await read('postgres://h/d?pool_max_conns=1&connect_timeout=1')).toMatchObject({
      poolSize: 1,
      connectTimeoutMs: 1000,
    });
    expect(await read('postgres://h/d')).toMatchObject({ connectTimeoutMs: undefined });
  });
});
