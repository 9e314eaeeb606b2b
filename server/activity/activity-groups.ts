import { Prisma } from '../../prisma/generated/client.ts';

/** What people look for: what tools were called, what became of posts, who got in, what was set up. */
export type ActivityGroup = 'tools' | 'posts' | 'connections' | 'people' | 'setup';

/** An action is a tool's name, without a dot, or begins with one of its group's nouns. */
const NOUNS: Readonly<Record<Exclude<ActivityGroup, 'tools'>, readonly string[]>> = {
  posts: ['delivery', 'post'],
  connections: ['connection', 'token', 'client'],
  people: ['person', 'member', 'invitation', 'team'],
  setup: ['policy', 'channel'],
};

export function groupCondition(group: ActivityGroup): Prisma.Sql {
  if (group === 'tools') return Prisma.sql`strpos(a.action, '.') = 0`;
  return Prisma.sql`strpos(a.action, '.') > 0 and split_part(a.action, '.', 1) = any (${[...NOUNS[group]]})`;
}
