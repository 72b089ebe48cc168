import type { CheckId } from '../../src/doctor/catalogue/catalogue.ts';
import type { CheckResult } from '../../src/doctor/check.ts';
import { allChecks } from '../../src/doctor/checks/all.ts';
import type { Subject } from '../../src/doctor/subject.ts';
import { subject } from './given.ts';

/** The result of one check. */
export function run(
  id: CheckId,
  changes: Partial<Subject> = {},
  { ownHost = false, socketMode = false } = {},
): Promise<CheckResult> {
  const check = allChecks({ ownHost, socketMode }).find((candidate) => candidate.id === id);
  if (!check) throw new Error(`${id} is not part of these checks`);
  return check.run(subject(changes));
}
