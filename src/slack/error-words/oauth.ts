import type { ErrorWord } from './entry.ts';

/** What an installation ends with when it does not end well: on Slack's page, in the redirect, or at the exchange. */
export const oauthWords: readonly ErrorWord[] = [
  {
    word: 'access_denied',
    meaning:
      'In a redirect from Slack: the person pressed Cancel. From Slack’s API: the token may not do what was asked.',
    causes: [
      'the installation was cancelled',
      'an administrator has not approved the app',
      'a token of another kind',
    ],
    advice: 'Start the installation again, or ask an administrator of the workspace to approve the app.',
    run: [],
    source: 'oauth',
  },
  {
    word: 'bad_redirect_uri',
    shown: 'redirect_uri did not match any configured URIs',
    meaning:
      'The address to return to is not among the app’s redirect URLs, or not the one that was first named.',
    causes: [
      'the app has another domain: the redirect URL must be https://<domain>/slack_oauth',
      'a trailing slash or a port was added',
      'Spacelift’s own domain setting differs from the name in the browser',
    ],
    advice:
      'Make the app’s redirect URL https://<domain>/slack_oauth, with the domain Spacelift knows itself by.',
    run: ['spacelift-slack app diff', 'spacelift-slack doctor --only oauth.reachable'],
    source: 'oauth',
  },
  {
    word: 'invalid_team_for_non_distributed_app',
    meaning:
      'The app is installed into another workspace than the one it was created in, and it is not distributed.',
    causes: [
      'the browser was signed in to another workspace',
      'the app was created in a test workspace',
      'several workspaces are meant to use one app',
    ],
    advice: 'Choose the app’s own workspace, or create the app in the workspace that will use it.',
    run: ['spacelift-slack manifest'],
    source: 'oauth',
  },
  {
    word: 'invalid_client_id',
    meaning: 'Slack knows no app with this client id.',
    causes: [
      'the app id (A…) stands in SLACK_APP_CLIENT_ID',
      'a YAML file turned the id into a number',
      'the app was deleted',
      'the app lives on slack-gov.com, or the other way round',
    ],
    advice: 'Copy the client id from Basic Information; it is two numbers with a dot between, kept as text.',
    run: ['spacelift-slack doctor --only env,slack.credentials'],
    source: 'oauth.v2.access',
  },
  {
    word: 'bad_client_secret',
    meaning: 'The client secret does not belong to the client id.',
    causes: [
      'the signing secret stands in SLACK_APP_CLIENT_SECRET',
      'the secret was regenerated, and Spacelift has the old one',
      'id and secret come from two apps',
      'a blank, a quote or a line break came along',
    ],
    advice: 'Copy client id and client secret anew, from the same app.',
    run: ['spacelift-slack doctor --only env,slack.credentials', 'spacelift-slack env'],
    source: 'oauth.v2.access',
  },
  {
    word: 'invalid_code',
    alias: ['code_expired'],
    meaning: 'The code from the redirect is unknown or too old: it lives for ten minutes.',
    causes: ['the page was left open', 'the code belongs to another app', 'the query was changed on its way'],
    advice: 'Start the installation again. To doctor this word is good news: id and secret belong together.',
    run: [],
    source: 'oauth.v2.access',
  },
  {
    word: 'code_already_used',
    meaning: 'The code from the redirect was exchanged before; it works once.',
    causes: ['the page was reloaded', 'two servers answered one redirect', 'a scanner opened the link first'],
    advice: 'See whether the first attempt succeeded; if not, start the installation again.',
    run: [],
    source: 'reports',
  },
  {
    word: 'invalid_scope',
    alias: ['invalid_scopes'],
    meaning:
      'The installation or the manifest asks for a permission that does not exist, or not for an app of this kind.',
    causes: ['a misspelt scope', 'a user scope among the bot scopes', 'a scope that Slack has retired'],
    advice: 'Ask for the documented seven bot scopes.',
    run: ['spacelift-slack manifest validate manifest.json', 'spacelift-slack app diff'],
    source: 'oauth',
  },
  {
    word: 'unapproved_scope',
    meaning: 'An administrator has not approved one of the permissions that the app asks for.',
    causes: ['the workspace restricts apps, and the app, or a scope added to it since, waits for approval'],
    advice: 'Ask an administrator to approve the app with all of its scopes.',
    run: [],
    source: 'oauth',
  },
  {
    word: 'scope_not_allowed_on_enterprise',
    meaning: 'One of the permissions cannot be granted for a whole organisation.',
    causes: ['the app is being installed for the organisation instead of one workspace'],
    advice: 'Install the app into a workspace.',
    run: [],
    source: 'oauth',
  },
  {
    word: 'oauth_authorization_url_mismatch',
    meaning: 'The installation began at Slack’s old address /oauth/authorize and ends at the new one.',
    causes: ['an old install link'],
    advice: 'Start from Spacelift’s Integrations page, or from a link with /oauth/v2/authorize.',
    run: [],
    source: 'oauth.v2.access',
  },
  {
    word: 'no_scopes',
    meaning: 'The app asks for no permission at all, so there is nothing to install.',
    causes: ['the scopes are missing in the app’s manifest'],
    advice: 'Give the app the documented bot scopes.',
    run: ['spacelift-slack app diff', 'spacelift-slack app update'],
    source: 'oauth.v2.access',
  },
  {
    word: 'cannot_install_an_org_installed_app',
    meaning:
      'The app is installed for the whole organisation and cannot be installed into a workspace beside that.',
    causes: ['an administrator installed it at the level of the organisation'],
    advice: 'Let an administrator of the organisation add the workspace to the existing installation.',
    run: [],
    source: 'oauth.v2.access',
  },
  {
    word: 'user_email_unverified',
    meaning: 'The person who installs has not confirmed their e-mail address in Slack.',
    causes: ['a new account'],
    advice: 'Confirm the address in Slack, then start again.',
    run: [],
    source: 'oauth.v2.access',
  },
  {
    word: 'pkce_not_allowed',
    alias: ['invalid_code_verifier'],
    meaning: 'The exchange used PKCE in a way that the app’s settings do not allow.',
    causes: [
      'pkce_enabled differs between the app and what started the installation',
      'two attempts were mixed up',
    ],
    advice:
      'Leave pkce_enabled out of the manifest; switched on in an app, only Slack’s support can undo it.',
    run: ['spacelift-slack app diff'],
    source: 'oauth.v2.access',
  },
  {
    word: 'invalid_grant_type',
    alias: ['preview_feature_not_available'],
    meaning: 'Slack does not offer this kind of token exchange to the app.',
    causes: ['token rotation or a preview feature is assumed that the app does not have'],
    advice: 'Compare the app with what Spacelift needs: token rotation is off.',
    run: ['spacelift-slack app diff'],
    source: 'oauth.v2.access',
  },
];
