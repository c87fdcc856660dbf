import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgeCard, judgeMount } from './card-filesystem';

const MOUNTS = `/dev/vda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
/dev/sda1 /media/card vfat rw,uid=1000 0 0
/dev/sdb1 /media/large exfat rw 0 0
/dev/sdc1 /media/my\\040card vfat rw 0 0
/dev/sdd1 /media/windows fuseblk rw 0 0
/dev/sde1 /media/twice ext4 rw 0 0
/dev/sde1 /media/twice vfat rw 0 0
`;

test.each([
  ['/media/card', { kind: 'fat' }],
  ['/media/card/below', { kind: 'fat' }],
  ['/media/my card', { kind: 'fat' }],
  ['/media/twice', { kind: 'fat' }],
  ['/media/large', { kind: 'other', type: 'exfat', mountPoint: '/media/large' }],
  ['/media/cardigan', { kind: 'other', type: 'ext4', mountPoint: '/' }],
  ['/media', { kind: 'other', type: 'ext4', mountPoint: '/' }],
  ['/media/windows', { kind: 'unknown' }],
])('%s is judged by the nearest mount', (path, judgement) => {
  expect(judgeMount(MOUNTS, path)).toEqual(judgement);
});

test('a folder behind a link is judged where it lies, and nowhere where the system tells nothing', async () => {
  const base = await mkdtemp(join(tmpdir(), 'graft-mounts-'));
  try {
    const [link, mounts] = [join(base, 'link'), join(base, 'mounts')];
    await symlink('/proc', link);
    await writeFile(mounts, MOUNTS);
    expect(await judgeCard(link, mounts)).toEqual({ kind: 'other', type: 'proc', mountPoint: '/proc' });
    expect(await judgeCard(link, join(base, 'none'))).toEqual({ kind: 'unknown' });
  } finally {
    await rm(base, { recursive: true, force: true });
  }
});
