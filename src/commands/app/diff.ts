import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import { diffManifests } from '../../manifest/diff.ts';
import { diffAsJson, diffAsText } from '../../manifest/report/diff-report.ts';
import { penFor } from '../../terminal/colour.ts';
import { type RenderFlags, renderValid, resolveRenderOptions } from '../options/render.ts';
import { requireAppId } from './options.ts';
import { openSession, type SessionFlags } from './session.ts';

interface Flags extends RenderFlags, SessionFlags {
  readonly appId?: string | undefined;
  readonly format: 'text' | 'json';
}

export async function diff(flags: Flags, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const options = await resolveRenderOptions(flags, context);
  const wanted = await renderValid(options, context);
  const appId = await requireAppId(flags.appId, context, flags.envFile);
  const { apps, done } = await openSession(flags, context);
  const actual = done(await apps.export(appId), `export the app ${appId}`);
  const changes = diffManifests(actual, wanted);
  const names = { actual: `the app ${appId}`, wanted: options.domain };
  terminal.result(
    flags.format === 'json' ? diffAsJson(changes) : diffAsText(changes, names, penFor(terminal, 'stdout')),
  );
  return changes.length === 0 ? ExitCode.done : ExitCode.found;
}
