import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runInProcess } from '../support/in-process.ts';

const page = new URL('../../docs/relay.md', import.meta.url);
let text: string;
beforeAll(async () => {
  text = await readFile(page, 'utf8');
});

const block = (language: string) =>
  new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'm').exec(text)?.[1] ?? '';

describe('the Kubernetes manifests of docs/relay.md', () => {
  let objects: Record<string, ReturnType<typeof JSON.parse>>;
  beforeAll(() => {
    const documents = parseAllDocuments(block('yaml'), { strict: true, uniqueKeys: true });
    if (!Array.isArray(documents)) throw new Error('no manifests');
    for (const { errors, warnings } of documents) expect([...errors, ...warnings]).toEqual([]);
    objects = Object.fromEntries(documents.map((one) => one.toJS()).map((one) => [one.kind, one]));
  });

  it('are a deployment with its budget, its service and its ingress', () => {
    expect(Object.keys(objects)).toEqual(['Deployment', 'PodDisruptionBudget', 'Service', 'Ingress']);
    for (const one of Object.values(objects)) {
      expect(one.apiVersion).toMatch(/^(?:[a-z.0-9]+\/)?v1$/);
      expect(one.metadata.name).toBe('slack-relay');
    }
  });

  it('select the pods that they make', () => {
    const { labels } = objects['Deployment'].spec.template.metadata;
    expect(objects['Deployment'].spec.selector.matchLabels).toEqual(labels);
    expect(objects['PodDisruptionBudget'].spec.selector.matchLabels).toEqual(labels);
    expect(objects['Service'].spec.selector).toEqual(labels);
  });

  it('leave one pod running, and give one that ends the time that it takes', () => {
    const { spec } = objects['Deployment'];
    expect(objects['PodDisruptionBudget'].spec.minAvailable).toBeLessThan(spec.replicas);
    expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(10 + 5);
  });

  it('probe the private listener, and send traffic to the public one', () => {
    const [container] = objects['Deployment'].spec.template.spec.containers;
    const ports = Object.fromEntries(
      container.ports.map((port: { name: string; containerPort: number }) => [port.name, port.containerPort]),
    );
    expect(container.args).toContain(`--listen=0.0.0.0:${ports.http}`);
    expect(container.args).toContain(`--admin-listen=0.0.0.0:${ports.admin}`);
    expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'admin' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'admin' });
    expect(objects['Service'].spec.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
    const [path] = objects['Ingress'].spec.rules[0].http.paths;
    expect(path).toMatchObject({ path: '/webhooks/slack', pathType: 'Exact' });
    expect(path.backend.service).toEqual({ name: 'slack-relay', port: { name: 'http' } });
  });
});

it('docs/relay.md names options that there are', async () => {
  const commands = [
    'serve',
    'serve events list',
    'serve events retry',
    'serve events drop',
    'manifest',
    'doctor',
  ];
  const help = await Promise.all(
    commands.map((command) => runInProcess([...command.split(' '), '--help'], { cwd: '/' })),
  );
  const known = new Set(help.flatMap(({ stdout }) => stdout.match(/--[a-z-]+/g) ?? []));
  const shown =
    text.replaceAll(/`useradd[^`]*`|```dockerfile[\s\S]*?```/g, '').match(/(?<![\w-])--[a-z][a-z-]+/g) ?? [];
  expect(shown.length).toBeGreaterThan(10);
  expect([...new Set(shown)].filter((option) => !known.has(option))).toEqual([]);
});
