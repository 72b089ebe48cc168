import { readdirSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Project,
  projectFileName,
  readProjectFile,
  writeProjectFile,
} from '../../src/environment/project-file.ts';
import { readSettings, withoutProject } from '../../src/environment/settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const project: Project = {
  domain: 'spacelift.example.com',
  webhookDomain: 'hooks.example.com',
  appId: 'A0123456789',
  envFile: 'deploy/prod.env',
  way: 'relay',
};

async function folderWith(content: unknown): Promise<string> {
  const cwd = await temporaryFolder();
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  await writeFile(join(cwd, projectFileName), text);
  return cwd;
}

it('reads what it has written, and leaves no other file', async () => {
  const cwd = await temporaryFolder();
  await writeProjectFile(cwd, project);
  expect(await readProjectFile(cwd)).toEqual({ kind: 'read', project });
  expect(await readdir(cwd)).toEqual([projectFileName]);
});

it('needs a domain alone', async () => {
  expect(await readProjectFile(await temporaryFolder())).toEqual({ kind: 'none' });
  const cwd = await folderWith({ domain: 'spacelift.example.com' });
  expect(await readProjectFile(cwd)).toEqual({ kind: 'read', project: { domain: 'spacelift.example.com' } });
  await writeProjectFile(cwd, { domain: 'other.example.com' });
  expect(await readProjectFile(cwd)).toEqual({ kind: 'read', project: { domain: 'other.example.com' } });
});

it('writes the name that an env file has in the folder', async () => {
  const cwd = await temporaryFolder();
  await writeProjectFile(cwd, { ...project, envFile: join(cwd, 'deploy', 'prod.env') });
  expect(await readProjectFile(cwd)).toMatchObject({ project: { envFile: 'deploy/prod.env' } });
});

it('closes the file', async () => {
  const cwd = await folderWith(project);
  const open = () => readdirSync('/dev/fd').length;
  const before = open();
  for (let index = 0; index < 20; index += 1) await readProjectFile(cwd);
  expect(open()).toBeLessThan(before + 20);
});

it.each(['/etc/slack.env', '../other/.env', '.'])('leaves out the env file %s', async (envFile) => {
  const cwd = await temporaryFolder();
  await writeProjectFile(cwd, { ...project, envFile });
  expect(await readFile(join(cwd, projectFileName), 'utf8')).not.toContain('envFile');
});

it('does not overwrite a file that it cannot read', async () => {
  const cwd = await folderWith('{');
  await expect(writeProjectFile(cwd, project)).rejects.toMatchObject({ code: 'project-file-invalid' });
  expect(await readFile(join(cwd, projectFileName), 'utf8')).toBe('{');
});

it.each<[string, unknown, string]>([
  ['no JSON', '{"domain":', 'is not valid JSON'],
  ['a list', [], 'must be a JSON object'],
  ['no domain', {}, 'lacks the key "domain"'],
  ['an unknown key', { ...project, slackApiUrl: 'x' }, 'has the unknown key "slackApiUrl"'],
  ['a number', { domain: 1 }, '"domain" must be a string'],
  ['a client id as the app id', { ...project, appId: '1.2' }, '"appId" is not an app id'],
  ['an unknown way', { ...project, way: 'vpn' }, '"way" must be one of'],
  ['an absolute env file', { ...project, envFile: '/etc/passwd' }, '"envFile" must name a file inside'],
  ['an env file above', { ...project, envFile: 'a/../../x' }, '"envFile" must name a file inside'],
  ['a drive', { ...project, envFile: 'C:x.env' }, '"envFile" must name a file inside'],
  ['a backslash', { ...project, envFile: '..\\x.env' }, '"envFile" must name a file inside'],
  ['a control character', { ...project, envFile: 'a\u001b[2J' }, '"envFile" must name a file inside'],
  ['a domain that is too long', { domain: 'a'.repeat(254) }, '"domain" is too long'],
  ['too much', JSON.stringify(project).padEnd(16 * 1024 + 1), 'is larger than 16 KiB'],
])('refuses %s', async (_, content, problem) => {
  await expect(readProjectFile(await folderWith(content))).rejects.toMatchObject({
    code: 'project-file-invalid',
    exitCode: 2,
    message: expect.stringContaining(`${projectFileName} ${problem}`),
    hint: 'Correct it, or delete it: spacelift-slack init writes it again.',
  });
});

it('reads up to 16 KiB', async () => {
  const cwd = await folderWith(JSON.stringify(project).padEnd(16 * 1024));
  expect(await readProjectFile(cwd)).toEqual({ kind: 'read', project });
});

