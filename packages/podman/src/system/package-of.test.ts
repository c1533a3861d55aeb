import { findExecutable } from "@containers/common/process/find-executable";
import { describe, expect, it } from "vitest";
import { lookUpPackages, programVersion } from "./package-of.ts";

describe("lookUpPackages", () => {
  it.skipIf(findExecutable("dpkg-query") === undefined)("names the packages of several files, and none for a stranger (needs dpkg)", () => {
    const packageOf = lookUpPackages(["/no/such/file", "/usr/bin/dpkg-query", "/usr/bin/dpkg"]);
    expect(packageOf("/usr/bin/dpkg-query")).toMatch(/^dpkg_[^_]+_[a-z0-9]+$/);
    expect(packageOf("/usr/bin/dpkg")).toBe(packageOf("/usr/bin/dpkg-query"));
    expect(packageOf("/no/such/file")).toBe("Unknown");
  });
});

describe("programVersion", () => {
  it("is empty for what cannot be asked", () => {
    expect(programVersion("/no/such/program")).toBe("");
  });
});
