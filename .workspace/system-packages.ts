/** The programs that are not ours (design: the field's own parts), and the Debian packages that bring them. */
import { findProgram } from "./find-program.ts";

/** Program looked for → package that has it. */
const required: ReadonlyArray<readonly [program: string, debianPackage: string]> = [
  ["crun", "crun"],
  ["runc", "runc"],
  ["netavark", "netavark"],
  ["aardvark-dns", "aardvark-dns"],
  ["slirp4netns", "slirp4netns"],
  ["newuidmap", "uidmap"],
  ["catatonit", "catatonit"],
  ["busybox", "busybox-static"],
  ["docker-registry", "docker-registry"],
  ["nft", "nftables"],
  ["iptables", "iptables"],
  ["ip", "iproute2"],
  ["curl", "curl"],
  ["debootstrap", "debootstrap"],
];
/** Better where the distribution has it, not needed. */
const optional: ReadonlyArray<readonly [program: string, debianPackage: string]> = [
  ["pasta", "passt"],
  ["fuse-overlayfs", "fuse-overlayfs"],
  ["unsquashfs", "squashfs-tools"],
  ["fakeroot", "fakeroot"],
];

/** Installs what is missing by apt-get as root; says what to install where that is not possible. */
export async function installSystemPackages(): Promise<void> {
  const missing = required.filter(([program]) => findProgram(program) === undefined).map(([, name]) => name);
  if (missing.length === 0) return;
  const wanted = [...missing, ...optional.filter(([program]) => findProgram(program) === undefined).map(([, name]) => name)];
  if (process.getuid?.() !== 0 || findProgram("apt-get") === undefined) {
    console.error(`missing programs; install these packages first: ${missing.join(" ")}`);
    process.exit(1);
  }
  console.log(`installing ${wanted.join(" ")}`);
  const hadRegistry = findProgram("docker-registry") !== undefined;
  const options = {
    stdio: ["ignore", "ignore", "inherit"] as ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  };
  Bun.spawnSync({ cmd: ["apt-get", "update", "-q"], ...options });
  const known = wanted.filter(
    (name) =>
      missing.includes(name) || Bun.spawnSync({ cmd: ["apt-cache", "show", name], stdio: ["ignore", "ignore", "ignore"] }).exitCode === 0,
  );
  const install = Bun.spawnSync({ cmd: ["apt-get", "install", "-y", "-q", "--no-install-recommends", ...known], ...options });
  if (install.exitCode !== 0) process.exit(install.exitCode ?? 1);
  // The package's own service is not ours to leave running; the registry is started by hand, on loopback.
  if (!hadRegistry && findProgram("systemctl") !== undefined) {
    Bun.spawnSync({ cmd: ["systemctl", "disable", "--now", "docker-registry"], stdio: ["ignore", "ignore", "ignore"] });
  }
}
