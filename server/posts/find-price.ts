import type { Context } from '../context.ts';
import type { Price } from '../networks/network.ts';
import type { RuledChannel } from '../networks/find-rules.ts';
import {
  checkCaption,
  type CaptionCheck,
  type CaptionProblem,
  type CheckedPicture,
} from './check-caption.ts';

/** What a post costs on a network that charges for posts, told before it goes out; on others nothing. */
export function findPrice(
  { networks }: Pick<Context, 'networks'>,
  channel: { network: string },
  parts: readonly string[],
): CaptionProblem[] {
  const network = networks.get(channel.network);
  const price = network?.priceOf?.(parts);
  if (!network || !price || price.amount === 0) return [];
  const what = parts.length === 1 ? 'this post' : `the ${parts.length} posts of this thread`;
  const fix = `${network.name} charges whoever runs this server ${writePrice(price)} for ${what}.`;
  return [{ ruleId: 'price', severity: 'warning', limit: 0, actual: price.amount, fix }];
}

/** As `checkCaption`, with what it costs. */
export function checkPriced(
  context: Pick<Context, 'networks'>,
  channel: RuledChannel,
  parts: readonly string[],
  pictures: readonly CheckedPicture[],
): CaptionCheck {
  const { problems, ...check } = checkCaption(channel, parts, pictures);
  return { ...check, problems: [...problems, ...findPrice(context, channel, parts)] };
}

function writePrice({ amount, currency }: Price): string {
  const format = { style: 'currency', currency, minimumFractionDigits: 2, maximumFractionDigits: 3 } as const;
  return new Intl.NumberFormat('en-US', format).format(amount);
}
