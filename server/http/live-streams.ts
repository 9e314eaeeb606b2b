import type { ServerResponse } from 'node:http';

import { wasChangedWithin } from '../activity/read-change-marks.ts';
import { createChangeWatch } from '../activity/watch-changes.ts';
import type { Context } from '../context.ts';
import { holdsMembership } from '../teams/sessions.ts';

/** Tabs of one browser; those that nobody looks at close theirs. */
const MOST_PER_SESSION = 5;
const CHECK_MS = 60_000;
/** More often than proxies cut what is silent. */
const HEARTBEAT_MS = 25_000;
const MOST_UNREAD_BYTES = 16_384;

export interface Viewing {
  sessionToken: string;
  teamId: string;
  /** How old the page is that asks: what changed since then it has not seen. */
  pageAgeMs: number;
}

export interface LiveStreams {
  /**
   * Server-sent events (WHATWG HTML, 9.2): `change` whenever something of the team has changed that pages show. It says
   * no more: pages ask again for what they show, and are given what the person may see. Ends with the session, with the
   * membership, and when it is no longer read.
   * @param response its head is sent with the first words, once no change is missed any more
   * @returns false when this session has as many as it may, the process is about to end, or nobody reads
   */
  open(viewing: Viewing, response: ServerResponse): boolean;
  /** Ends all and opens no more: a drain does not wait for what has no end. */
  end(): void;
}

/** @param checkMs how often session and membership are looked at again */
export function createLiveStreams(context: Context, { checkMs = CHECK_MS } = {}): LiveStreams {
  const changes = createChangeWatch(context);
  const open = new Map<string, Set<ServerResponse>>();
  let isEnding = false;

  return {
    open({ sessionToken, teamId, pageAgeMs }, response) {
      const ofSession = open.get(sessionToken) ?? new Set();
      if (isEnding || response.destroyed || ofSession.size >= MOST_PER_SESSION) return false;
      open.set(sessionToken, ofSession.add(response));
      const write = (text: string) => {
        if (response.writableLength > MOST_UNREAD_BYTES) response.end();
        else if (!response.writableEnded) response.write(text);
      };
      const tellChange = () => write('event: change\ndata: {}\n\n');
      const watched = changes.watch(teamId, tellChange);
      const begin = async () => {
        await watched.ready;
        // The head of the answer is sent with it: whoever has it misses nothing.
        write('retry: 2000\n\n');
        if (await wasChangedWithin(context, teamId, pageAgeMs)) tellChange();
      };
      begin().catch(() => response.end());
      const heartbeat = setInterval(() => write(': still here\n\n'), HEARTBEAT_MS).unref();
      const check = setInterval(() => {
        holdsMembership(context, sessionToken, teamId).then(
          (isGood) => isGood || response.end(),
          () => response.end(),
        );
      }, checkMs).unref();
      response.once('close', () => {
        watched.stop();
        clearInterval(heartbeat);
        clearInterval(check);
        ofSession.delete(response);
        if (ofSession.size === 0 && open.get(sessionToken) === ofSession) open.delete(sessionToken);
      });
      return true;
    },
    end() {
      isEnding = true;
      for (const responses of open.values()) for (const response of responses) response.end();
    },
  };
}
