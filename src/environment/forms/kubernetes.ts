import { type Credentials, variablesOf } from '../credentials.ts';
import type { Deployment, Form } from './form.ts';

/** A JSON string is a YAML string too, and stays one: a bare client ID would become a number. */
const stringData = (credentials: Credentials) => [
  'stringData:',
  ...Object.entries(variablesOf(credentials)).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
];

/** A Secret's new values reach no running pod. Names: the chart spacelift-self-hosted, release `spacelift`. */
const restart = ({ namespace }: Deployment) =>
  `kubectl rollout restart deployment -n ${namespace} spacelift-server spacelift-drain spacelift-scheduler`;

const patchCommand = (file: string, { namespace, secretName }: Deployment) =>
  `kubectl patch secret ${secretName} -n ${namespace} --type=merge --patch-file ${file}`;

export const kubernetes: Form = {
  name: 'kubernetes',
  summary: 'a complete Secret manifest, where there is no Secret yet',
  holdsValues: true,
  render: (credentials, { namespace, secretName }) =>
    [
      '# For a Secret that does not exist yet. Never apply it over one that does: keys that are not here may go.',
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
    `# "create" refuses where ${deployment.secretName} exists; "apply" might remove its other keys. To add to it: --format kubernetes-patch`,
    `kubectl create -f ${file}`,
    "# Spacelift's chart reads the Secrets named in shared.secretRef, server.secretRef and drain.secretRef, and no other.",
    restart(deployment),
  ],
};

export const kubernetesPatch: Form = {
  name: 'kubernetes-patch',
  summary: 'a merge patch for the existing Secret',
  holdsValues: true,
  render: (credentials, deployment) =>
    [`# ${patchCommand('FILE', deployment)}`, ...stringData(credentials), ''].join('\n'),
  takeEffect: (file, deployment) => [
    patchCommand(file, deployment),
    restart(deployment),
    '# Where the Secret is made by GitOps or an operator, add the keys there too, or it takes them away again.',
  ],
};
