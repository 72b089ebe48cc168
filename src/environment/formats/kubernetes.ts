import { type Credentials, variablesOf } from '../credentials.ts';
import type { Deployment, DeploymentFormat } from './format.ts';
import { shellWord } from './shell-quote.ts';

/** A JSON string is also a YAML string. Without quotes a client ID would become a number. */
const stringData = (credentials: Credentials) => [
  'stringData:',
  ...Object.entries(variablesOf(credentials)).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
];

/** Running pods do not get new values of a Secret. Names: the chart spacelift-self-hosted, release `spacelift`. */
const restart = ({ namespace }: Deployment) =>
  `kubectl rollout restart deployment -n ${namespace} spacelift-server spacelift-drain spacelift-scheduler`;

const patchCommand = (file: string, { namespace, secretName }: Deployment) =>
  `kubectl patch secret ${secretName} -n ${namespace} --type=merge --patch-file ${shellWord(file)}`;

export const kubernetes: DeploymentFormat = {
  name: 'kubernetes',
  summary: 'a complete Secret, if it does not exist yet',
  remarks:
    'Use `kubectl create`: applied over an existing `spacelift-shared`, it might remove its other keys.',
  holdsValues: true,
  render: (credentials, { namespace, secretName }) =>
    [
      '# For a Secret that does not exist yet. Do not apply it over an existing one: its other keys may be removed.',
      'apiVersion: v1',
      'kind: Secret',
      'metadata:',
      `  name: ${JSON.stringify(secretName)}`,
      `  namespace: ${JSON.stringify(namespace)}`,
      'type: Opaque',
      ...stringData(credentials),
      '',
    ].join('\n'),
  takeEffect: (file, deployment) => [
    `# "create" fails if ${deployment.secretName} exists; "apply" might remove its other keys. To add to it: --format kubernetes-patch`,
    `kubectl create -f ${shellWord(file)}`,
    "# Spacelift's chart reads only the Secrets named in shared.secretRef, server.secretRef and drain.secretRef.",
    restart(deployment),
  ],
};

export const kubernetesPatch: DeploymentFormat = {
  name: 'kubernetes-patch',
  summary: 'a merge patch for the existing Secret',
  remarks: "As in the Helm chart's own guides; the chart has no value for extra variables.",
  holdsValues: true,
  render: (credentials, deployment) =>
    [`# ${patchCommand('FILE', deployment)}`, ...stringData(credentials), ''].join('\n'),
  takeEffect: (file, deployment) => [
    patchCommand(file, deployment),
    restart(deployment),
    '# If GitOps or an operator manages the Secret, add the keys there too, or they are removed again.',
  ],
};
