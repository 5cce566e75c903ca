// The end of the feed log in memory.
import type { Logger } from '../../../../runtime/log.ts';
import type { Listener } from '../../../runtime/listener.ts';
import type { Sql } from '../../../runtime/sql.ts';
import { FEED_CHANNEL } from '../mirror/mirror-store.ts';
import { feedHead, type LoggedEvent, readFeed } from './feed-store.ts';
import { type LogTail, openLogTail } from './log-tail.ts';

export type FeedTail = LogTail<LoggedEvent>;

export const openFeedTail = (sql: Sql, listener: Listener, log: Logger): Promise<FeedTail> =>
  openLogTail({
    name: 'feed log',
    head: async () => (await feedHead(sql)).position,
    read: (after, limit) => readFeed(sql, after, limit),
    channel: FEED_CHANNEL,
    listener,
    log,
  });
