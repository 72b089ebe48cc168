// fast-proxy as its documentation sets it up: a reverse proxy on Node that verifies nothing.
const { createServer } = require('node:http');

const [folder, base] = process.argv.slice(2);
const { proxy } = require(`${folder}/node_modules/fast-proxy`)({ base });
createServer((request, response) => proxy(request, response, request.url, {})).listen(
  Number(process.env['PORT']),
  '127.0.0.1',
);
