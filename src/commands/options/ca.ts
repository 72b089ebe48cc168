import { Option } from '@commander-js/extra-typings';

/** `--ca` of what runs doctor. */
export const caOption = () =>
  new Option('--ca <file>', 'trust the root certificates in this file too; Slack would not');
