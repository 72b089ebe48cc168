import type { Context } from '../../cli/context.ts';
import { projectFileName, writeProjectFile } from '../../environment/project-file.ts';
import type { Answers } from './progress.ts';

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
