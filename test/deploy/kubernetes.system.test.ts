import { execFile } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type KubernetesObject, kustomize, parseObjects } from './kubernetes-objects.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFile(join(root, file), 'utf8');
const overlays = ['relay', 'socket-mode', 'replicas'] as const;

interface Model {
  validate(): void;
}

const kinds = [
  ...['Namespace', 'Secret', 'Service', 'PersistentVolumeClaim', 'Deployment', 'PodDisruptionBudget'],
  ...['NetworkPolicy', 'Ingress', 'PodMonitor', 'PrometheusRule'],
];

/** The published schemas, by version of the API. */
const models: Readonly<Record<string, () => Promise<Readonly<Record<string, unknown>>>>> = {
  v1: () => import('kubernetes-models/v1'),
  'apps/v1': () => import('kubernetes-models/apps/v1'),
  'policy/v1': () => import('kubernetes-models/policy/v1'),
  'networking.k8s.io/v1': () => import('kubernetes-models/networking.k8s.io/v1'),
  'monitoring.coreos.com/v1': () => import('@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'),
};

/** The module with the published types of a version of the API. */
const typesOf = (apiVersion: string) =>
  `${apiVersion.startsWith('monitoring.') ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'}/${apiVersion}`;

const find = (objects: readonly KubernetesObject[], kind: string): KubernetesObject =>
  objects.find((one) => one.kind === kind);

describe.each(overlays)('deploy/kubernetes/overlays/%s', (overlay) => {
  let objects: readonly KubernetesObject[];
  let container: KubernetesObject;
  // Not beforeAll: only a running test can be skipped where kustomize is missing.
  beforeEach(async () => {
    objects = await kustomize(`deploy/kubernetes/overlays/${overlay}`);
    [container] = find(objects, 'Deployment').spec.template.spec.containers;
  });

  it('meets the restricted Pod Security Standard, which its namespace enforces', () => {
    expect(find(objects, 'Namespace').metadata.labels['pod-security.kubernetes.io/enforce']).toBe(
      'restricted',
    );
    const pod = find(objects, 'Deployment').spec.template.spec;
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.hostNetwork ?? pod.hostPID ?? pod.hostIPC).toBeUndefined();
  });

  it('selects its own pods in every object, and no others', () => {
    const { labels } = find(objects, 'Deployment').spec.template.metadata;
    expect(labels).toEqual({ 'app.kubernetes.io/name': 'spacelift-slack' });
    expect(find(objects, 'Deployment').spec.selector.matchLabels).toEqual(labels);
    expect(find(objects, 'NetworkPolicy').spec.podSelector.matchLabels).toEqual(labels);
    const budgets = objects.filter(({ kind }) => kind === 'PodDisruptionBudget');
    // A budget makes no sense with one pod.
    expect(budgets).toHaveLength(overlay === 'replicas' ? 1 : 0);
    for (const { spec } of budgets) expect(spec.selector.matchLabels).toEqual(labels);
    const services = objects.filter(({ kind }) => kind === 'Service');
    // In Socket Mode nothing calls the pod.
    expect(services.length > 0).toBe(overlay !== 'socket-mode');
    for (const { spec } of services) expect(spec.selector).toEqual(labels);
  });

  it('probes the private listener, and gives a pod that ends the time that it takes', () => {
    const admin = container.ports.find(({ name }: { name: string }) => name === 'admin').containerPort;
    expect(container.args).toContain(`--admin-listen=0.0.0.0:${admin}`);
    expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'admin' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'admin' });
    const { terminationGracePeriodSeconds } = find(objects, 'Deployment').spec.template.spec;
    expect(terminationGracePeriodSeconds).toBeGreaterThan(10 + 5);
  });

  it('reads its variables from the secret of the example', async () => {
    const [secret] = parseObjects(await read('deploy/kubernetes/secret.example.yaml'));
    expect(container.envFrom).toEqual([{ secretRef: { name: secret.metadata.name } }]);
    expect(secret.metadata.namespace).toBe(find(objects, 'Namespace').metadata.name);
  });
});

