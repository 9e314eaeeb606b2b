import { expect, test } from 'vitest';

import { newId } from '../../server/ids.ts';
import { captionOverrides } from '../../server/mcp/params.ts';

const override = (length: number) => ({ channel_id: newId('channel'), parts: ['a'.repeat(length)] });

test('one call brings no more text than can be counted at once', () => {
  expect(captionOverrides.safeParse(Array.from({ length: 5 }, () => override(20_000))).success).toBe(true);
  const tooMuch = captionOverrides.safeParse(Array.from({ length: 20 }, () => override(5_001)));
  expect(tooMuch.error?.issues).toMatchObject([{ message: 'may have 100000 characters together' }]);
});
