import { expect, it } from "vitest";
import { ownAliases } from "./connect.ts";

const container = {
  id: "abcdef0123456789",
  name: "my_web",
  hostname: "abcdef012345",
  namespaces: { uts: { kind: "private" } },
} as Parameters<typeof ownAliases>[0];

it("a container is known in its networks by its short id, and by a host name that was chosen", () => {
  expect(ownAliases(container)).toEqual(["abcdef012345"]);
  expect(ownAliases({ ...container, hostname: "web.example" })).toEqual(["abcdef012345", "web.example"]);
  // Made from its name, as containers.conf may want it: the name is known there anyway.
  expect(ownAliases({ ...container, hostname: "my-web" })).toEqual(["abcdef012345"]);
  expect(ownAliases({ ...container, hostname: "thehost", namespaces: { ...container.namespaces, uts: { kind: "host" } } })).toEqual([
    "abcdef012345",
  ]);
});
