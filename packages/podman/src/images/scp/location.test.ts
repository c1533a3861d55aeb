import { expect, it } from "vitest";
import { parseTransfer } from "./location.ts";

it.each([
  ["alpine", "box::", { from: { image: "alpine" }, to: { host: "box", image: "" } }],
  ["box::alpine:3", undefined, { from: { host: "box", image: "alpine:3" }, to: { image: "" } }],
  ["one::alpine", "two::other:1", { from: { host: "one", image: "alpine" }, to: { host: "two", image: "other:1" } }],
  [
    "me@10.0.0.1:22/run/podman.sock::alpine",
    undefined,
    { from: { host: "me@10.0.0.1:22/run/podman.sock", image: "alpine" }, to: { image: "" } },
  ],
  ["root@localhost::alpine", "alice@localhost::", { from: { user: "root", image: "alpine" }, to: { user: "alice", image: "" } }],
] as const)("%s to %s", (source, destination, expected) => {
  expect(parseTransfer(source, destination)).toEqual(expected);
});

it.each([
  ["alpine", undefined, "must specify a destination"],
  ["box::", undefined, "no source image specified"],
  ["box::", "other::", "a source image must be specified"],
  ["::alpine", "box::", "names neither a host nor a user"],
  ["@localhost::alpine", undefined, "names neither a host nor a user"],
  ["box::--help", undefined, "invalid image name"],
])("refuses %s to %s", (source, destination, message) => {
  expect(() => parseTransfer(source, destination)).toThrow(message);
});
