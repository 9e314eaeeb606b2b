import { expect } from 'vitest';

import { invitePerson } from '../../../server/teams/invitations.ts';
import {
  startCompanyProvider,
  type CompanyPerson,
  type CompanyProvider,
} from '../../support/company-provider.ts';
import { startPagesServer, type PagesServer } from './pages-server.ts';
import { createScene, OWNER, PASSWORD, type Scene } from './scene.ts';
import { createVisitor, type Page, type Visitor } from './visitor.ts';

/** The owner at their company. */
export const OLIVIA = { sub: 'olivia', email: OWNER.email, email_verified: true, name: 'O. at work' };
/** Somebody who has no account here. */
export const NINA = { sub: 'nina', email: 'nina@example.com', email_verified: true, name: 'Nina New' };

/** A team whose owner has a password, and a company with two people that may sign in. */
export interface CompanyScene extends AsyncDisposable {
  company: CompanyProvider;
  server: PagesServer;
  scene: Scene;
  /** Back to where it began: only the owner has an account, and nothing is linked. */
  reset(): Promise<void>;
  /** Leaves for the provider, and is sent back. @returns the callback's path, not opened yet */
  fetchCallback(visitor: Visitor, person: CompanyPerson, query?: string): Promise<string>;
  comeIn(visitor: Visitor, person: CompanyPerson, query?: string): Promise<Page>;
  /** As somebody who has an account and links it. */
  link(person: CompanyPerson): Promise<Visitor>;
  isSignedIn(visitor: Visitor): Promise<boolean>;
  addStranger(changes: Partial<CompanyPerson>): CompanyPerson;
  /** @returns the token of an invitation to this address */
  invite(email: string): Promise<string>;
}

export async function startCompanyScene(): Promise<CompanyScene> {
  const company = await startCompanyProvider({
    people: [OLIVIA, NINA],
    clientSecret: 'a secret of the test',
  });
  const server = await startPagesServer(company.settings);
  company.register(server.url);
  const scene = await createScene(server.context);

  async function fetchCallback(visitor: Visitor, person: CompanyPerson, query = ''): Promise<string> {
    const leaving = await visitor.get(`/sign-in/company${query}`);
    expect(leaving.status).toBe(303);
    const callback = await company.answer(leaving.location!, person.sub);
    return callback.pathname + callback.search;
  }

  const comeIn = async (visitor: Visitor, person: CompanyPerson, query = '') =>
    visitor.get(await fetchCallback(visitor, person, query));

  return {
    company,
    server,
    scene,
    fetchCallback,
    comeIn,
    async reset() {
      const { db } = server.context;
      company.fault = 'none';
      company.people.length = 2;
      await db.externalIdentity.deleteMany();
      await db.membership.deleteMany({ where: { personId: { not: scene.owner.personId } } });
      await db.person.deleteMany({ where: { id: { not: scene.owner.personId } } });
      await db.invitation.deleteMany();
      await db.rateLimit.deleteMany();
    },
    async link(person) {
      const visitor = createVisitor(server.url);
      const asked = await comeIn(visitor, person);
      expect(asked.location).toMatch(/^\/sign-in\/company\/link\?state=/);
      const fields = { state: stateOf(asked), password: PASSWORD };
      const linked = await visitor.submit(asked.location!, '/sign-in/company/link', fields);
      expect([linked.status, linked.location]).toEqual([303, '/']);
      return visitor;
    },
    isSignedIn: async (visitor) => (await visitor.get('/')).status === 200,
    addStranger(changes) {
      const sub = `s${company.people.length}`;
      const person = { sub, email: 'stranger@example.com', email_verified: true, ...changes };
      company.people.push(person);
      return person;
    },
    async invite(email) {
      const { link } = await invitePerson(server.context, scene.owner, { email, role: 'editor' });
      return new URL(link).pathname.split('/').at(-1)!;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await company[Symbol.asyncDispose]();
    },
  };
}

/** Of the page that asks for the password, where the browser was sent. */
export function stateOf(asked: Page): string {
  return new URLSearchParams(asked.location!.split('?')[1]).get('state')!;
}
