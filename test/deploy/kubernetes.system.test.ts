import { execFile } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PodMonitor, PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { Deployment } from 'kubernetes-models/apps/v1';
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import {
  type IContainer,
  type IPodSpec,
  Namespace,
  PersistentVolumeClaim,
  Secret,
  Service,
} from 'kubernetes-models/v1';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type KubernetesObject, kustomize, only, parseObjects, schema } from './kubernetes-objects.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFile(join(root, file), 'utf8');
const overlays = ['relay', 'socket-mode', 'replicas'] as const;

/** The kinds in deploy/kubernetes, with their published schemas. */
const schemas = new Map([
  ...[schema(Namespace), schema(Secret), schema(Service), schema(PersistentVolumeClaim)],
  ...[schema(Deployment), schema(PodDisruptionBudget), schema(NetworkPolicy), schema(Ingress)],
  ...[schema(PodMonitor), schema(PrometheusRule)],
]);

/** The module with the published type of an object. */
const typeModule = ({ apiVersion }: KubernetesObject) =>
  `${apiVersion.startsWith('monitoring.') ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'}/${apiVersion}`;

/** The pod that the Deployment runs, and its first container. */
function podOf(objects: readonly KubernetesObject[]): { pod: IPodSpec; container: IContainer } {
  const pod = only(objects, Deployment).spec?.template.spec;
  const container = pod?.containers[0];
  if (!container) throw new Error('no container');
  return { pod, container };
}

describe.each(overlays)('deploy/kubernetes/overlays/%s', (overlay) => {
  let objects: readonly KubernetesObject[];
  let pod: IPodSpec;
  let container: IContainer;
  // Not beforeAll: only a running test can be skipped where kustomize is missing.
  beforeEach(async () => {
    objects = await kustomize(`deploy/kubernetes/overlays/${overlay}`);
    ({ pod, container } = podOf(objects));
  });

  it('meets the restricted Pod Security Standard, which its namespace enforces', () => {
    expect(only(objects, Namespace).metadata?.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
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
    const labels = { 'app.kubernetes.io/name': 'spacelift-slack' };
    const { spec } = only(objects, Deployment);
    expect(spec?.template.metadata?.labels).toEqual(labels);
    expect(spec?.selector.matchLabels).toEqual(labels);
    expect(only(objects, NetworkPolicy).spec?.podSelector.matchLabels).toEqual(labels);
    const budgets = objects.filter(PodDisruptionBudget.is);
    // A budget makes no sense with one pod.
    expect(budgets).toHaveLength(overlay === 'replicas' ? 1 : 0);
    for (const { spec } of budgets) expect(spec?.selector?.matchLabels).toEqual(labels);
    const services = objects.filter(Service.is);
    // In Socket Mode nothing calls the pod.
    expect(services.length > 0).toBe(overlay !== 'socket-mode');
    for (const { spec } of services) expect(spec?.selector).toEqual(labels);
  });

  it('probes the private listener, and gives a pod that ends the time that it takes', () => {
    const admin = container.ports?.find(({ name }) => name === 'admin');
    expect(container.args).toContain(`--admin-listen=0.0.0.0:${admin?.containerPort}`);
    expect(container.livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'admin' });
    expect(container.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'admin' });
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(10 + 5);
  });

  it('reads its variables from the secret of the example', async () => {
    const { metadata } = only(parseObjects(await read('deploy/kubernetes/secret.example.yaml')), Secret);
    expect(container.envFrom).toEqual([{ secretRef: { name: metadata?.name } }]);
    expect(metadata?.namespace).toBe(only(objects, Namespace).metadata?.name);
  });
});

