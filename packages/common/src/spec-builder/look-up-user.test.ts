import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { linuxSys } from "../sys/linux.ts";
import { lookUpGroups, lookUpUser } from "./look-up-user.ts";

const root = mkdtempSync(join(tmpdir(), "users-"));
const user = (text: string) => lookUpUser(linuxSys(), root, text);

beforeAll(() => {
  mkdirSync(join(root, "etc"));
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n# note\ndaemon:x:1:2:d:/usr/sbin:\nodd:x:50:51::\n");
  writeFileSync(join(root, "etc/group"), "root:x:0:\nwheel:x:10:daemon,odd\naudio:x:29:daemon\n");
});
afterAll(() => rmSync(root, { recursive: true }));

describe("lookUpUser", () => {
  it("knows root by default", () => {
    expect(user("")).toEqual({ uid: 0, gid: 0, additionalGids: [], home: "/root", isKnown: true });
  });
  it("finds names and numbers with their groups", () => {
    expect(user("daemon")).toMatchObject({ uid: 1, gid: 2, additionalGids: [10, 29], home: "/usr/sbin" });
    expect(user("50")).toMatchObject({ uid: 50, gid: 51, additionalGids: [10], home: "/" });
  });
  it("takes numbers that the file does not have", () => {
    expect(user("1234:77")).toEqual({ uid: 1234, gid: 77, additionalGids: [], home: "/", isKnown: false });
  });
  it("leaves the user's groups out when one was asked for", () => {
    expect(user("daemon:audio")).toMatchObject({ uid: 1, gid: 29, additionalGids: [] });
  });
  it("refuses unknown names in the original's words", () => {
    expect(() => user("nosuch")).toThrow("unable to find user nosuch: no matching entries in passwd file");
    expect(() => user("root:nosuch")).toThrow("unable to find group nosuch: no matching entries in group file");
  });
  it("never follows a link out of the root", () => {
    const hostile = mkdtempSync(join(tmpdir(), "users-"));
    mkdirSync(join(hostile, "etc"));
    symlinkSync("/../../../../etc/passwd", join(hostile, "etc/group"));
    symlinkSync("/etc/group", join(hostile, "etc/passwd"));
    expect(() => lookUpUser(linuxSys(), hostile, "root")).toThrow();
    rmSync(hostile, { recursive: true });
  });
  it("looks groups up", () => {
    expect(lookUpGroups(linuxSys(), root, ["audio", "7"])).toEqual([29, 7]);
  });
});
