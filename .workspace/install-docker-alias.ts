/**
 * What Debian's podman-docker brings: a command `docker` that is podman and says so, and a link `docker.sock` to the socket of podman's API, made
 * by systemd-tmpfiles for the system and for each user. Another program's `docker` is left alone.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const message = "Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.";
const socketLink = "L+  %t/docker.sock   -    -    -     -   %t/podman/podman.sock\n";

export function installDockerAlias({ root, prefix }: { readonly root: string; readonly prefix: string }): void {
  const command = commandPath(root);
  if (existsSync(command) && !isOurs(command)) {
    console.log(`left ${command} as it is: it is not podman's`);
    return;
  }
  writeFileSync(
    command,
    `#!/bin/sh
[ -e /etc/containers/nodocker ] || [ -e "\${XDG_CONFIG_HOME-$HOME/.config}/containers/nodocker" ] ||
    echo "${message}" >&2
exec ${join(prefix, "bin", "podman")} "$@"
`,
  );
  chmodSync(command, 0o755);
  for (const path of linkPaths(root)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, socketLink);
  }
}

export function removeDockerAlias(root: string): void {
  const command = commandPath(root);
  if (existsSync(command) && isOurs(command)) rmSync(command);
  for (const path of linkPaths(root)) rmSync(path, { force: true });
}

function commandPath(root: string): string {
  return join(root, "bin", "docker");
}

function isOurs(path: string): boolean {
  return readFileSync(path).subarray(0, 1000).includes(message);
}

function linkPaths(root: string): string[] {
  return [join(root, "lib/tmpfiles.d/podman-docker.conf"), join(root, "share/user-tmpfiles.d/podman-docker.conf")];
}
