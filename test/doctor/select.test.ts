import { describe, expect, it } from 'vitest';
import type { CheckId } from '../../src/doctor/catalogue/catalogue.ts';
import type { Check } from '../../src/doctor/check.ts';
import { requiresDomain, type SelectOptions, select } from '../../src/doctor/select.ts';

const check = (id: CheckId, network: boolean, connectionReportRank?: number): Check => ({
  id,
  needs: [],
  network,
  ...(id.startsWith('env.') && { needsDomain: false }),
  run: () => Promise.reject(new Error('it has run')),
  ...(connectionReportRank === undefined ? {} : { connectionReportRank }),
});
const all = [
  check('env.mix-up', false),
  check('domain.valid', false),
  check('dns.resolves', true),
  check('tls.trusted', true, 1),
  check('tls.version', true, 2),
  check('webhook.reachable', true, 3),
  check('webhook.latency', true, 1),
];
const choose = (options: Partial<SelectOptions>) => {
  const { checks, excluded, runs, connectionReporter } = select(all, {
    only: undefined,
    skip: [],
    offline: false,
    domain: true,
    ...options,
  });
  return {
    listed: checks.map(({ id }) => id),
    excluded: [...excluded],
    runs: [...runs],
    connectionReporter,
  };
};
const ids = all.map(({ id }) => id);

it('runs every check unless told otherwise', () => {
  expect(choose({})).toEqual({
    listed: ids,
    excluded: [],
    runs: ids,
    connectionReporter: 'webhook.reachable',
  });
});

it('lists what --only names, and no more', () => {
  expect(choose({ only: ['tls.trusted', 'webhook.latency'] })).toEqual({
    listed: ['tls.trusted', 'webhook.latency'],
    excluded: [],
    runs: ['tls.trusted', 'webhook.latency'],
    connectionReporter: 'tls.trusted',
  });
  expect(choose({ only: ['env.mix-up'] }).connectionReporter).toBeUndefined();
});

it('lists what --skip names, and does not run it', () => {
  expect(choose({ skip: ['webhook.reachable'] })).toEqual({
    listed: ids,
    excluded: [['webhook.reachable', 'excluded by --skip']],
    runs: ids.filter((id) => id !== 'webhook.reachable'),
    connectionReporter: 'tls.version',
  });
});

it('runs nothing that needs a network with --offline', () => {
  const reason = 'excluded by --offline: it needs a network';
  const { runs, excluded, connectionReporter } = choose({
    offline: true,
    skip: ['dns.resolves', 'env.mix-up'],
  });
  expect(runs).toEqual(['domain.valid']);
  expect(excluded).toEqual([
    ['env.mix-up', 'excluded by --skip'],
    ['dns.resolves', 'excluded by --skip'],
    ...ids.slice(3).map((id) => [id, reason]),
  ]);
  expect(connectionReporter).toBeUndefined();
  expect(choose({ offline: true }).runs).toEqual(['env.mix-up', 'domain.valid']);
});

it('runs without a domain what needs none, and says of the rest that no domain is given', () => {
  const { runs, excluded } = choose({ domain: false, offline: true, skip: ['dns.resolves'] });
  expect(runs).toEqual(['env.mix-up']);
  expect(new Map(excluded)).toEqual(
    new Map([
      ['domain.valid', 'not run: no domain is given (--domain)'],
      ['dns.resolves', 'excluded by --skip'],
      ...ids.slice(3).map((id) => [id, 'excluded by --offline: it needs a network'] as const),
    ]),
  );
});

describe('requiresDomain', () => {
  const requires = (options: Partial<SelectOptions>) =>
    requiresDomain(all, { only: undefined, skip: [], offline: false, ...options });

  it('is true if a check looks at the deployment', () => {
    expect(requires({})).toBe(true);
    expect(requires({ only: ['env.mix-up', 'dns.resolves'] })).toBe(true);
  });

  it('is true if nothing would be left to run without one', () => {
    expect(requires({ only: ['domain.valid'], offline: true })).toBe(true);
  });

  it('is false if what is left does without', () => {
    expect(requires({ offline: true })).toBe(false);
    expect(requires({ only: ['env.mix-up'] })).toBe(false);
    expect(requires({ skip: ids })).toBe(false);
  });
});
