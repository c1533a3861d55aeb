import { expect, test } from "vitest";
import { hasSysAdmin } from "./enter-user-namespace.ts";
import { copiedIdMap, idMapArguments, parseIdMap, rootlessIdMap } from "./id-map.ts";
import { isRootless, rootlessUid } from "./rootless.ts";
import { parseSubIds, userNameOf } from "./subids.ts";

const owner = { name: "alice", uid: 1000 };

test("ranges by name and by uid, lowest first", () => {
  const text = "# comment\nbob:1:5\n\nalice:300000:10\n1000:100000:65536\nalice:200000:0\n";
  expect(parseSubIds(text, owner, "/etc/subuid")).toEqual([
    { start: 100000, length: 65536 },
    { start: 300000, length: 10 },
  ]);
});

test.each(["alice:1", "alice:x:1", "alice:1:2:3"])("the line %s is refused", (line) => {
  expect(() => parseSubIds(`bob:1:1\n${line}\n`, owner, "/etc/subuid")).toThrow(
    `/etc/subuid line 2: expected USER:START:COUNT, found "${line}"`,
  );
});

test("the user is 0, the ranges follow without gaps", () => {
  const map = rootlessIdMap(
    1000,
    [
      { start: 100000, length: 65536 },
      { start: 300000, length: 10 },
    ],
    "/etc/subuid",
  );
  expect(idMapArguments(map)).toEqual(["0", "1000", "1", "1", "100000", "65536", "65537", "300000", "10"]);
  expect(() => rootlessIdMap(1000, [{ start: 900, length: 200 }], "/etc/subuid")).toThrow("includes the user's own id 1000");
});

test("maps of the kernel", () => {
  expect(parseIdMap("         0       1000          1\n         1     100000      65536\n")).toEqual([
    { containerId: 0, hostId: 1000, size: 1 },
    { containerId: 1, hostId: 100000, size: 65536 },
  ]);
  expect(copiedIdMap("         0          0 4294967295\n")).toBe("0 0 1\n1 1 4294967294\n");
  // A container's root with ids 0 to 65536, which are others for the host.
  expect(copiedIdMap("0 1001 1\n1 165536 65536\n")).toBe("0 0 1\n1 1 65536\n");
});

test("names of uids", () => {
  expect(userNameOf(1000, "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n")).toBe("alice");
  expect(userNameOf(7, "root:x:0:0::/root:/bin/sh\n")).toBeUndefined();
});

test("who is rootless", () => {
  expect(rootlessUid({ _CONTAINERS_ROOTLESS_UID: "1000" })).toBe(1000);
  expect(isRootless({ _CONTAINERS_USERNS_CONFIGURED: "done", _CONTAINERS_ROOTLESS_UID: "1000" })).toBe(true);
  expect(isRootless({ _CONTAINERS_USERNS_CONFIGURED: "done", _CONTAINERS_ROOTLESS_UID: "0" })).toBe(false);
});

test("capabilities", () => {
  expect(hasSysAdmin("Name:\tx\nCapEff:\t000001ffffffffff\n")).toBe(true);
  expect(hasSysAdmin("CapEff:\t00000000a80425fb\n")).toBe(false);
});
