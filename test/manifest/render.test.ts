import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse, parseDocument, visit } from 'yaml';
import type { JsonValue } from '../../src/json-value.ts';
import { mergePatch } from '../../src/manifest/merge-patch.ts';
import { longLink, renderManifest, toCreateAppLink, toJson, toYaml } from '../../src/manifest/render.ts';
import { documentedManifest, domain, object, renderOptions } from './documented.ts';

describe('the manifest for a domain', () => {
  it('is the documented one, in its order, with CR LF in the long description', async () => {
    const { manifest, remarks } = await renderManifest(renderOptions());
    expect(remarks).toEqual([]);
    expect(manifest).toEqual(await documentedManifest());
    // The order of the keys is a part of the text, which deep equality does not see.
    expect(JSON.stringify(manifest)).toBe(JSON.stringify(await documentedManifest()));
    expect(object(object(manifest)['display_information'])['long_description']).toContain(
      'Kubernetes.\r\n\r\n• ',
    );
  });

  it('is JSON with an indentation of two spaces, and ends with one line break', async () => {
    const { manifest } = await renderManifest(renderOptions());
    const text = toJson(manifest);
    expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
    expect(text).not.toContain('\r');
  });

  it('is the same each time, in each format', async () => {
    const print = async () => {
      const { manifest } = await renderManifest(
        renderOptions({ name: 'Spacelift 2', command: '/spacelift2' }),
      );
      return [toJson(manifest), await toYaml(manifest), toCreateAppLink(manifest)];
    };
    expect(await print()).toEqual(await print());
  });

  it('contains no placeholder', async () => {
    const { manifest } = await renderManifest(renderOptions());
    expect(toJson(manifest)).not.toMatch(/<your-/);
  });
});

/** The documented manifest with other values at some places. */
async function documentedWith(patch: JsonValue): Promise<JsonValue> {
  return mergePatch(await documentedManifest(), patch);
}

const documentedCommand = async () => {
  const list = object((await documentedManifest())['features'])['slash_commands'];
  return object(Array.isArray(list) ? list[0] : undefined);
};

describe('an option changes what it names, and nothing else', () => {
  it('--webhook-domain changes the URLs that Slack calls, not the redirect URL', async () => {
    const webhookDomain = domain('slack.example.org');
    const { manifest } = await renderManifest(renderOptions({ webhookDomain }));
    const url = 'https://slack.example.org/webhooks/slack';
    expect(manifest).toEqual(
      await documentedWith({
        features: { slash_commands: [{ ...(await documentedCommand()), url }] },
        settings: { event_subscriptions: { request_url: url }, interactivity: { request_url: url } },
      }),
    );
    expect(JSON.stringify(manifest)).toContain('"https://spacelift.example.com/slack_oauth"');
  });

  it('--name changes the name of the app and its bot', async () => {
    const { manifest } = await renderManifest(renderOptions({ name: 'Spacelift staging' }));
    expect(manifest).toEqual(
      await documentedWith({
        display_information: { name: 'Spacelift staging' },
        features: { bot_user: { display_name: 'Spacelift staging' } },
      }),
    );
  });

  it('--command changes the name of the slash command', async () => {
    const { manifest } = await renderManifest(renderOptions({ command: '/spacelift-staging' }));
    expect(manifest).toEqual(
      await documentedWith({
        features: { slash_commands: [{ ...(await documentedCommand()), command: '/spacelift-staging' }] },
      }),
    );
  });

  it('--color changes the background colour', async () => {
    const { manifest } = await renderManifest(renderOptions({ color: '#fff' }));
    expect(manifest).toEqual(await documentedWith({ display_information: { background_color: '#fff' } }));
  });

  it('orgDeploy lets a whole organisation install the app', async () => {
    const { manifest } = await renderManifest(renderOptions({ orgDeploy: true }));
    expect(manifest).toEqual(await documentedWith({ settings: { org_deploy_enabled: true } }));
  });

  it('all options together keep the documented order', async () => {
    const options = {
      name: 'A',
      command: '/a',
      color: '#000',
      webhookDomain: domain('a.example.org'),
      orgDeploy: true,
    };
    const keys = (value: JsonValue) => [...JSON.stringify(value).matchAll(/"(\w+)":/g)].map(([, key]) => key);
    expect(keys((await renderManifest(renderOptions(options))).manifest)).toEqual(
      keys(await documentedManifest()),
    );
  });

  it('--patch is applied last', async () => {
    const patch = {
      display_information: { name: 'Patched', long_description: null },
      settings: { org_deploy_enabled: true },
    };
    const { manifest } = await renderManifest(renderOptions({ name: 'Named', patch }));
    expect(object(object(manifest)['display_information'])['name']).toBe('Patched');
    expect(Object.keys(object(object(manifest)['display_information']))).not.toContain('long_description');
    expect(object(object(manifest)['settings'])['org_deploy_enabled']).toBe(true);
  });

  it.each<[string, Parameters<typeof renderOptions>[0], string]>([
    ['a name that is too long', { name: 'x'.repeat(36) }, 'too-long /display_information/name'],
    ['an empty name', { name: '' }, 'too-short /display_information/name'],
    [
      'a command without its slash',
      { command: 'spacelift' },
      'command-name /features/slash_commands/0/command',
    ],
    ['a colour by name', { color: 'black' }, 'background-color /display_information/background_color'],
    ['a patch that takes too much', { patch: { display_information: null } }, 'missing-key '],
    ['a patch that is no object', { patch: 'x' }, 'wrong-type '],
    ['a patch with an unknown key', { patch: { icon: 'x' } }, 'unknown-key /icon'],
  ])('the result is checked: %s', async (_name, options, expected) => {
    const { remarks } = await renderManifest(renderOptions(options));
    expect(
      remarks.filter(({ severity }) => severity === 'error').map(({ rule, pointer }) => `${rule} ${pointer}`),
    ).toContain(expected);
  });
});

