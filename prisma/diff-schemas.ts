import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';

/**
 * The SQL that turns a database of one schema text into one of another, by Prisma's engine. It compares the two texts.
 * @param from undefined: an empty database
 * @param scratchUrl the engine wants a connection to start and treats it as its scratch database: never one with data
 */
export async function diffSchemas(from: string | undefined, to: string, scratchUrl: string): Promise<string> {
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message() {} } });
  const { SchemaEngine } = await import('@prisma/schema-engine-wasm');
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: scratchUrl }));
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', to]] }, () => {}, adapter);
  const schemaOf = (content: string) => ({
    tag: 'schemaDatamodel' as const,
    files: [{ path: 'schema.prisma', content }],
  });
  const { stdout } = await engine.diff({
    from: from === undefined ? { tag: 'empty' } : schemaOf(from),
    to: schemaOf(to),
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  return stdout ?? '';
}
