# Web and worker are one image; docker-compose.yml names the command of each.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc prisma.config.ts ./
COPY prisma ./prisma
# The install generates the database client. What is only for laptops (the pinned Node, the built-in PostgreSQL)
# and for development goes afterwards: the image has its own Node, the compose file its own PostgreSQL.
RUN npm ci && npm prune --omit=dev --omit=optional --ignore-scripts

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
# The official image brings this user; nothing in /app belongs to it.
USER node
EXPOSE 3000
CMD ["node", "server/main.ts"]
