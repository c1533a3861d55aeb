import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { scratchConfig } from "../working-container/image-config.ts";
import { overrideConfig } from "./override-config.ts";

const base = { ...scratchConfig(undefined), env: ["PATH=/bin"], cmd: ["/bin/sh"], entrypoint: ["/start"], labels: { kept: "yes" } };

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "override-test-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it("adds to lists, replaces values, takes command and entry point together", () => {
  const changed = overrideConfig(base, { changes: ["ENV a=b", "LABEL x=y", "CMD run", "USER me", "EXPOSE 80", "WORKDIR /w"] });
  expect(changed).toMatchObject({
    env: ["PATH=/bin", "a=b"],
    labels: { kept: "yes", x: "y" },
    cmd: ["/bin/sh", "-c", "run"],
    entrypoint: [],
    user: "me",
    exposedPorts: ["80/tcp"],
    workingDir: "/w",
  });
});

it("reads Docker's configuration from a file, which changes go on from", () => {
  const file = join(directory, "config.json");
  writeFileSync(file, JSON.stringify({ Env: ["Q=1"], Cmd: ["zz"], Labels: { f: "g" } }));
  expect(overrideConfig(base, { file, changes: ["ENV R=$Q"] })).toMatchObject({
    env: ["PATH=/bin", "Q=1", "R=1"],
    cmd: ["zz"],
    labels: { kept: "yes", f: "g" },
  });
});

it.each(["RUN true", "FOO bar", "USER=x"])("refuses %s", (change) => {
  expect(() => overrideConfig(base, { changes: [change] })).toThrow(`did not understand change instruction "${change}"`);
});

it("leaves everything as it is without a change", () => {
  expect(overrideConfig(base, { changes: [] })).toBe(base);
});
