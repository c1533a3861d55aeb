import type { ReexecTable } from "@containers/common/process/reexec";

/** What the program starts of itself while it builds; every program that builds must know them. */
export const buildahEntries: ReexecTable = {
  "buildah-chroot": async (args) => {
    const [{ enterChroot }, { linuxSys }] = await Promise.all([import("../run/chroot-entry.ts"), import("@containers/common/sys/linux")]);
    return enterChroot(linuxSys(), args);
  },
};
