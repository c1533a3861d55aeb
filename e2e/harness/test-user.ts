import { readFileSync } from "node:fs";
import { runCommand } from "./run-command.ts";

export interface TestUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const name = "rootless-e2e";

/** The ordinary user that rootless tests run as, with subordinate ids; made on the first call, kept for the next run. */
export async function testUser(): Promise<TestUser> {
  const known = findUser();
  if (known !== undefined) return known;
  const added = await runCommand("useradd", ["--create-home", "--shell", "/bin/sh", name]);
  if (added.exitCode !== 0 && added.exitCode !== 9) throw new Error(`useradd ${name}: ${added.stderr}`);
  for (const file of ["/etc/subuid", "/etc/subgid"]) {
    if (
      readFileSync(file, "utf8")
        .split("\n")
        .some((line) => line.startsWith(`${name}:`))
    )
      continue;
    const flag = file.endsWith("uid") ? "--add-subuids" : "--add-subgids";
    await runCommand("usermod", [flag, "1500000-1565535", name]);
  }
  const user = findUser();
  if (user === undefined) throw new Error(`the user ${name} could not be made`);
  return user;
}

function findUser(): TestUser | undefined {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${name}:`));
  if (line === undefined) return undefined;
  const fields = line.split(":");
  return { name, uid: Number(fields[2]), gid: Number(fields[3]) };
}