it.each([
  ['spacelift.corp', 'warning url-not-public'],
  ['your-domain.com', 'warning url-placeholder'],
])('is checked if the domain %s is unusual: %s', async (text, finding) => {
  const found = async (options: Parameters<typeof renderOptions>[0]) =>
    new Set(
      (await renderManifest(renderOptions(options))).remarks.map((item) => `${item.severity} ${item.rule}`),
    );
  expect(await found({ webhookDomain: domain(text) })).toEqual(new Set([finding]));
});

describe('a merge patch (the examples of RFC 7396, appendix A)', () => {
  it.each<[JsonValue, JsonValue, JsonValue]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  it('keeps the order of the keys, and appends new ones', () => {
    expect(JSON.stringify(mergePatch({ a: 1, b: 2, c: 3 }, { d: 4, b: 5 }))).toBe(
      '{"a":1,"b":5,"c":3,"d":4}',
    );
  });

  it('treats __proto__ like other keys', () => {
    const merged = mergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(JSON.stringify(merged)).toBe('{"__proto__":{"polluted":true}}');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('as YAML', () => {
  it('is the same manifest', async () => {
    const { manifest } = await renderManifest(renderOptions());
    expect(parse(await toYaml(manifest))).toEqual(await documentedManifest());
  });

  it('is the same manifest to readers of YAML 1.1', async () => {
    const { manifest } = await renderManifest(renderOptions());
    expect(parse(await toYaml(manifest), { version: '1.1' })).toEqual(await documentedManifest());
  });

  it('has every string in double quotes: scopes with colons, colours, commands', async () => {
    const { manifest } = await renderManifest(renderOptions());
    const yaml = await toYaml(manifest);
    expect(yaml).toContain('- "chat:write.public"\n');
    expect(yaml).toContain('background_color: "#131417"\n');
    const styles = new Set<unknown>();
    visit(parseDocument(yaml), {
      Scalar: (key, { value, type }) => {
        if (key !== 'key' && typeof value === 'string') styles.add(type);
      },
    });
    expect([...styles]).toEqual(['QUOTE_DOUBLE']);
  });

  it('folds no line, and escapes every carriage return', async () => {
    const { manifest } = await renderManifest(renderOptions());
    const yaml = await toYaml(manifest);
    expect(yaml).not.toContain('\r');
    expect(yaml.match(/long_description/g)).toHaveLength(1);
    expect(yaml.split('\n').find((line) => line.includes('long_description'))).toMatch(/behalf\."$/);
  });
});

describe("the link to Slack's create-app page", () => {
  it('contains the compact manifest, percent-encoded', async () => {
    const { manifest } = await renderManifest(renderOptions({ name: 'A & B = C? #+%' }));
    const link = toCreateAppLink(manifest);
    expect(link).toMatch(/^https:\/\/api\.slack\.com\/apps\?new_app=1&manifest_json=[A-Za-z0-9%_.!~*'()-]+$/);
    const url = new URL(link);
    expect([...url.searchParams.keys()]).toEqual(['new_app', 'manifest_json']);
    expect(url.searchParams.get('manifest_json')).toBe(JSON.stringify(manifest));
  });

  it('is much shorter than the length that causes a warning', async () => {
    const { manifest } = await renderManifest(renderOptions());
    expect(toCreateAppLink(manifest).length).toBeLessThan(longLink / 2);
  });

  it('accepts text that is not valid Unicode', () => {
    expect(toCreateAppLink({ a: '\ud800' })).toContain(encodeURIComponent('\\ud800'));
  });
});

it('has a template that differs from the documented manifest only in the host that Slack calls', async () => {
  const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');
  const template = await read('../../templates/slack-app-manifest.json');
  const documented = await read('fixtures/documented-manifest.json');
  expect(template.replaceAll('<your-webhook-domain>', '<your-domain>')).toBe(documented);
});

describe('with Socket Mode', () => {
  it('leaves out every URL that Slack would call, and keeps the OAuth redirect', async () => {
    const { manifest, remarks } = await renderManifest({ ...renderOptions(), socketMode: true });
    expect(JSON.stringify(manifest)).not.toContain('/webhooks/slack');
    expect(manifest).toMatchObject({
      features: { slash_commands: [{ command: '/spacelift' }] },
      oauth_config: { redirect_urls: [expect.stringContaining('/slack_oauth')] },
      settings: {
        event_subscriptions: { bot_events: ['app_uninstalled'] },
        interactivity: { is_enabled: true },
        socket_mode_enabled: true,
      },
    });
    expect(remarks).toEqual([]);
  });

  it('renames the command, too', async () => {
    const { manifest } = await renderManifest({
      ...renderOptions(),
      socketMode: true,
      command: '/spacelift-dev',
    });
    expect(manifest).toMatchObject({ features: { slash_commands: [{ command: '/spacelift-dev' }] } });
    expect(JSON.stringify(manifest)).not.toContain('"url"');
  });
});
