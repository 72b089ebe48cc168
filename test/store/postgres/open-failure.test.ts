import pg from 'pg';
import { expect, it } from 'vitest';
import { NoWritableHost, ReadOnlyHost } from '../../../src/store/postgres/hosts.ts';
import { openFailure } from '../../../src/store/postgres/open-failure.ts';
import { UserError } from '../../../src/user-error.ts';

const location = 'postgres://h:5432/d';
const sqlError = (code: string, message = 'no') =>
  Object.assign(new pg.DatabaseError(message, 1, 'error'), { code });
const systemError = (code: string) => Object.assign(new Error(code), { code });

it.each<[unknown, string, RegExp]>([
  [
    sqlError('28P01', 'password authentication failed'),
    'password authentication failed',
    /user name and the password/,
  ],
  [sqlError('28000'), 'no', /user name and the password/],
  [
    new Error('SASL: client password must be a string'),
    'SASL: client password must be a string',
    /PGPASSWORD/,
  ],
  [sqlError('3D000', 'database "d" does not exist'), 'database "d" does not exist', /createdb/],
  [sqlError('25006'), 'no', /^Name the primary/],
  [sqlError('42501'), 'no', /^Grant the user the right/],
  [sqlError('42P07'), 'no', /its own database or schema/],
  [sqlError('53300'), 'no', /max_connections/],
  [
    sqlError('08P01', 'unsupported startup parameter: x'),
    'unsupported startup parameter: x',
    /^This is PgBouncer/,
  ],
  [sqlError('08P01', 'protocol violation'), 'protocol violation', /^See the log of PostgreSQL/],
  [sqlError('XX000', 'unsupported startup parameter: x'), 'unsupported startup parameter: x', /^See the log/],
  [sqlError('128P1'), 'no', /^See the log of PostgreSQL/],
  [sqlError('XX000', 'SSL is not enabled'), 'SSL is not enabled', /^Check sslmode in the URL/],
  [
    new Error('The server does not support SSL connections'),
    'The server does not support SSL connections',
    /sslmode/,
  ],
  [new Error('strange'), 'strange', /^Check that the server runs/],
  ['a text', 'a text', /^Check that the server runs/],
  [systemError('ECONNREFUSED'), 'connection refused', /^Check that the server runs/],
  [systemError('CERT_HAS_EXPIRED'), 'the certificate has expired (CERT_HAS_EXPIRED)', /sslrootcert=FILE/],
  [systemError('EWHAT'), 'EWHAT', /^Check that the server runs/],
  [new ReadOnlyHost(), 'it accepts no writes', /^Name the primary/],
])('says what to do about %s', (cause, problem, hint) => {
  expect(openFailure(cause, location)).toMatchObject({
    code: 'store-unusable',
    message: `cannot use the store ${location}: ${problem}`,
    hint: expect.stringMatching(hint),
    exitCode: 3,
    cause,
  });
});

it('names each of several hosts, and what to do about the first that is no standby', () => {
  const standby = { host: 'a:1', cause: new ReadOnlyHost() };
  const refused = { host: 'b:2', cause: systemError('ECONNREFUSED') };
  const wrong = { host: 'c:3', cause: sqlError('28P01', 'wrong password') };
  expect(openFailure(new NoWritableHost([standby, refused, wrong]), location)).toMatchObject({
    message: `cannot use the store ${location}: no host accepts writes (a:1: it accepts no writes; b:2: connection refused; c:3: wrong password)`,
    hint: 'Check that the server runs and that this machine can reach it.',
  });
  expect(openFailure(new NoWritableHost([standby, standby]), location).hint).toMatch(/^Name the primary/);
});

it('keeps an error that says what to do already', () => {
  const error = new UserError('x', 'y', { hint: 'z', exitCode: 2 });
  expect(openFailure(error, location)).toBe(error);
});