describe('the overlays', () => {
  it('send public traffic for the request URL only to the public listener, never to the private one', async () => {
    const objects = await kustomize('deploy/kubernetes/overlays/relay');
    expect(find(objects, 'Service').spec.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
    const [path] = find(objects, 'Ingress').spec.rules[0].http.paths;
    expect(path).toMatchObject({ path: '/webhooks/slack', pathType: 'Exact' });
    expect(path.backend.service).toEqual({
      name: find(objects, 'Service').metadata.name,
      port: { name: 'http' },
    });
    const [container] = find(objects, 'Deployment').spec.template.spec.containers;
    expect(container.args).toContain('--listen=0.0.0.0:3000');
    expect(container.ports).toContainEqual({ name: 'http', containerPort: 3000 });
  });

  it('open no port to the public in Socket Mode', async () => {
    const objects = await kustomize('deploy/kubernetes/overlays/socket-mode');
    expect(objects.map(({ kind }) => kind).sort()).toEqual([
      'Deployment',
      'Namespace',
      'NetworkPolicy',
      'PersistentVolumeClaim',
    ]);
    const [container] = find(objects, 'Deployment').spec.template.spec.containers;
    expect(container.args).toContain('--socket-mode');
    expect(container.ports).toEqual([{ name: 'admin', containerPort: 3001 }]);
  });

  it('never run two pods on one SQLite file, and keep one of two pods running on PostgreSQL', async () => {
    const single = await kustomize('deploy/kubernetes/overlays/relay');
    expect(find(single, 'Deployment').spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    const several = await kustomize('deploy/kubernetes/overlays/replicas');
    const { spec } = find(several, 'Deployment');
    expect(find(several, 'PersistentVolumeClaim')).toBeUndefined();
    expect(spec.template.spec.volumes).toBeUndefined();
    expect(find(several, 'PodDisruptionBudget').spec.minAvailable).toBeLessThan(spec.replicas);
    expect(find(several, 'NetworkPolicy').spec.egress).toContainEqual({ ports: [{ port: 5432 }] });
  });
});

it('each overlay works with each component', async () => {
  const folder = await temporaryFolder();
  const at = (name: string) => relative(folder, join(root, 'deploy/kubernetes', name));
  const monitored = ['components/prometheus-operator'];
  const all = ['components/replicas', ...monitored];
  for (const [overlay, components] of [
    ['relay', monitored],
    ['socket-mode', all],
  ] as const) {
    const kustomization = { resources: [at(`overlays/${overlay}`)], components: components.map(at) };
    await writeFile(join(folder, 'kustomization.yaml'), stringify(kustomization));
    const objects = await kustomize(folder);
    const { labels } = find(objects, 'Deployment').spec.template.metadata;
    expect(find(objects, 'PodMonitor').spec.selector.matchLabels).toEqual(labels);
    expect(find(objects, 'PrometheusRule').spec.groups).toHaveLength(1);
    expect(find(objects, 'Deployment').spec.replicas).toBe(components.length);
  }
});

it('the manifests match the published schemas and types of Kubernetes, without unknown fields', async () => {
  const rendered = await Promise.all(
    overlays.map((overlay) => kustomize(`deploy/kubernetes/overlays/${overlay}`)),
  );
  const files = ['secret.example', ...['pod-monitor', 'prometheus-rule'].map(inPrometheusComponent)];
  const others = await Promise.all(files.map((file) => read(`deploy/kubernetes/${file}.yaml`)));
  const objects = [...rendered.flat(), ...others.flatMap(parseObjects)];
  expect(objects.map(({ kind }) => kind)).toEqual(expect.arrayContaining(kinds));

  for (const object of objects) {
    const Model = (await models[object.apiVersion]?.())?.[object.kind] as new (data: unknown) => Model;
    expect(() => new Model(object).validate()).not.toThrow();
  }
  expect(await typeErrors(objects)).toBe('');
  const [{ spec, ...first }] = objects.filter(({ kind }) => kind === 'Deployment');
  expect(await typeErrors([{ ...first, spec: { ...spec, replica: 2 } }])).toContain('"replica"');
});

const inPrometheusComponent = (name: string) => `components/prometheus-operator/${name}`;

/** What the compiler reports about objects that are written as literals of the published types: unknown fields too. */
async function typeErrors(objects: readonly KubernetesObject[]): Promise<string> {
  const folder = await temporaryFolder();
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const lines = objects.flatMap((object, index) => [
    `import type { I${object.kind} as T${index} } from '${typesOf(object.apiVersion)}';`,
    `export const o${index}: T${index} = ${JSON.stringify(object)};`,
  ]);
  await writeFile(join(folder, 'objects.ts'), lines.join('\n'));
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'nodenext'];
  const compiler = join(root, 'node_modules/.bin/tsc');
  const { stdout } = await promisify(execFile)(compiler, [...options, '--ignoreConfig', 'objects.ts'], {
    cwd: folder,
  }).catch((error: { stdout: string }) => error);
  return stdout;
}

it("the values for Spacelift's chart are the overlay for Socket Mode, without its namespace", async () => {
  const objects = await kustomize('deploy/kubernetes/overlays/socket-mode');
  const extraManifests = objects
    .filter(({ kind }) => kind !== 'Namespace')
    .map(({ metadata: { namespace: _, ...metadata }, ...object }) => ({ ...object, metadata }));
  const head = `# overlays/socket-mode for Spacelift's chart, from version 0.65.0 on, in the namespace of the release.\n`;
  await expect(head + stringify({ extraManifests }, { lineWidth: 0 })).toMatchFileSnapshot(
    '../../deploy/spacelift-chart/values.yaml',
  );
  // The chart renders each of them as a template.
  expect(JSON.stringify(extraManifests)).not.toContain('{{');
});

it('the PrometheusRule has the rules of deploy/prometheus', async () => {
  const rule = parse(await read('deploy/kubernetes/components/prometheus-operator/prometheus-rule.yaml'));
  expect(rule.spec).toEqual(parse(await read('deploy/prometheus/rules.yaml')));
});
