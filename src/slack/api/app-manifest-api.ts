import { isObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import { type SlackApi, type SlackFailure, type SlackResult, withGrace } from './web-api.ts';

/** A problem that Slack's App Manifest API reports for one place in a manifest. */
export interface ManifestProblem {
  readonly message: string;
  readonly code: string | undefined;
  /** Where, as Slack writes it: usually a JSON pointer, but not always, and not always to an existing value. */
  readonly place: string | undefined;
}

export interface CreatedApp {
  readonly appId: string;
  /** Only this response has them: no other method returns them. */
  readonly credentials: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly signingSecret: string;
  };
  /** The workspace that the app belongs to, `T…`, or the Enterprise organisation, `E…`. */
  readonly teamId: string | undefined;
  /** The URL at which the app is installed in the workspace. */
  readonly installUrl: string | undefined;
  /** What Slack reports although it created the app. */
  readonly problems: readonly ManifestProblem[];
}

export interface AppManifestApi {
  /** Has Slack validate a manifest, for a new app or an existing one. The value is a list of warnings. */
  validate(manifest: JsonObject, appId?: string): Promise<SlackResult<readonly ManifestProblem[]>>;
  /** @param signal interrupts the call after a grace period for the response, see `withGrace` */
  create(manifest: JsonObject, signal?: AbortSignal): Promise<SlackResult<CreatedApp>>;
  /** Replaces the whole manifest: what the new one lacks is removed from the app. The signal is as above. */
  update(
    appId: string,
    manifest: JsonObject,
    signal?: AbortSignal,
  ): Promise<SlackResult<{ readonly permissionsUpdated: boolean }>>;
  export(appId: string): Promise<SlackResult<JsonObject>>;
  /** Deletes the app permanently, with all its installations. The signal is as above. */
  delete(appId: string, signal?: AbortSignal): Promise<SlackResult<undefined>>;
}

/**
 * Slack's App Manifest API.
 *
 * @param token an app configuration access token, `xoxe.xoxp-…`
 * @see https://docs.slack.dev/app-manifests/configuring-apps-with-app-manifests
 */
export function appManifestApi(api: SlackApi, token: string): AppManifestApi {
  const call = async <Value>(
    method: string,
    args: Readonly<Record<string, string>>,
    read: (body: JsonObject) => Value | undefined,
    signal?: AbortSignal,
  ): Promise<SlackResult<Value>> => {
    const result = await api.call(`apps.manifest.${method}`, args, { token }, signal);
    if (!result.ok) return result;
    // Like Slack's own CLI, this treats errors beside `ok: true` as a failure, unless there are credentials: they come
    // only once.
    if (problems(result.value['errors']).length > 0 && !('credentials' in result.value)) {
      return { ok: false, failure: { kind: 'refused', error: 'invalid_manifest', body: result.value } };
    }
    const value = read(result.value);
    return value === undefined ? { ok: false, failure: { kind: 'unreadable' } } : { ok: true, value };
  };

  return {
    validate: (manifest, appId) =>
      call(
        'validate',
        { manifest: text(manifest), ...(appId === undefined ? {} : { app_id: appId }) },
        (body) => problems(body['warnings']),
      ),
    create: (manifest, signal) =>
      call('create', { manifest: text(manifest) }, readCreatedApp, withGrace(signal)),
    update: (appId, manifest, signal) =>
      call(
        'update',
        { app_id: appId, manifest: text(manifest) },
        (body) => ({ permissionsUpdated: body['permissions_updated'] === true }),
        withGrace(signal),
      ),
    export: (appId) => call('export', { app_id: appId }, (body) => object(body['manifest'])),
    delete: async (appId, signal) => {
      const result = await call('delete', { app_id: appId }, () => true, withGrace(signal));
      return result.ok ? { ok: true, value: undefined } : result;
    },
  };
}

/** The problems that Slack reports if it rejected a manifest. */
export function manifestProblems(failure: SlackFailure): readonly ManifestProblem[] {
  return failure.kind === 'refused' ? problems(failure.body['errors']) : [];
}

/** The methods expect JSON as a string. `$schema` is for editors and not in Slack's reference. */
function text({ $schema: _, ...manifest }: JsonObject): string {
  return JSON.stringify(manifest);
}

function readCreatedApp(body: JsonObject): CreatedApp | undefined {
  const appId = string(body['app_id']);
  const credentials = object(body['credentials']);
  const clientId = string(credentials?.['client_id']);
  const clientSecret = string(credentials?.['client_secret']);
  const signingSecret = string(credentials?.['signing_secret']);
  if (!appId || !clientId || !clientSecret || !signingSecret) return undefined;
  return {
    appId,
    credentials: { clientId, clientSecret, signingSecret },
    teamId: string(body['team_id']),
    installUrl: string(body['oauth_authorize_url']),
    problems: problems(body['errors']),
  };
}

function problems(value: JsonValue | undefined): ManifestProblem[] {
  if (!Array.isArray(value)) return [];
  return value.map((item: JsonValue) => {
    const fields = object(item);
    const code = string(fields?.['code']);
    return {
      message: string(fields?.['message']) ?? code ?? JSON.stringify(item),
      code,
      place: string(fields?.['pointer']),
    };
  });
}

function object(value: JsonValue | undefined): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

function string(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
