import type { Context } from '../../cli/context.ts';
import { projectFileName, readProjectFile, writeProjectFile } from '../../environment/project-file.ts';
import { type Answers, describeHosts } from './progress.ts';
import { envFileOf } from './stored-credentials.ts';

/**
 * The app whose credentials are in the env file, as the project file names it: in a copy of the folder, or once the
 * answers of the last run are gone, nothing else knows it.
 *
 * @throws UserError `project-file-invalid`
 */
export async function rememberedApp(
  answers: Answers,
  { cwd }: Context,
): Promise<Pick<Answers, 'appId' | 'appHosts'>> {
  const file = await readProjectFile(cwd);
  if (file.kind !== 'read' || file.project.envFile !== envFileOf(answers)) return {};
  const { appId, domain, webhookDomain = domain, way } = file.project;
  return appId === undefined ? {} : { appId, appHosts: describeHosts({ domain, webhookDomain, way }) };
}

/**
 * Writes what later commands need to know of this deployment to the project file. It holds no secret.
 *
 * @throws UserError `file-not-written`, `project-file-invalid`
 */
export async function rememberProject(answers: Answers, { cwd, terminal }: Context): Promise<void> {
  const { domain = '', webhookDomain, appId, envFile, way } = answers;
  const other = webhookDomain === domain ? undefined : webhookDomain;
  await writeProjectFile(cwd, {
    domain,
    ...(other === undefined ? {} : { webhookDomain: other }),
    ...(appId === undefined ? {} : { appId }),
    ...(envFile === undefined ? {} : { envFile }),
    ...(way === undefined ? {} : { way }),
  });
  const used = appId === undefined ? 'domain' : 'domain and app id';
  terminal.note(`Wrote ${projectFileName}: commands in this folder use its ${used}.`);
}
