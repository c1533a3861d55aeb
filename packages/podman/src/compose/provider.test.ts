import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findComposeProvider, saysWhoComposes } from "./provider.ts";

describe("findComposeProvider", () => {
  it("takes the environment's word, else the first that is there", () => {
    const home = mkdtempSync(join(tmpdir(), "compose-"));
    try {
      writeFileSync(join(home, "second"), "#!/bin/sh\n");
      chmodSync(join(home, "second"), 0o755);
      expect(findComposeProvider([], { PODMAN_COMPOSE_PROVIDER: "mine" })).toBe("mine");
      expect(findComposeProvider(["$HOME/first", "$HOME/second"], { HOME: home })).toBe(join(home, "second"));
      expect(() => findComposeProvider(["$HOME/first"], { HOME: home })).toThrow(`none of ${home}/first is there`);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});

it.each([
  [undefined, true],
  ["", true],
  ["false", false],
  ["1", true],
])("PODMAN_COMPOSE_WARNING_LOGS=%s", (value, expected) => {
  expect(saysWhoComposes(true, { PODMAN_COMPOSE_WARNING_LOGS: value })).toBe(expected);
});

it("a PODMAN_COMPOSE_WARNING_LOGS that is no boolean is refused", () => {
  expect(() => saysWhoComposes(true, { PODMAN_COMPOSE_WARNING_LOGS: "maybe" })).toThrow(/should be a boolean/);
});
