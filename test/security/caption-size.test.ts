import { expect, test } from 'vitest';

import { newId } from '../../server/ids.ts';
import { captionOverrides } from '../../server/mcp/params.ts';
import { changeWords, composeWords } from '../../server/posts/post-captions.ts';

const override = (length: number) => ({ channel_id: newId('channel'), parts: ['a'.repeat(length)] });

test('one call brings no more text than can be counted at once', () => {
  expect(captionOverrides.safeParse(Array.from({ length: 5 }, () => override(20_000))).success).toBe(true);
  const tooMuch = captionOverrides.safeParse(Array.from({ length: 20 }, () => override(5_001)));
  expect(tooMuch.error?.issues).toMatchObject([{ message: 'may have 100000 characters together' }]);
});

test('a post says no more on all its channels together than can be counted at once, however it came to it', () => {
  const channelIds = Array.from({ length: 6 }, () => newId('channel'));
  const tooLong = (actual: number) =>
    expect.objectContaining({
      details: expect.objectContaining({ code: 'too_long', limit: 100_000, actual }) as object,
    });
  const text = 'a'.repeat(20_000);
  expect(() => composeWords({ text, channelIds })).toThrow(tooLong(120_000));
  const whole = composeWords({ text, channelIds: channelIds.slice(0, 5) });
  const [channelId] = channelIds as [string, ...string[]];
  const overrides = [{ channelId, parts: [text, 'one more'] }];
  expect(() => changeWords(whole, { overrides })).toThrow(tooLong(100_008));
  expect(changeWords(whole, { overrides: [{ channelId, text: 'b' }] }).captions).toHaveLength(5);
});
