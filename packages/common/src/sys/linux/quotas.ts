import { sysError } from "../errno.ts";
import type { QuotaSys } from "../sys.ts";
import { check, cstring, errno, lazyLibc } from "./binding.ts";

const libc = lazyLibc({
  ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
  quotactl: { args: ["i32", "ptr", "i32", "ptr"], returns: "i32" },
});

const FS_IOC_FSGETXATTR = 0x801c581f;
const FS_IOC_FSSETXATTR = 0x401c5820;
const FS_XFLAG_PROJINHERIT = 0x200;
/** struct fsxattr: xflags, extsize, nextents, projid, cowextsize, eight bytes of padding. */
const FSXATTR = { size: 28, flags: 0, project: 12 } as const;

const PRJQUOTA = 2;
/** QCMD(Q_XGETQUOTA, PRJQUOTA) and QCMD(Q_XSETQLIM, PRJQUOTA). */
const Q_XGETPQUOTA = (0x5803 << 8) | PRJQUOTA;
const Q_XSETPQLIM = (0x5804 << 8) | PRJQUOTA;
/** struct fs_disk_quota of linux/dqblk_xfs.h. */
const DISK_QUOTA = {
  size: 112,
  version: 0,
  kind: 1,
  fields: 2,
  id: 4,
  blocksHard: 8,
  blocksSoft: 16,
  inodesHard: 24,
  inodesSoft: 32,
  blocks: 40,
  inodes: 48,
};
const FS_DQUOT_VERSION = 1;
const FS_PROJ_QUOTA = 2;
/** FS_DQ_ISOFT, FS_DQ_IHARD, FS_DQ_BSOFT and FS_DQ_BHARD: the limits that a call sets. */
const ALL_LIMITS = 0xf;
/** Sizes are counted in blocks of this many bytes, whatever the file system's are. */
const BLOCK = 512;
/** No record of that project: nothing was ever counted or limited. */
const ENOENT = 2;

/** Project quotas: which project a directory belongs to, and what a project may take. */
export function quotaSys(): QuotaSys {
  return {
    directoryProject(fd) {
      const attributes = readAttributes(fd);
      return {
        project: attributes.readUInt32LE(FSXATTR.project),
        inherited: (attributes.readUInt32LE(FSXATTR.flags) & FS_XFLAG_PROJINHERIT) !== 0,
      };
    },
    setDirectoryProject(fd, { project, inherited }) {
      const attributes = readAttributes(fd);
      const flags = attributes.readUInt32LE(FSXATTR.flags);
      attributes.writeUInt32LE(project, FSXATTR.project);
      attributes.writeUInt32LE((inherited ? flags | FS_XFLAG_PROJINHERIT : flags & ~FS_XFLAG_PROJINHERIT) >>> 0, FSXATTR.flags);
      check(libc().ioctl(fd, FS_IOC_FSSETXATTR, attributes), "ioctl(FS_IOC_FSSETXATTR)", `fd ${fd}`);
    },
    setProjectLimits(device, project, { bytes, inodes }) {
      const quota = Buffer.alloc(DISK_QUOTA.size);
      quota.writeInt8(FS_DQUOT_VERSION, DISK_QUOTA.version);
      quota.writeInt8(FS_PROJ_QUOTA, DISK_QUOTA.kind);
      quota.writeUInt16LE(ALL_LIMITS, DISK_QUOTA.fields);
      quota.writeUInt32LE(project, DISK_QUOTA.id);
      for (const at of [DISK_QUOTA.blocksHard, DISK_QUOTA.blocksSoft]) quota.writeBigUInt64LE(BigInt(Math.floor(bytes / BLOCK)), at);
      for (const at of [DISK_QUOTA.inodesHard, DISK_QUOTA.inodesSoft]) quota.writeBigUInt64LE(BigInt(inodes), at);
      check(libc().quotactl(Q_XSETPQLIM | 0, cstring(device, "quotactl"), project | 0, quota), "quotactl(Q_XSETQLIM)", device);
    },
    projectQuota(device, project) {
      const quota = Buffer.alloc(DISK_QUOTA.size);
      if (libc().quotactl(Q_XGETPQUOTA | 0, cstring(device, "quotactl"), project | 0, quota) !== 0) {
        if (errno() !== ENOENT) throw sysError(errno(), "quotactl(Q_XGETQUOTA)", device);
        return { limits: { bytes: 0, inodes: 0 }, used: { bytes: 0, inodes: 0 } };
      }
      const number = (at: number): number => Number(quota.readBigUInt64LE(at));
      return {
        limits: { bytes: number(DISK_QUOTA.blocksHard) * BLOCK, inodes: number(DISK_QUOTA.inodesHard) },
        used: { bytes: number(DISK_QUOTA.blocks) * BLOCK, inodes: number(DISK_QUOTA.inodes) },
      };
    },
  };
}

function readAttributes(fd: number): Buffer {
  const attributes = Buffer.alloc(FSXATTR.size);
  check(libc().ioctl(fd, FS_IOC_FSGETXATTR, attributes), "ioctl(FS_IOC_FSGETXATTR)", `fd ${fd}`);
  return attributes;
}
