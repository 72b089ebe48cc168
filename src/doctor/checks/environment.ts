import { checkCredentials } from '../../environment/credential-checks.ts';
import { type CredentialPart, credentialLabels, credentialVariables } from '../../environment/credentials.ts';
import { type ExposureFinding, exposureFindings } from '../../environment/file-exposure.ts';
import type { CheckId } from '../catalogue/catalogue.ts';
import { type Check, type Finding, fail, pass, skip, warn } from '../check.ts';
import type { Subject } from '../subject.ts';

const environment = { needs: [], network: false } as const;

export const environmentChecks: readonly Check[] = [
  variable('env.client-id', 'clientId'),
  variable('env.client-secret', 'clientSecret'),
  variable('env.signing-secret', 'signingSecret'),
  {
    ...environment,
    id: 'env.mix-up',
    async run({ credentials, lookAlikes }) {
      const nothingSet = Object.keys(credentials).length === 0 && lookAlikes.length === 0;
      if (nothingSet) return skip('there are no values to tell apart');
      return (
        findingOf('env.mix-up', { credentials, lookAlikes }) ?? pass('nothing looks like something else')
      );
    },
  },
  {
    ...environment,
    id: 'env.file-mode',
    run: async (subject) => exposure(subject, 'env.file-mode', 'is readable by its owner alone'),
  },
  {
    ...environment,
    id: 'env.file-tracked',
    run: async (subject) => exposure(subject, 'env.file-tracked', 'is kept out of git'),
  },
];

function variable(
  id: 'env.client-id' | 'env.client-secret' | 'env.signing-secret',
  part: CredentialPart,
): Check {
  return {
    ...environment,
    id,
    run: async (subject) =>
      findingOf(id, subject) ?? pass(`${credentialVariables[part]} is set, the ${credentialLabels[part]}`),
  };
}

function findingOf(id: CheckId, { credentials, lookAlikes }: Pick<Subject, 'credentials' | 'lookAlikes'>) {
  const found = checkCredentials(credentials, lookAlikes).filter(({ check }) => check === id);
  const counting = found.some(({ severity }) => severity === 'error')
    ? found.filter(({ severity }) => severity === 'error')
    : found;
  const [first] = counting;
  if (!first) return undefined;
  const say = first.severity === 'error' ? fail : warn;
  return say(
    counting.map(({ message }) => message).join('; '),
    [...new Set(counting.map(({ hint }) => hint))].join(' '),
  );
}

function exposure({ envFile }: Subject, id: ExposureFinding['check'], good: string): Finding {
  if (!envFile) return skip('no value comes from an env file');
  const { name, exposure: seen } = envFile;
  if (id === 'env.file-mode' && seen.mode === undefined) return skip('this platform has no file modes');
  if (id === 'env.file-tracked' && seen.git.state === 'unknown') return skip(`git: ${seen.git.reason}`);
  if (id === 'env.file-tracked' && seen.git.state === 'outside') {
    return pass(`${name} is in no git repository`);
  }
  const found = exposureFindings(name, seen).find(({ check }) => check === id);
  return found ? warn(found.message, found.hint) : pass(`${name} ${good}`);
}
