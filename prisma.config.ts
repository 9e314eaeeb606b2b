import { defineConfig } from 'prisma/config';

// `prisma generate` needs no schema engine, yet the CLI would download one first; any existing file stops that.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
});
