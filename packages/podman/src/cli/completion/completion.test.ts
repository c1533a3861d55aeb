import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linuxSys } from "@containers/common/sys/linux";
import { afterAll, expect, test } from "vitest";
import { formatValues } from "./format-values.ts";
import { pathsBelow } from "./root-paths.ts";

const root = mkdtempSync(join(tmpdir(), "completion-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function fieldsFor(commandPath: string, typed: string): Promise<readonly string[] | undefined> {
  const request = { commandPath, args: [], typed, globals: {} };
  const found = await formatValues(request, () => Promise.reject(new Error("no engine is needed")));
  return found?.candidates.map(({ value }) => value);
}

test("a template is completed by the fields of what the command shows", async () => {
  expect(await fieldsFor("podman ps", "{{.")).toContain("{{.Names}}");
  expect(await fieldsFor("podman container list", "{{.ID}} {{.")).toContain("{{.ID}} {{.Names}}");
  expect(await fieldsFor("podman inspect", "{{.")).toEqual(expect.arrayContaining(["{{.Args}}", "{{.State."]));
  expect(await fieldsFor("podman inspect", "{{.State.St")).toContain("{{.State.Status}}");
  expect(await fieldsFor("podman inspect", "{{ .")).toContain("{{ .Args}}");
  expect(await fieldsFor("podman ps", "")).toEqual(["json"]);
  expect(await fieldsFor("podman ps", "{{.Nosuch.")).toEqual([]);
  expect(await fieldsFor("podman build", "{{.")).toBeUndefined();
});

test("paths are those of the root file system, and never of the host", () => {
  mkdirSync(join(root, "etc"));
  mkdirSync(join(root, "empty"));
  for (const name of ["os-release", "passwd"]) writeFileSync(join(root, "etc", name), "");
  symlinkSync("/", join(root, "out"));
  const paths = (typed: string): string[] => pathsBelow(linuxSys(), root, typed);
  expect(paths("")).toEqual(["/empty/", "/etc/", "/out"]);
  expect(paths("e")).toEqual(["empty/", "etc/"]);
  expect(paths("/etc")).toEqual(["/etc/os-release", "/etc/passwd"]);
  expect(paths("/etc/os-")).toEqual(["/etc/os-release"]);
  expect(paths("/empty")).toEqual(["/empty/"]);
  expect(paths("../../")).toEqual(["../../empty/", "../../etc/", "../../out"]);
  expect(paths("/out/e")).toEqual(["/out/empty/", "/out/etc/"]);
  expect(paths("/nosuch/x")).toEqual([]);
});
