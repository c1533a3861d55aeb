import { describe, expect, it } from "vitest";
import { rootfsMaps } from "./rootfs-mapping.ts";

const container = { uidMap: [{ containerId: 0, hostId: 100_000, size: 1000 }], gidMap: [{ containerId: 0, hostId: 200_000, size: 1000 }] };

describe("maps of an id-mapped root file system", () => {
  it("are the container's without words of their own", () => {
    expect(rootfsMaps("idmap", container)).toEqual(container);
    expect(() => rootfsMaps("idmap")).toThrow("needs a container with a user namespace");
  });
  it("are read range by range, relative ones through the container's", () => {
    expect(rootfsMaps("idmap=uids=0-1-10#10-11-10;gids=@0-5-10", container)).toEqual({
      uidMap: [
        { containerId: 0, hostId: 1, size: 10 },
        { containerId: 10, hostId: 11, size: 10 },
      ],
      gidMap: [{ containerId: 0, hostId: 200_005, size: 10 }],
    });
  });
  it.each([
    ["idmap=", 'unknown option ""'],
    ["idmap=uids=", 'invalid empty range for ""'],
    ["idmap=uids=0-1-0", 'invalid value for "0-1-0"'],
    ["idmap=uids=x", 'invalid value for "x"'],
    ["idmap=gids=@5000-5000-1", "could not find a user namespace mapping"],
  ])("%s is refused", (text, message) => {
    expect(() => rootfsMaps(text, container)).toThrow(message);
  });
});
