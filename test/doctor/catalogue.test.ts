import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import schema from '../../schemas/doctor-report.schema.json' with { type: 'json' };
import {
  checkIds,
  checksNamed,
  describedChecks,
  findCheck,
  groups,
} from '../../src/doctor/catalogue/catalogue.ts';
import { domain } from '../../src/doctor/catalogue/domain.ts';
import { renderChecks, schemaEnums } from '../../src/doctor/catalogue/page.ts';
import { allChecks } from '../../src/doctor/checks/all.ts';

describe('the catalogue of checks', () => {
  it('describes the checks that run, in the same order', () => {
    expect(allChecks({ ownHost: false, socketMode: true }).map(({ id }) => id)).toEqual(checkIds);
  });

  it('has for every check what explain shows', () => {
    expect(new Set(checkIds).size).toBe(checkIds.length);
    for (const { id, title, proves, causes, advice, run } of describedChecks) {
      expect(title, id).not.toMatch(/[.]$/);
      for (const sentence of [proves, advice, ...causes]) expect(sentence, id).toMatch(/[.]$/);
      expect(causes.length, id).toBeGreaterThan(0);
      expect(run.length, id).toBeGreaterThan(0);
    }
  });

  it('finds a check by its id alone', () => {
    expect(findCheck('tls.expiry')).toMatchObject({ id: 'tls.expiry', group: 'tls' });
    expect(findCheck('tls')).toBeUndefined();
  });

  it('finds the checks of an id, of its first part and of a group', () => {
    expect(checksNamed('dns.public')).toEqual(['dns.public']);
    expect(checksNamed('dns')).toEqual(checkIds.filter((id) => id.startsWith('dns.')));
    expect(checksNamed('domain')).toEqual(domain.checks.map(({ id }) => id));
    expect(checksNamed('nowhere')).toBeUndefined();
  });
});

describe('what is published about the checks (npm run docs)', () => {
  it('is in docs/doctor.md', async () => {
    const page = await readFile(new URL('../../docs/doctor.md', import.meta.url), 'utf8');
    expect(page).toContain(`-->\n\n${renderChecks()}\n\n<!-- end of checks -->\n`);
  });

  it('is in the schema of the report', () => {
    const { id, group } = schema.$defs.check.properties;
    expect({ id: id.enum, group: group.enum }).toEqual(schemaEnums());
    expect(group.enum).toEqual(groups);
  });
});
