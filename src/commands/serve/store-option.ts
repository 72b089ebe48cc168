import { Option } from '@commander-js/extra-typings';

export const storeOption = () =>
  new Option(
    '--store <store>',
    'sqlite:FILE or postgres://… for events and installations [env: DATABASE_URL]',
  );
