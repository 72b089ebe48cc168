import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import { toJson, toYaml } from '../../manifest/render.ts';
import { resultTarget, writeResult } from '../output/result-file.ts';
import { requireAppId } from './options.ts';
import { openSession, type SessionFlags } from './session.ts';

interface Flags extends SessionFlags {
  readonly appId?: string | undefined;
  readonly format: 'json' | 'yaml';
  readonly out?: string | undefined;
  readonly force?: true | undefined;
}

export async function exportApp(flags: Flags, context: Context): Promise<ExitCode> {
  const target = resultTarget(flags);
  const appId = await requireAppId(flags.appId, context, flags.envFile);
  const { apps, done } = await openSession(flags, context);
  const manifest = done(await apps.export(appId), `export the app ${appId}`);
  const content = flags.format === 'yaml' ? await toYaml(manifest) : toJson(manifest);
  await writeResult(content, target, context);
  return ExitCode.done;
}
