import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemProgram } from "./binaries.ts";
import type { World } from "./world.ts";

/** Name of the image that {@link buildBaseImage} makes. */
export const baseImage = "localhost/base:latest";

const applets = [
  "sh",
  "ls",
  "cat",
  "echo",
  "id",
  "env",
  "sleep",
  "true",
  "false",
  "httpd",
  "wget",
  "ps",
  "kill",
  "mkdir",
  "touch",
  "rm",
  "stat",
  "head",
  "seq",
  "yes",
  "dd",
  "pwd",
  "hostname",
  "grep",
  "wc",
  "test",
  "chmod",
  "chown",
  "ln",
  "mount",
  "nslookup",
  "ip",
  "tty",
  "stty",
  "tail",
  "cp",
  "mv",
  "readlink",
  "printf",
  "nc",
  "ping",
  "find",
  "sha256sum",
  "date",
  "tar",
  "du",
  "df",
  "od",
  "trap",
];

/** Builds `localhost/base` FROM scratch out of the machine's static busybox. */
export async function buildBaseImage(world: World): Promise<void> {
  const busybox = systemProgram("busybox");
  if (busybox === undefined) throw new Error("busybox is missing; install the package busybox-static");
  const context = join(world.directory, "tmp", "base");
  for (const name of ["bin", "etc", "tmp", "root", "var/www"]) mkdirSync(join(context, "rootfs", name), { recursive: true });
  copyFileSync(busybox, join(context, "rootfs/bin/busybox"));
  writeFileSync(
    join(context, "rootfs/etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\nalice:x:1000:1000::/tmp:/bin/sh\n",
  );
  writeFileSync(join(context, "rootfs/etc/group"), "root:x:0:\nnogroup:x:65534:\nalice:x:1000:\nwheel:x:10:alice\n");
  writeFileSync(
    join(context, "Containerfile"),
    `FROM scratch\nCOPY rootfs/ /\nRUN ["/bin/busybox", "sh", "-c", "cd /bin && for a in ${applets.join(" ")}; do ./busybox ln -s busybox $a; done; /bin/busybox chmod 1777 /tmp"]\nENV PATH=/bin\nCMD ["/bin/sh"]\n`,
  );
  await world.ok("buildah", ["bud", "-q", "--network", "host", "-t", baseImage, context]);
}
