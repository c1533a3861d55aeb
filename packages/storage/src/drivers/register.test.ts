import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { linuxSys } from "@containers/common/sys/linux";
import { SysError } from "@containers/common/sys/sys-error";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../open-store.ts";

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "register-test-"));
});
afterEach(() => fs.rmSync(directory, { recursive: true }));

const autoUserns = { user: "containers", least: 1024, most: 65536 };

function withoutMounts() {
  return {
    ...linuxSys(),
    mount: () => {
      throw new SysError({ errno: 1, code: "EPERM", text: "operation not permitted", syscall: "mount" });
    },
  };
}

function open(warnings: string[], driver = "") {
  const sys = withoutMounts();
  const graphRoot = path.join(directory, "graph");
  const config = {
    driver,
    graphRoot,
    runRoot: path.join(directory, "run"),
    driverOptions: [],
    autoUserns,
  };
  return openStore({ sys, config, warn: (message) => warnings.push(message) });
}

describe("a store where overlay cannot be mounted", () => {
  it("is made with vfs, with one warning, and stays so", () => {
    const warnings: string[] = [];
    expect(open(warnings).driverName).toBe("vfs");
    expect(warnings).toEqual([expect.stringContaining("operation not permitted")]);
    expect(open(warnings).driverName).toBe("vfs");
    expect(warnings).toHaveLength(1);
    expect(fs.readdirSync(path.join(directory, "graph")).sort()).toEqual(["vfs", "vfs-containers", "vfs-images", "vfs-layers"]);
  });

  it("is overlay all the same when that is asked for", () => {
    const warnings: string[] = [];
    expect(open(warnings, "overlay").driverName).toBe("overlay");
    expect(warnings).toEqual([]);
    expect(() => open(warnings, "btrfs")).toThrow(/btrfs/);
  });
});

describe("driver_priority", () => {
  const open = (driverPriority: readonly string[]) => {
    const graphRoot = path.join(directory, "graph");
    const config = { driver: "", graphRoot, runRoot: path.join(directory, "run"), driverOptions: [], autoUserns, driverPriority };
    return openStore({ sys: withoutMounts(), config, warn: () => {} }).driverName;
  };

  it("says which driver a new store is made with", () => {
    expect(open(["btrfs", "vfs", "overlay"])).toBe("vfs");
  });

  it("allows no other", () => {
    expect(() => open(["overlay"])).toThrow(/overlay is not usable/);
    expect(() => open(["btrfs", "zfs"])).toThrow(/no supported driver: btrfs, zfs/);
  });
});

describe("a store made with a FUSE program", () => {
  it("is refused, since its marks of deletion are others", () => {
    fs.mkdirSync(path.join(directory, "graph/overlay/l"), { recursive: true });
    fs.mkdirSync(path.join(directory, "graph/overlay-layers"));
    fs.writeFileSync(path.join(directory, "graph/overlay/.has-mount-program"), "true");
    expect(() => open([])).toThrow(/FUSE/);
  });
});
