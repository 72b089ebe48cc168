import type { CredentialPart } from '../../environment/credentials.ts';
import { type CheckResult, fail, skip } from '../check.ts';
import type { Surroundings } from '../subject.ts';

/**
 * For a check that needs a credential which certainly holds something else. env.mix-up reports that; without it in
 * the run, this check does if it may.
 *
 * @returns undefined if nothing is known against the value
 */
export function unusable(
  { mistakes, runs }: Pick<Surroundings, 'mistakes' | 'runs'>,
  part: CredentialPart,
  reports?: 'reports',
): CheckResult | undefined {
  const mistake = mistakes[part];
  if (mistake === undefined) return undefined;
  return runs.has('env.mix-up') || reports === undefined
    ? skip(`not tried: ${mistake.message}`)
    : { ...fail(mistake.message, mistake.hint), inputAtFault: true };
}
