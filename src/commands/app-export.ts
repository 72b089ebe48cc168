import { toJson, toYaml } from '../manifest/render.ts';
import type { Context } from '../terminal/context.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { requireAppId } from './app-options.ts';
import { openSession, type SessionFlags } from './app-session.ts';
import { resultTarget, writeResult } from './result-file.ts';

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
