import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { documentedManifest } from '../manifest/documented.ts';
import { need } from '../support/need.ts';
import { launcher, type ProgramOptions, runProgram } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openTerminal } from '../support/tmux.ts';

const domain = ['--domain', 'spacelift.example.com'];
const sound = '{"display_information": {"name": "a"}}\n';
const broken = '{"display_information": {"name": 7}}\n';
const warned = '{"display_information": {"name": "a"}, "compliance": {}}\n';

const manifest = (args: readonly string[], options: ProgramOptions = {}) =>
  runProgram(['manifest', ...args], options);

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

describe('manifest', () => {
  it('prints the documented manifest for a domain, and nothing else', async () => {
    const { code, stdout, stderr } = await manifest(domain);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`${JSON.stringify(await documentedManifest(), null, 2)}\n`);
  });

  it('as YAML and as a link it is the same', async () => {
    const [yaml, link] = await Promise.all([
      manifest([...domain, '--format', 'yaml']),
      manifest([...domain, '--format', 'url']),
    ]);
    expect(parse(yaml.stdout)).toEqual(await documentedManifest());
    expect(link.stdout).toMatch(/^https:\/\/api\.slack\.com\/apps\?new_app=1&manifest_json=\S+\n$/);
    expect(JSON.parse(new URL(link.stdout).searchParams.get('manifest_json') ?? '')).toEqual(
      await documentedManifest(),
    );
    expect([yaml.stderr, link.stderr]).toEqual(['', '']);
  });

  it('is the same in each locale and time zone', async () => {
    const [one, other] = await Promise.all([
      manifest(domain, { env: { LANG: 'C', TZ: 'UTC' } }),
      manifest(domain, { env: { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Asia/Tokyo' } }),
    ]);
    expect(one).toEqual(other);
  });

  it('--verbose says what became of the domain', async () => {
    const { stdout, stderr } = await manifest(['--domain', 'HTTPS://Spacelift.Example.com/', '--verbose']);
    expect(stdout).toContain('"https://spacelift.example.com/slack_oauth"');
    expect(stderr).toBe(
      '--domain: removed the scheme https://\n--domain: removed the trailing slash\n--domain: lowered the case\n',
    );
  });

  it('--command brings a note', async () => {
    const { code, stdout, stderr } = await manifest([...domain, '--command', '/spacelift2']);
    expect(stdout).toContain('"command": "/spacelift2"');
    expect(stderr).toMatch(/^note: Spacelift documents the command \/spacelift.*\n$/);
    expect(code).toBe(0);
    expect((await manifest([...domain, '--command', '/spacelift2', '--quiet'])).stderr).toBe('');
  });

  it('--webhook-domain moves what Slack calls', async () => {
    const { stdout } = await manifest([...domain, '--webhook-domain', 'slack.example.org']);
    expect(stdout.match(/https:\/\/slack\.example\.org\/webhooks\/slack/g)).toHaveLength(3);
    expect(stdout.match(/https:\/\/spacelift\.example\.com\/slack_oauth/g)).toHaveLength(1);
  });

  it('a long link is warned of, and printed', async () => {
    const cwd = await folderWith({
      'patch.json': JSON.stringify({ display_information: { long_description: '日'.repeat(3000) } }),
    });
    const { code, stdout, stderr } = await manifest([...domain, '--patch', 'patch.json', '--format', 'url'], {
      cwd,
    });
    expect(stderr).toMatch(/^warning: the link has \d{5} characters/);
    expect(stdout.length).toBeGreaterThan(8_000);
    expect(code).toBe(0);
  });

  it.each([
    [
      'patch.json',
      '{"display_information": {"name": "Patched"}, "features": {"app_home": {"home_tab_enabled": true}}}',
    ],
    [
      'patch.yaml',
      'display_information:\n  name: Patched\nfeatures:\n  app_home:\n    home_tab_enabled: true\n',
    ],
  ])('--patch takes %s', async (name, content) => {
    const { code, stdout, stderr } = await manifest([...domain, '--patch', name], {
      cwd: await folderWith({ [name]: content }),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      display_information: { name: 'Patched' },
      features: { app_home: { home_tab_enabled: true }, bot_user: { display_name: 'Spacelift' } },
    });
  });

  it.each<[string, string[], string]>([
    [
      'a manifest that Slack would reject',
      ['--name', 'x'.repeat(36)],
      'error: Slack would reject this manifest: /display_information/name: ',
    ],
    [
      'a colour that is none',
      ['--color', 'black'],
      '/display_information/background_color: "black" is not a colour',
    ],
    [
      'a patch that is not there',
      ['--patch', 'none.json'],
      'error: none.json cannot be read: there is no such file',
    ],
    [
      'a patch that is broken',
      ['--patch', 'broken.json'],
      'error: broken.json:1:9: a comma precedes the closing }',
    ],
    [
      'a patch that breaks it',
      ['--patch', 'breaks.json'],
      'error: Slack would reject this manifest: /settings',
    ],
    ['a domain that is an address', ['--domain', '10.0.0.1'], 'error: --domain: "10.0.0.1" is an IP address'],
    ['an unknown format', ['--format', 'xml'], 'expected one of json, yaml, url'],
  ])('%s is refused with 2, and not printed', async (_name, args, message) => {
    const cwd = await folderWith({ 'broken.json': '{"a": 1 ,}', 'breaks.json': '{"settings": {"x": 1}}' });
    const { code, stdout, stderr } = await manifest([...domain, ...args], { cwd });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: .*\nhint: .*\n$/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('with --format json a failure is JSON on stdout too', async () => {
    const { code, stdout, stderr } = await manifest(['--domain', 'localhost', '--format', 'json']);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'domain-invalid',
        message: expect.stringContaining('localhost'),
        hint: expect.any(String),
      },
    });
    expect(stderr).toMatch(/^error: /);
    expect(code).toBe(2);
  });
});

describe('the domain comes from the option, the environment, the env file, or a prompt', () => {
  const used = ({ stdout }: { readonly stdout: string }) =>
    /https:\/\/([^/]+)\/slack_oauth/.exec(stdout)?.[1];

  it('in that order', async () => {
    const cwd = await folderWith({
      '.env': 'SPACELIFT_DOMAIN=file.example.com\nSPACELIFT_WEBHOOK_DOMAIN=hooks.example.com\n',
      'other.env': 'SPACELIFT_DOMAIN="other.example.com"\n',
    });
    const env = { SPACELIFT_DOMAIN: 'environment.example.com' };
    expect(used(await manifest(['--domain', 'option.example.com'], { cwd, env }))).toBe('option.example.com');
    expect(used(await manifest([], { cwd, env }))).toBe('environment.example.com');
    expect(used(await manifest([], { cwd }))).toBe('file.example.com');
    expect(used(await manifest(['--env-file', 'other.env'], { cwd }))).toBe('other.example.com');
    expect(used(await manifest(['--env-file', 'other.env'], { cwd, env }))).toBe('environment.example.com');
    expect(used(await manifest([], { cwd, env: { SPACELIFT_DOMAIN: '' } }))).toBe('file.example.com');
    expect((await manifest([], { cwd })).stdout).toContain('https://hooks.example.com/webhooks/slack');
  });

  it('a bad one names where it came from', async () => {
    const cwd = await folderWith({ '.env': 'SPACELIFT_DOMAIN=localhost\n' });
    expect((await manifest([], { cwd })).stderr).toContain('error: SPACELIFT_DOMAIN (.env): "localhost"');
  });

  it('a password in a bad one is not repeated', async () => {
    for (const args of [['--format', 'json'], ['--verbose']]) {
      const { code, stdout, stderr } = await manifest([
        '--domain',
        'https://u:pa55@foo.example.com',
        ...args,
      ]);
      expect(stderr).toContain('--domain: "https://…@foo.example.com" contains user information');
      expect(stdout + stderr).not.toContain('pa55');
      expect(code).toBe(2);
    }
  });

  it('an env file that is named must be there', async () => {
    const { code, stdout, stderr } = await manifest(['--env-file', 'none.env'], {
      cwd: await temporaryFolder(),
    });
    // Node 20 takes the option for one of its own, and refuses the file itself, with 9 (docs/env.md).
    expect(stderr).toMatch(/none\.env/);
    expect([2, 9]).toContain(code);
    expect(stdout).toBe('');
  });

  it('without a terminal, a missing one is refused with the name of the option', async () => {
    const { code, stdout, stderr } = await manifest([], { cwd: await temporaryFolder() });
    expect(stderr).toContain('hint: Pass --domain <domain>, or set SPACELIFT_DOMAIN');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('on a terminal it is asked for, and asked again where it cannot be', async () => {
    const cwd = await temporaryFolder();
    const window = await openTerminal(
      `'${process.execPath}' '${launcher}' manifest > manifest.json; echo code=$?`,
      { cwd },
    );
    await window.waitFor("Spacelift's domain");
    await window.type('localhost');
    await window.press('Enter');
    await window.waitFor('The domain is this machine itself');
    await window.press('C-u');
    await window.type('asked.example.com');
    await window.press('Enter');
    expect(await window.waitFor('code=')).toContain('code=0');
    const text = await readFile(join(cwd, 'manifest.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(await documentedManifest('asked.example.com'));
  });
});

describe('--out', () => {
  it('writes the file, says so, and leaves stdout alone', async () => {
    const cwd = await temporaryFolder();
    const { code, stdout, stderr } = await manifest([...domain, '--out', 'manifest.json'], { cwd });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: 'wrote manifest.json\n' });
    expect(await readFile(join(cwd, 'manifest.json'), 'utf8')).toBe((await manifest(domain)).stdout);
    expect(await readdir(cwd)).toEqual(['manifest.json']);
  });

  it('again it has nothing to do', async () => {
    const cwd = await temporaryFolder();
    const write = () => manifest([...domain, '--out', 'manifest.json'], { cwd });
    await write();
    const before = await stat(join(cwd, 'manifest.json'));
    expect((await write()).stderr).toBe('manifest.json is up to date\n');
    expect((await stat(join(cwd, 'manifest.json'))).ino).toBe(before.ino);
  });

  it('overwrites other content only with --force', async () => {
    const cwd = await folderWith({ 'manifest.json': 'mine' });
    const refused = await manifest([...domain, '--out', 'manifest.json'], { cwd });
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--force') });
    expect(await readFile(join(cwd, 'manifest.json'), 'utf8')).toBe('mine');
    const forced = await manifest([...domain, '--out', 'manifest.json', '--force'], { cwd });
    expect(forced).toMatchObject({ code: 0, stderr: 'wrote manifest.json\n' });
    expect(await readFile(join(cwd, 'manifest.json'), 'utf8')).toContain('spacelift.example.com');
  });

  it('heeds the umask, and keeps the mode of a file that is there', async () => {
    const cwd = await folderWith({ 'private.json': 'mine' });
    await chmod(join(cwd, 'private.json'), 0o600);
    for (const name of ['new.json', 'private.json']) {
      const line = `umask 027; exec '${process.execPath}' '${launcher}' ${['manifest', ...domain].join(' ')} --force --out ${name}`;
      await promisify(execFile)('sh', ['-c', line], { cwd });
    }
    expect((await stat(join(cwd, 'new.json'))).mode & 0o777).toBe(0o640);
    expect((await stat(join(cwd, 'private.json'))).mode & 0o777).toBe(0o600);
  });

  it('follows a symbolic link, and leaves it one', async () => {
    const cwd = await folderWith({ 'real.json': '' });
    await symlink('real.json', join(cwd, 'link.json'));
    expect((await manifest([...domain, '--out', 'link.json', '--force'], { cwd })).code).toBe(0);
    expect((await lstat(join(cwd, 'link.json'))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(cwd, 'real.json'), 'utf8')).toContain('spacelift.example.com');
  });

  it('a write that fails leaves the old content, and nothing beside it', async () => {
    const cwd = await folderWith({ 'manifest.json': 'mine' });
    const { code, stderr } = await manifest([...domain, '--out', 'manifest.json', '--force'], {
      cwd,
      fileSizeLimit: 1,
    });
    expect(stderr).toMatch(/^error: .*manifest\.json.*\nhint: .*\n$/);
    expect(code).toBe(3);
    expect(await readFile(join(cwd, 'manifest.json'), 'utf8')).toBe('mine');
    expect(await readdir(cwd)).toEqual(['manifest.json']);
  });

  it.each(['none/manifest.json', '.'])('%s cannot be written: 3', async (file) => {
    const { code, stdout, stderr } = await manifest([...domain, '--out', file], {
      cwd: await temporaryFolder(),
    });
    expect(stderr).toMatch(/^error: .* cannot be written.*\nhint: .*\n$/);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  });

  it.each(['/dev/stdout', '-'])('goes through %s without waiting or asking for --force', async (file) => {
    const { code, stdout, stderr } = await manifest([...domain, '--out', file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe((await manifest(domain)).stdout);
  });

  it('takes the changes of diff as well', async () => {
    const cwd = await folderWith({ 'a.json': broken });
    const { code, stdout } = await manifest(
      ['diff', 'a.json', ...domain, '--format', 'json', '--out', 'diff.json'],
      { cwd },
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(await readFile(join(cwd, 'diff.json'), 'utf8'))).toMatchObject({ equal: false });
  });

  it('takes the findings of validate as well', async () => {
    const cwd = await folderWith({ 'a.json': broken });
    const { code, stdout } = await manifest(['validate', 'a.json', '--format', 'sarif', '--out', 'a.sarif'], {
      cwd,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(await readFile(join(cwd, 'a.sarif'), 'utf8')).runs[0].results).toHaveLength(1);
  });
});

describe('--patch', () => {
  it('comes from standard input for -', async () => {
    const { stdout } = await manifest([...domain, '--patch', '-'], {
      stdin: '{"display_information":{"name":"Two"}}',
    });
    expect(JSON.parse(stdout).display_information.name).toBe('Two');
  });

  it.each(['[1]', '"x"', '1'])('%s is no patch', async (stdin) => {
    const { code, stdout, stderr } = await manifest([...domain, '--patch', '-'], { stdin });
    expect(stderr).toContain('error: -: expected a merge patch, which is an object');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

it.each([
  ['--name', 'Two'],
  ['--color', '#123456'],
])('notes with %s alone that --command gives the command another name', async (...flag) => {
  const { code, stderr } = await manifest([...domain, ...flag]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('pass --command') });
});

describe('--open', () => {
  /** A browser, as the launchers of Linux desktops take one from the environment, that notes the link it is given. */
  async function browser(
    exitCode: number,
  ): Promise<{ readonly cwd: string; readonly env: Record<string, string> }> {
    const cwd = await folderWith({
      browser: `#!/bin/sh\nprintf %s "$1" > "${'$'}(dirname "$0")/opened"\nexit ${exitCode}\n`,
    });
    await chmod(join(cwd, 'browser'), 0o755);
    return { cwd, env: { BROWSER: join(cwd, 'browser') } };
  }

  it('opens the link that --format url prints', async () => {
    // xdg-open, which finds the browser, runs it.
    await need('grep');
    const { cwd, env } = await browser(0);
    const { code, stdout, stderr } = await manifest([...domain, '--open'], { cwd, env });
    expect(stdout).toBe((await manifest(domain)).stdout);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^Opened Slack's create-app page .* press Create\. .*env --write\n$/),
    });
    const link = (await manifest([...domain, '--format', 'url'])).stdout.trimEnd();
    await expect.poll(() => readFile(join(cwd, 'opened'), 'utf8').catch(() => '')).toBe(link);
  });

  it('says so where there is no browser', async () => {
    const cwd = await temporaryFolder();
    const { code, stderr } = await manifest([...domain, '--open'], { cwd, env: { BROWSER: '/none' } });
    expect(stderr).toMatch(/^error: could not open a browser\nhint: .*--format url.*\n$/);
    expect(code).toBe(3);
  });
});

describe('manifest validate', () => {
  it.each<[string, string[], string, number]>([
    ['a sound file', ['sound.json'], '', 0],
    ['a broken one', ['broken.json'], '', 1],
    ['warnings', ['warned.json'], '', 0],
    ['warnings with --strict', ['warned.json', '--strict'], '', 1],
    ['several', ['sound.json', 'warned.json'], '', 0],
    ['several, one of them broken', ['sound.json', 'broken.json', 'warned.json'], '', 1],
    ['standard input by -', ['-'], sound, 0],
    ['standard input by nothing', [], broken, 1],
    ['YAML on standard input', [], 'display_information:\n  name: a\n', 0],
    ['an unknown key', ['unknown.json'], '', 1],
    ['an unknown key with --lenient', ['unknown.json', '--lenient'], '', 0],
    ['nothing on standard input', [], '', 1],
  ])('%s ends with its code, in each form', async (_name, args, stdin, expected) => {
    const unknown = '{"display_information": {"name": "a", "icon": "x"}}';
    const cwd = await folderWith({
      'sound.json': sound,
      'broken.json': broken,
      'warned.json': warned,
      'unknown.json': unknown,
    });
    for (const format of ['text', 'json', 'github', 'sarif']) {
      const { code, stderr } = await manifest(['validate', ...args, '--format', format], { cwd, stdin });
      expect({ format, code, stderr }).toEqual({ format, code: expected, stderr: '' });
    }
  });

  it.each<[string, string[], boolean, number]>([
    ['nothing found', ['sound.json', 'sound.json', '--strict'], true, 0],
    ['warnings', ['sound.json', 'warned.json'], true, 0],
    ['warnings with --strict', ['sound.json', 'warned.json', '--strict'], false, 1],
    ['an error', ['sound.json', 'broken.json'], false, 1],
  ])('%s: what is said agrees with the exit code', async (_name, args, valid, exitCode) => {
    const cwd = await folderWith({ 'sound.json': sound, 'broken.json': broken, 'warned.json': warned });
    const json = await manifest(['validate', ...args, '--format', 'json'], { cwd });
    expect({ valid: JSON.parse(json.stdout).valid, code: json.code }).toEqual({ valid, code: exitCode });
    const sarif = await manifest(['validate', ...args, '--format', 'sarif'], { cwd });
    const [invocation] = JSON.parse(sarif.stdout).runs[0].invocations;
    expect(invocation).toEqual({ executionSuccessful: true, exitCode });
    const text = await manifest(['validate', ...args], { cwd, env: { FORCE_COLOR: '1' } });
    expect(text.stdout).toContain(`\u001b[${valid ? 32 : 31}m2 files`);
  });

  it('takes twenty files at once, and tells of all', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `${index}.json`);
    const cwd = await folderWith(Object.fromEntries(names.map((name) => [name, broken])));
    const { stdout } = await manifest(['validate', ...names, '--format', 'json'], { cwd });
    expect(JSON.parse(stdout).findings.map(({ file }: { file: string }) => file)).toEqual(names);
  });

  it('names standard input', async () => {
    const { stdout } = await manifest(['validate'], { stdin: broken });
    expect(stdout).toMatch(/^stdin:1:34 error /);
  });

  it('the documented manifest is not finished: four placeholders', async () => {
    const documented = fileURLToPath(
      new URL('../manifest/fixtures/documented-manifest.json', import.meta.url),
    );
    const { code, stdout } = await manifest(['validate', documented, '--format', 'json']);
    expect(
      JSON.parse(stdout).findings.map(({ rule, line }: { rule: string; line: number }) => `${rule} ${line}`),
    ).toEqual(['url-placeholder 16', 'url-placeholder 24', 'url-placeholder 39', 'url-placeholder 44']);
    expect(code).toBe(1);
  });

  it.each([
    ['none.json', 'none.json cannot be read: there is no such file'],
    ['.', '. cannot be read: it is a folder'],
  ])('%s alone ends with 2, and no report', async (name, message) => {
    const cwd = await folderWith({ 'sound.json': sound });
    const { code, stdout, stderr } = await manifest(['validate', name], { cwd });
    expect(stderr).toContain(`error: ${message}\nhint: `);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const json = await manifest(['validate', name, '--format', 'json'], { cwd });
    expect(JSON.parse(json.stdout).error.code).toBe('file-unreadable');
  });

  it('what cannot be read is named, and the others are checked: 2', async () => {
    const cwd = await folderWith({ 'sound.json': sound, 'broken.json': broken });
    const args = ['validate', 'none.json', 'sound.json', '.', 'broken.json'];
    const message = 'none.json cannot be read: there is no such file; . cannot be read: it is a folder';

    const text = await manifest(args, { cwd });
    expect(text.stdout).toMatch(/^sound\.json: valid\nbroken\.json:1:34 error [\s\S]*2 files, 1 error, /);
    expect(text.stderr).toMatch(/^error: .*\nhint: Check its name.*\n$/);
    expect(text.stderr).toContain(`error: ${message}\n`);
    expect(text.code).toBe(2);

    const json = await manifest([...args, '--format', 'json'], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: { code: 'file-unreadable', message, hint: expect.any(String) },
      valid: false,
      findings: [{ file: 'broken.json' }],
    });
    expect(json.code).toBe(2);

    const sarif = await manifest([...args, '--format', 'sarif'], { cwd });
    const [run] = JSON.parse(sarif.stdout).runs;
    expect(run.results).toHaveLength(1);
    expect(run.invocations).toEqual([
      {
        executionSuccessful: false,
        exitCode: 2,
        toolExecutionNotifications: [
          {
            level: 'error',
            message: { text: `${message}. Check its name and its permissions.` },
          },
        ],
      },
    ]);
    expect(sarif.code).toBe(2);

    const github = await manifest([...args, '--format', 'github'], { cwd });
    expect(github.stdout).toMatch(
      /^::error title=file-unreadable::none\.json cannot.*\n::error file=broken\.json,/,
    );
    expect(github.code).toBe(2);
  });

  it('one sound file beside one that cannot be read is not valid', async () => {
    const cwd = await folderWith({ 'sound.json': sound });
    const { code, stdout } = await manifest(['validate', 'none.json', 'sound.json', '--format', 'json'], {
      cwd,
    });
    expect({ code, valid: JSON.parse(stdout).valid }).toEqual({ code: 2, valid: false });
  });

  it('does not wait for a terminal', async () => {
    const window = await openTerminal(`'${process.execPath}' '${launcher}' manifest validate; echo code=$?`, {
      cwd: await temporaryFolder(),
    });
    expect(await window.waitFor('code=')).toMatch(/no manifest: stdin is a terminal[\s\S]*code=2/);
  });

  it('is in colour on a terminal alone', async () => {
    const cwd = await folderWith({ 'broken.json': broken });
    expect((await manifest(['validate', 'broken.json'], { cwd })).stdout).not.toContain('\u001b');
    const forced = await manifest(['validate', 'broken.json'], { cwd, env: { FORCE_COLOR: '1' } });
    expect(forced.stdout).toContain('\u001b[31merror');
  });
});

describe('manifest diff', () => {
  it('ends with 0 where nothing differs', async () => {
    const cwd = await temporaryFolder();
    await manifest([...domain, '--out', 'a.yaml', '--format', 'yaml'], { cwd });
    const text = await manifest(['diff', 'a.yaml', ...domain], { cwd });
    expect(text).toMatchObject({
      code: 0,
      stdout: 'a.yaml matches spacelift.example.com\n',
      stderr: '',
    });
    const json = await manifest(['diff', 'a.yaml', ...domain, '--format', 'json'], { cwd });
    expect(JSON.parse(json.stdout)).toEqual({ equal: true, changes: [] });
  });

  it('ends with 1 where something does, and says what it does', async () => {
    const cwd = await temporaryFolder();
    await manifest([...domain, '--out', 'a.json'], { cwd });
    const other = ['--domain', 'other.example.com', '--webhook-domain', 'spacelift.example.com'];
    const { code, stdout, stderr } = await manifest(['diff', 'a.json', ...other], { cwd });
    expect(stdout).toBe(
      'a.json needs 1 change to match other.example.com\n\n' +
        '~ /oauth_config/redirect_urls/0: "https://spacelift.example.com/slack_oauth" -> "https://other.example.com/slack_oauth"\n' +
        '    With another redirect URL, Connect in Spacelift fails with bad_redirect_uri.\n',
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const json = await manifest(['diff', 'a.json', ...other, '--format', 'json'], { cwd });
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      equal: false,
      changes: [{ kind: 'changed', pointer: '/oauth_config/redirect_urls/0' }],
    });
  });

  it('reads standard input by - and by nothing', async () => {
    const { stdout: stdin } = await manifest(domain);
    for (const args of [['-'], []])
      expect((await manifest(['diff', ...args, ...domain], { stdin })).code).toBe(0);
  });

  it('heeds the options that the manifest was rendered with', async () => {
    const options = [...domain, '--name', 'B', '--command', '/b', '--color', '#000', '--quiet'];
    const { stdout: stdin } = await manifest(options);
    expect((await manifest(['diff', ...options], { stdin })).code).toBe(0);
    expect((await manifest(['diff', ...domain], { stdin })).code).toBe(1);
  });

  it('compares a manifest that Slack would reject', async () => {
    expect((await manifest(['diff', ...domain], { stdin: '{}' })).code).toBe(1);
  });

  it.each<[string, string, string]>([
    ['a file that is not there', 'none.json', 'none.json cannot be read: there is no such file'],
    ['a file that is none', 'broken.json', 'broken.json:1:2: the file ends in the middle of a value'],
    [
      'a file with a mark that is none',
      'marked.json',
      'marked.json:1:2: the file ends in the middle of a value',
    ],
  ])('%s ends with 2', async (_name, file, message) => {
    const cwd = await folderWith({ 'broken.json': '{', 'marked.json': '\ufeff{' });
    const { code, stdout, stderr } = await manifest(['diff', file, ...domain], { cwd });
    expect(stderr).toContain(`error: ${message}`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

it('a folder may be named as it pleases', async () => {
  const folder = await temporaryFolder();
  const cwd = join(folder, 'with blank, ünicode & "quotes"');
  await mkdir(cwd);
  await writeFile(join(cwd, 'é ü.json'), sound);
  expect((await manifest(['validate', 'é ü.json'], { cwd })).stdout).toBe('é ü.json: valid\n');
});
