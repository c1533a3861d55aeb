import { readFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { parseIdMap } from "@containers/common/rootless/id-map";
import { loadSubIds, userNameOf } from "@containers/common/rootless/subids";
import type { IdMapSpec } from "../container-spec/namespace-spec.ts";
import type { IdRange } from "./id-ranges.ts";

/** The map of the namespace this runs in. */
export function ownMap(kind: "uid" | "gid"): IdMapSpec[] {
  return parseIdMap(readFileSync(`/proc/self/${kind}_map`, "utf8"));
}

/** The ids that this namespace has beyond its root: an ordinary user's subordinate ids, by the numbers they have in here. */
export function subordinateCount(kind: "uid" | "gid"): number {
  return ownMap(kind)
    .filter(({ containerId }) => containerId > 0)
    .reduce((sum, { size }) => sum + size, 0);
}

/** What /etc/subuid or /etc/subgid gives a user, as a map from 0 up. */
export function subordinateMap(kind: "uid" | "gid", user: string): IdMapSpec[] {
  const ranges = subordinateIds(kind, user);
  if (ranges.length === 0) {
    throw new ToolError("invalid-argument", `no sub${kind} ranges found for user ${JSON.stringify(user)} in /etc/sub${kind}`);
  }
  let next = 0;
  return ranges.map(({ start, end }) => {
    const map = { containerId: next, hostId: start, size: end - start };
    next += map.size;
    return map;
  });
}

/** The ids out of which `--userns=auto` takes: for root those of `user`, as storage.conf has it. */
export function autoIds(kind: "uid" | "gid", { rootless, user }: { readonly rootless: boolean; readonly user: string }): IdRange[] {
  if (rootless) return [{ start: 1, end: subordinateCount(kind) + 1 }];
  const ranges = subordinateIds(kind, user);
  if (ranges.length === 0) {
    throw new ToolError("unavailable", `creating container storage: no sub${kind} ranges found for user "${user}" in /etc/sub${kind}`, {
      hint: `add a line like ${user}:2147483647:2147483648 to /etc/sub${kind}`,
    });
  }
  return ranges;
}

function subordinateIds(kind: "uid" | "gid", user: string): IdRange[] {
  const passwd = readFileSync("/etc/passwd", "utf8");
  const uid = passwd
    .split("\n")
    .map((line) => line.split(":"))
    .find(([name]) => name === user)?.[2];
  const owner = /^\d+$/.test(user)
    ? { name: userNameOf(Number(user), passwd), uid: Number(user) }
    : { name: user, uid: uid === undefined ? -1 : Number(uid) };
  return loadSubIds(`/etc/sub${kind}`, owner).map(({ start, length }) => ({ start, end: start + length }));
}
