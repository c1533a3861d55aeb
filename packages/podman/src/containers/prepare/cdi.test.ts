import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { resolveCdiDevices } from "./cdi.ts";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "cdi-"));
  writeFileSync(
    join(directory, "vendor.yaml"),
    `cdiVersion: "0.6.0"
kind: vendor.com/dev
containerEdits:
  env: [COMMON=1]
devices:
  - name: one
    containerEdits:
      env: [ONE=1]
      deviceNodes: [{path: /dev/one, hostPath: /dev/null, permissions: r}]
      mounts: [{hostPath: /usr, containerPath: /host-usr, options: [ro]}]
      hooks: [{hookName: createContainer, path: /bin/true, args: ["true"]}]
      additionalGids: [44]
  - name: two
    containerEdits: {env: [TWO=1]}
`,
  );
  writeFileSync(join(directory, "broken.json"), "{");
});
afterAll(() => rmSync(directory, { recursive: true }));

it("adds what the files say, common parts once", () => {
  expect(resolveCdiDevices(["vendor.com/dev=one", "vendor.com/dev=two"], ["/nosuch", directory])).toEqual({
    env: ["COMMON=1", "ONE=1", "TWO=1"],
    devices: [{ source: "/dev/null", target: "/dev/one", permissions: "r" }],
    mounts: [{ destination: "/host-usr", source: "/usr", type: "bind", options: ["ro", "rbind"] }],
    additionalGids: [44],
    hooks: { createContainer: [{ path: "/bin/true", args: ["true"] }] },
  });
});

it("names the devices that nobody knows", () => {
  expect(() => resolveCdiDevices(["vendor.com/dev=one", "x.com/y=z"], [directory])).toThrow(
    "setting up CDI devices: unresolvable CDI devices x.com/y=z",
  );
});
