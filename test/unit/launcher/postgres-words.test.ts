import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../../launcher/postgres-server.ts';
import { lentUser, mayEnter } from '../../../launcher/postgres-user.ts';

describe('why PostgreSQL does not start', () => {
  it('is a taken port', () => {
    const said =
      'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use\nFATAL:  could not create any TCP/IP sockets';
    expect(refusal(said, '/d', 4002).message).toMatch(
      /^Port 4002 \(PostgreSQL\) is taken .* --postgres-port or MURMUR_DATABASE_PORT$/,
    );
  });

  it('is a server that runs already', () => {
    expect(refusal('FATAL:  lock file "postmaster.pid" already exists', '/d', 1).message).toMatch(
      /already runs on \/d/,
    );
  });

  it("is told in PostgreSQL's own words otherwise", () => {
    const said = '2026 UTC [1] FATAL:  could not open file "global/pg_control"\n2026 UTC [1] HINT:  Restore it.\n';
    expect(refusal(said, '/d', 1).message).toMatch(
      /not start on \/d: could not open file "global\/pg_control" Restore it\.\nNothing was removed/,
    );
  });

  it('is unknown when it says nothing', () => {
    expect(refusal('', '/d', 1).message).toContain('it ended without a word');
  });
});

describe('the user that root lends PostgreSQL', () => {
  const postgres = 'postgres:x:101:104::/var/lib/postgresql:/bin/bash';
  const nobody = 'nobody:x:65534:65533::/nonexistent:/usr/sbin/nologin';
  it.each([
    [[nobody, postgres], { uid: 101, gid: 104 }],
    [[nobody], { uid: 65534, gid: 65533 }],
    [['nfsnobody:x:65534:65534::/:/sbin/nologin'], { uid: 65534, gid: 65534 }],
    [['root:x:0:0::/root:/bin/sh'], null],
  ])('of %j is %j', (lines, user) => {
    expect(lentUser(`${lines.join('\n')}\n`)).toEqual(user);
  });
});

describe('whether a user may enter a folder', () => {
  it('is no question for ourselves', () => expect(mayEnter('/', null)).toBe(true));
  it('is judged by each folder on the way', () => {
    const stranger = { uid: 54_321, gid: 54_321 };
    const closed = fs.mkdtempSync('/tmp/murmur-closed-'); // 0700
    expect(mayEnter('/tmp', stranger)).toBe(true);
    expect(mayEnter(closed, stranger)).toBe(false);
    fs.rmdirSync(closed);
  });
});
