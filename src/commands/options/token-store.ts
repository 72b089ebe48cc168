import { Option } from '@commander-js/extra-typings';

export const tokenStoreOption = () =>
  new Option(
    '--token-store <file>',
    'where pairs of configuration tokens are kept (default: in the state folder)',
  );
