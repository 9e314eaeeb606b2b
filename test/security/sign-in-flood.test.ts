import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { createSignInLimits } from '../../server/http/sign-in-limits.ts';
import { openTestContext } from '../support/test-context.ts';

let context: Context;
beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context[Symbol.asyncDispose]());

test('one address that tries without end does not keep others from signing in', async () => {
  const limits = createSignInLimits(context);
  for (let count = 0; count < 400; count += 1) {
    await limits.countTry({ email: `nobody-${count}@example.com`, address: '198.51.100.1' });
  }
  expect(await limits.countTry({ email: 'olivia@example.com', address: '192.0.2.7' })).toBeNull();
});

test('nor does one that tries a single account from its own address without end', async () => {
  const limits = createSignInLimits(context);
  for (let count = 0; count < 250; count += 1) {
    await limits.countTry({ email: 'olivia@example.com', address: '198.51.100.2' });
  }
  expect(await limits.countTry({ email: 'olivia@example.com', address: '192.0.2.8' })).toBeNull();
});