describe('the overlays', () => {
  it('send public traffic for the request URL only to the public listener, never to the private one', async () => {
    const objects = await kustomize('deploy/kubernetes/overlays/relay');
    expect(only(objects, Service).spec?.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
    const path = only(objects, Ingress).spec?.rules?.[0]?.http?.paths[0];
    expect(path).toMatchObject({ path: '/webhooks/slack', pathType: 'Exact' });
    expect(path?.backend.service).toEqual({
      name: only(objects, Service).metadata?.name,
      port: { name: 'http' },
    });
    const { container } = podOf(objects);
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
    const { container } = podOf(objects);
    expect(container.args).toContain('--socket-mode');
    expect(container.ports).toEqual([{ name: 'admin', containerPort: 3001 }]);
  });

  it('never run two pods on one SQLite file, and keep one of two pods running on PostgreSQL', async () => {
    const single = await kustomize('deploy/kubernetes/overlays/relay');
    expect(only(single, Deployment).spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    const several = await kustomize('deploy/kubernetes/overlays/replicas');
    expect(several.filter(PersistentVolumeClaim.is)).toEqual([]);
    expect(podOf(several).pod.volumes).toBeUndefined();
    expect(only(several, Deployment).spec?.replicas).toBe(2);
    expect(only(several, PodDisruptionBudget).spec?.minAvailable).toBe(1);
    expect(only(several, NetworkPolicy).spec?.egress).toContainEqual({ ports: [{ port: 5432 }] });
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
    const { spec } = only(objects, Deployment);
    expect(only(objects, PodMonitor).spec.selector.matchLabels).toEqual(spec?.template.metadata?.labels);
    expect(only(objects, PrometheusRule).spec.groups).toHaveLength(1);
    expect(spec?.replicas).toBe(components.length);
  }
});

it('the manifests match the published schemas and types of Kubernetes, without unknown fields', async () => {
  const rendered = await Promise.all(
    overlays.map((overlay) => kustomize(`deploy/kubernetes/overlays/${overlay}`)),
  );
  const files = ['secret.example', ...['pod-monitor', 'prometheus-rule'].map(inPrometheusComponent)];
  const others = await Promise.all(files.map((file) => read(`deploy/kubernetes/${file}.yaml`)));
  const objects = [...rendered.flat(), ...others.flatMap(parseObjects)];
  expect(new Set(objects.map(({ kind }) => kind))).toEqual(new Set(schemas.keys()));

  for (const object of objects) expect(() => schemas.get(object.kind)?.(object)).not.toThrow();
  expect(await typeErrors(objects)).toBe('');
  const misspelt = objects
    .filter(Deployment.is)
    .map((one) => ({ ...one, spec: { ...one.spec, replica: 2 } }));
  expect(await typeErrors(misspelt)).toContain('"replica"');
});

const inPrometheusComponent = (name: string) => `components/prometheus-operator/${name}`;

/** What the compiler reports about objects that are written as literals of the published types: unknown fields too. */
async function typeErrors(objects: readonly KubernetesObject[]): Promise<string> {
  const folder = await temporaryFolder();
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const lines = objects.flatMap((object, index) => [
    `import type { I${object.kind} as T${index} } from '${typeModule(object)}';`,
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
    .filter((object) => !Namespace.is(object))
    .map(({ metadata: { namespace: _, ...metadata } = {}, ...object }) => ({ ...object, metadata }));
  const head = `# overlays/socket-mode for Spacelift's chart, from version 0.65.0 on, in the namespace of the release.\n`;
  await expect(head + stringify({ extraManifests }, { lineWidth: 0 })).toMatchFileSnapshot(
    '../../deploy/spacelift-chart/values.yaml',
  );
  // The chart renders each of them as a template.
  expect(JSON.stringify(extraManifests)).not.toContain('{{');
});

it('the PrometheusRule has the rules of deploy/prometheus', async () => {
  const file = `deploy/kubernetes/${inPrometheusComponent('prometheus-rule')}.yaml`;
  expect(only(parseObjects(await read(file)), PrometheusRule).spec).toEqual(
    parse(await read('deploy/prometheus/rules.yaml')),
  );
});