it('says why the file cannot be opened, and keeps the error of the system', async () => {
  const cwd = join(await temporaryFolder(), 'a'.repeat(300));
  await expect(readProjectFile(cwd)).rejects.toMatchObject({
    code: 'project-file-invalid',
    message: `${projectFileName} cannot be read: ENAMETOOLONG`,
    cause: expect.objectContaining({ code: 'ENAMETOOLONG' }),
  });
});

it('refuses a symbolic link, and an env file that is a link out of the folder', async () => {
  const elsewhere = await folderWith({ ...project, envFile: 'x.env' });
  const cwd = await temporaryFolder();
  await symlink(join(elsewhere, projectFileName), join(cwd, projectFileName));
  await expect(readProjectFile(cwd)).rejects.toThrow('is a symbolic link');
  await writeFile(join(cwd, 'secrets.env'), '');
  await symlink(join(cwd, 'secrets.env'), join(elsewhere, 'x.env'));
  await expect(readProjectFile(elsewhere)).rejects.toThrow('is a link out of the folder');
});

it.each(['link.env', 'folder/new.env'])(
  'refuses an env file out of the folder that is not there yet: %s',
  async (envFile) => {
    const cwd = await folderWith({ ...project, envFile });
    const elsewhere = await temporaryFolder();
    await symlink(join(elsewhere, 'new.env'), join(cwd, 'link.env'));
    await symlink(elsewhere, join(cwd, 'folder'));
    await expect(readProjectFile(cwd)).rejects.toThrow('is a link out of the folder');
  },
);

it('refuses an env file that is a link to the folder above', async () => {
  const cwd = await folderWith({ ...project, envFile: 'up' });
  await symlink('..', join(cwd, 'up'));
  await expect(readProjectFile(cwd)).rejects.toThrow('is a link out of the folder');
});

it.each([
  ['a link inside the folder', 'link.env', 'deploy/prod.env'],
  ['a name that begins with two dots', '..env', undefined],
  ['links in a circle, which lead nowhere', 'link.env', 'link.env'],
])('reads a file whose env file is %s', async (_, envFile, target) => {
  const cwd = await folderWith({ ...project, envFile });
  if (target !== undefined) await symlink(target, join(cwd, envFile));
  expect(await readProjectFile(cwd)).toMatchObject({ project: { envFile } });
});

it('refuses a folder of that name', async () => {
  const cwd = await temporaryFolder();
  await mkdir(join(cwd, projectFileName));
  await expect(readProjectFile(cwd)).rejects.toThrow('is not a regular file');
});

it('uses no value of a file that belongs to another user, and does not overwrite it', async () => {
  const cwd = await folderWith(project);
  const { uid } = await stat(cwd);
  expect(await readProjectFile(cwd, uid + 1)).toEqual({ kind: 'foreign', uid });
  await expect(writeProjectFile(cwd, { domain: 'other.example.com' }, uid + 1)).rejects.toMatchObject({
    code: 'project-file-invalid',
    message: `${projectFileName} belongs to another user of this machine (uid ${uid})`,
  });
  expect(await readProjectFile(cwd)).toEqual({ kind: 'read', project });
});

describe('the settings', () => {
  const env = { SPACELIFT_DOMAIN: 'env.example.com' };

  it('come from the environment, the env file and the project file, in that order', async () => {
    const cwd = await folderWith({ ...project, envFile: 'x.env' });
    await writeFile(join(cwd, 'x.env'), 'SPACELIFT_WEBHOOK_DOMAIN=file.example.com\n');
    const settings = await readSettings({ env, cwd });
    expect(settings.get('SPACELIFT_DOMAIN')).toMatchObject({ value: 'env.example.com' });
    expect(settings.get('SPACELIFT_WEBHOOK_DOMAIN')).toMatchObject({
      value: 'file.example.com',
      source: 'x.env',
    });
    expect(settings.get('SLACK_APP_ID')).toEqual({
      value: 'A0123456789',
      source: projectFileName,
      file: 'project',
    });
    expect(settings.envFile).toBe('x.env');
  });

  it('leave the project file out where no file counts, and for init', async () => {
    const cwd = await folderWith(project);
    const none = await readSettings({ env: {}, cwd, envFile: false });
    expect(none.get('SLACK_APP_ID')).toBeUndefined();
    expect(none.projectFile).toEqual({ kind: 'none' });
    const settings = withoutProject(await readSettings({ env, cwd }));
    expect(settings.get('SLACK_APP_ID')).toBeUndefined();
    expect(settings.get('SLACK_SECRET')).toBeUndefined();
    expect(settings.get('SPACELIFT_DOMAIN')).toMatchObject({ value: 'env.example.com' });
  });
});
