import { describe, expect, it } from "vitest";
import { parseAutoMap, parseIdMaps } from "./parse-id-maps.ts";

const ROOTLESS = {
  kind: "UID" as const,
  rootless: true,
  parent: [
    { containerId: 0, hostId: 1000, size: 1 },
    { containerId: 1, hostId: 100_000, size: 65_536 },
  ],
};
const ROOT = { kind: "UID" as const, rootless: false, parent: [{ containerId: 0, hostId: 0, size: 4_294_967_295 }] };
const maps = (texts: readonly string[], context: typeof ROOTLESS | typeof ROOT = ROOT): string[] =>
  parseIdMaps(texts, context).map(({ containerId, hostId, size }) => `${containerId}:${hostId}:${size}`);

describe("--uidmap", () => {
  it.each([
    ["one range", ["0:100000:5000"], ["0:100000:5000"]],
    ["no size", ["7:9"], ["7:9:1"]],
    ["neighbours", ["0:10:5", "5:15:5"], ["0:10:10"]],
    ["several in one text", ["0:10:5:9:90:2"], ["0:10:5", "9:90:2"]],
    ["an insertion", ["0:100:10", "+5:900"], ["0:100:5", "5:900:1", "6:106:4"]],
    ["an insertion of a host id that is taken", ["0:100:10", "+50:103"], ["0:100:3", "4:104:6", "50:103:1"]],
    ["the other kind", ["0:1:2", "g9:9:9"], ["0:1:2"]],
  ])("of root: %s", (_, texts, expected) => expect(maps(texts)).toEqual(expected));

  it("fills up with the user's other ids when the first map is an insertion", () => {
    expect(maps(["+1000:@1000"], ROOTLESS)).toEqual(["0:1:1000", "1000:0:1", "1001:1001:64536"]);
  });
  it("takes @ for an id of the host", () => {
    expect(maps(["0:@100004:3"], ROOTLESS)).toEqual(["0:5:3"]);
    expect(() => maps(["0:@5"], ROOTLESS)).toThrow("parent ID UID 5 is not mapped/delegated");
  });
  it.each([
    ["5", 'UID setting is malformed expected ["[+ug]uint32:[@]uint32[:uint32]"] : ["5"]'],
    ["0:x:1", 'parsing id map value "x": strconv.ParseUint: parsing "x": invalid syntax'],
    ["z0:1:1", "Unknown flag 122"],
    ["0::1", "invalid empty host id at UID map"],
  ])("refuses %s", (text, message) => expect(() => maps([text])).toThrow(message));
});

it("reads maps of --userns=auto", () => {
  expect(parseAutoMap("0:7000:10", ROOT)).toEqual([{ containerId: 0, hostId: 7000, size: 10 }]);
  expect(() => parseAutoMap("0", ROOT)).toThrow("malformed");
});
