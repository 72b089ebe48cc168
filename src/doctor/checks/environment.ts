import { checkCredentials } from '../../environment/credential-checks.ts';
import { type CredentialPart, credentialLabels, credentialVariables } from '../../environment/credentials.ts';
import { type ExposureFinding, exposureFindings } from '../../environment/file-exposure.ts';
import type { CheckId } from '../catalogue/catalogue.ts';
import { type Check, type CheckResult, fail, pass, skip, warn } from '../check.ts';
import { unquoted } from '../quote.ts';
import type { Surroundings } from '../subject.ts';

export const environmentChecks: readonly Check[] = [
  variableCheck('env.client-id', 'clientId'),
  variableCheck('env.client-secret', 'clientSecret'),
  variableCheck('env.signing-secret', 'signingSecret'),
  localCheck('env.mix-up', judgeMixUp),
  localCheck('env.file-mode', (subject) =>
    judgeExposure(subject, 'env.file-mode', 'only its owner can read'),
  ),
  localCheck('env.file-tracked', (subject) => judgeExposure(subject, 'env.file-tracked', 'git ignores')),
];

function localCheck(id: CheckId, judge: (subject: Surroundings) => CheckResult): Check {
  return { id, needs: [], network: false, needsDomain: false, run: async (subject) => judge(subject) };
}

function variableCheck(
  id: 'env.client-id' | 'env.client-secret' | 'env.signing-secret',
  part: CredentialPart,
): Check {
  const name = credentialVariables[part];
  return localCheck(id, (subject) => {
    const { lookAlikes, runs, sources, shadowed } = subject;
    const other = lookAlikes.find((lookAlike) => lookAlike.part === part);
    if (other) {
      return runs.has('env.mix-up')
        ? skip(`${name} is not set; env.mix-up names the variable that is`)
        : (judgeFindings('env.mix-up', subject, part) ?? fail(`${name} is not set`, `Rename ${other.name}.`));
    }
    const elsewhere = shadowed[part] === undefined ? '' : `; ${shadowed[part]} holds a different value`;
    return (
      judgeFindings(id, subject) ??
      pass(`the ${credentialLabels[part]}, from ${sources[part] ?? 'elsewhere'}${elsewhere}`)
    );
  });
}

function judgeMixUp(subject: Surroundings): CheckResult {
  const { credentials, lookAlikes } = subject;
  if (Object.keys(credentials).length === 0 && lookAlikes.length === 0) {
    return skip('no value is set');
  }
  return judgeFindings('env.mix-up', subject) ?? pass('no value looks like that of another variable');
}

/** The findings on the credentials that belong to a check, as one result; undefined if there are none. */
function judgeFindings(
  id: CheckId,
  { credentials, lookAlikes }: Pick<Surroundings, 'credentials' | 'lookAlikes'>,
  part?: CredentialPart,
): CheckResult | undefined {
  const found = checkCredentials(credentials, lookAlikes).filter(
    (finding) => finding.check === id && (part === undefined || finding.part === part),
  );
  const errors = found.filter(({ severity }) => severity === 'error');
  const counting = errors.length > 0 ? errors : found;
  if (counting.length === 0) return undefined;
  const end = errors.length > 0 ? fail : warn;
  return end(
    counting.map(({ message }) => message).join('; '),
    [...new Set(counting.map(({ hint }) => hint))].join(' '),
  );
}

function judgeExposure({ envFile }: Surroundings, id: ExposureFinding['check'], good: string): CheckResult {
  if (!envFile) return skip('no value comes from an env file');
  const { name, exposure } = envFile;
  if (!exposure) return skip(`${name} is a pipe or a device: its content is not stored on disk`);
  if (id === 'env.file-mode' && exposure.mode === undefined) return skip('this platform has no file modes');
  if (id === 'env.file-tracked' && exposure.git.state === 'unknown') {
    return skip(`git: ${unquoted(exposure.git.reason)}`);
  }
  if (id === 'env.file-tracked' && exposure.git.state === 'outside') {
    return pass(`${name} is in no git repository`);
  }
  const found = exposureFindings(name, exposure).find(({ check }) => check === id);
  return found ? warn(found.message, found.hint) : pass(`${good} ${name}`);
}
