# syntax=docker/dockerfile:1
# The tags are exact. To pin digests too, take them from `docker buildx imagetools inspect node:24.21.0-bookworm-slim`.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24.21.0-bookworm-slim
LABEL org.opencontainers.image.title="spacelift-slack" \
      org.opencontainers.image.description="Connects a self-hosted Spacelift to Slack" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /opt/spacelift-slack
COPY --from=build /src/package.json /src/LICENSE ./
COPY --from=build /src/bin ./bin
COPY --from=build /src/dist ./dist
COPY --from=build /src/node_modules ./node_modules
# The state folder is the only one that serve writes to: the root file system may be read-only.
RUN ln -s /opt/spacelift-slack/bin/spacelift-slack.cjs /usr/local/bin/spacelift-slack \
    && install --directory --owner=1000 --group=1000 --mode=0700 /var/lib/spacelift-slack
ENV NODE_ENV=production XDG_STATE_HOME=/var/lib
USER 1000:1000
VOLUME /var/lib/spacelift-slack
EXPOSE 3000 3001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=90s CMD ["node", "--eval", "fetch('http://127.0.0.1:3001/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["spacelift-slack"]
CMD ["serve", "--listen=0.0.0.0:3000", "--admin-listen=0.0.0.0:3001"]
