import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseOverlayOptions } from "../drivers/overlay/overlay-options.ts";
import { parseVfsOptions } from "../drivers/vfs/vfs-options.ts";
import { loadStorageConf } from "./storage-conf.ts";

let directory: string;
beforeAll(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "storage-conf-"));
});
afterAll(() => fs.rmSync(directory, { recursive: true }));

function load(text: string, env: Record<string, string> = {}) {
  const file = path.join(directory, "storage.conf");
  fs.writeFileSync(file, text);
  return loadStorageConf({ CONTAINERS_STORAGE_CONF: file, HOME: "/home/alice", ...env });
}

describe("storage.conf", () => {
  it("names the places, the driver and its options", () => {
    const conf = load(`
      [storage]
      driver = "overlay"
      graphroot = "/srv/graph"
      runroot = "$HOME/run"
      [storage.options]
      additionalimagestores = ["/usr/lib/images"]
      [storage.options.overlay]
      mountopt = "nodev,metacopy=on"
      ignore_chown_errors = "true"
    `);
    expect(conf).toEqual({
      driver: "overlay",
      graphRoot: "/srv/graph",
      runRoot: "/home/alice/run",
      driverOptions: ["overlay.imagestore=/usr/lib/images", "overlay.mountopt=nodev,metacopy=on", "overlay.ignore_chown_errors=true"],
      autoUserns: { user: "containers", least: 1024, most: 65536 },
    });
    expect(parseOverlayOptions(conf.driverOptions)).toEqual({
      mountOptions: ["nodev", "metacopy=on"],
      additionalStores: ["/usr/lib/images"],
      ignoreChownErrors: true,
      skipMountHome: false,
      mountProgram: undefined,
      limits: { bytes: 0, inodes: 0 },
    });
  });

  it("says whose ids containers in user namespaces of their own get, and how many", () => {
    const conf = load('[storage.options]\nroot-auto-userns-user = "storage"\nauto-userns-min-size = 2048\nauto-userns-max-size = 4096');
    expect(conf.autoUserns).toEqual({ user: "storage", least: 2048, most: 4096 });
  });

  it("tells what it does not understand, and takes modes as numbers", () => {
    const conf = load(
      '[storage]\ndriver = "overlay"\ndriver_priority = ["vfs"]\n[storage.options]\nremap-user = "c"\nforce_mask = 0o700\ndisable-volatile = true\n[storage.options.overlay]\nsizes = "1"',
    );
    expect(conf.warnings).toEqual([
      expect.stringContaining('Failed to decode the keys ["storage.options.remap-user" "storage.options.overlay.sizes"] from "'),
    ]);
    expect(conf.driverOptions).toEqual(["overlay.force_mask=700"]);
    expect(conf).toMatchObject({ disableVolatile: true, driverPriority: ["vfs"] });
    expect(load('[storage]\n[storage.options]\nimagestore = "/x"').warnings).toEqual([expect.stringContaining("has no effect")]);
  });

  it("has options for the driver that it names", () => {
    const conf = load(
      '[storage]\ndriver = "vfs"\n[storage.options]\nadditionalimagestores = ["/i"]\n[storage.options.overlay]\nmountopt = "nodev"\n[storage.options.vfs]\nignore_chown_errors = "true"',
    );
    expect(conf.driverOptions).toEqual(["vfs.imagestore=/i", "vfs.ignore_chown_errors=true"]);
    expect(parseVfsOptions(conf.driverOptions)).toEqual({ additionalStores: ["/i"], ignoreChownErrors: true });
    expect(() => parseVfsOptions(["vfs.mountopt=nodev"])).toThrow(/does not support mount options/);
    expect(() => parseVfsOptions(["vfs.size=1g"])).toThrow(/does not support vfs.size options/);
  });

  it("gives way to STORAGE_DRIVER and STORAGE_OPTS", () => {
    const conf = load('[storage]\ndriver = "vfs"', {
      STORAGE_DRIVER: "overlay2",
      STORAGE_OPTS: "overlay.mountopt=nosuid,overlay.skip_mount_home=true",
    });
    expect(conf.driver).toBe("overlay");
    expect(conf.driverOptions).toEqual(["overlay.mountopt=nosuid", "overlay.skip_mount_home=true"]);
  });

  it("has an ordinary user's places below the home and the runtime directory", () => {
    const conf = load('[storage]\ndriver = "overlay"', {
      _CONTAINERS_USERNS_CONFIGURED: "done",
      _CONTAINERS_ROOTLESS_UID: "1000",
      XDG_RUNTIME_DIR: "/run/user/1000",
    });
    expect(conf).toMatchObject({ graphRoot: "/home/alice/.local/share/containers/storage", runRoot: "/run/user/1000/containers" });
  });

  it("that is not TOML, or is missing where the environment names it, is an error", () => {
    expect(() => load("[storage")).toThrow(/not valid TOML/);
    expect(() => loadStorageConf({ CONTAINERS_STORAGE_CONF: "/nowhere/storage.conf" })).toThrow(/does not exist/);
  });
});

describe("driver options", () => {
  it("that are unknown are refused", () => {
    expect(() => parseOverlayOptions(["overlay.colour=blue"])).toThrow(/unknown option "colour"/);
    expect(() => parseOverlayOptions(["overlay.mountopt"])).toThrow(/no value/);
    expect(() => parseOverlayOptions(["overlay.ignore_chown_errors=maybe"])).toThrow(/true or false/);
    expect(() => parseOverlayOptions(["overlay.force_mask=u+r"])).toThrow(/octal/);
  });

  it.each(["use_composefs=true", "additionallayerstore=/x:ref"])("that ask for what is missing here are refused: %s", (option) => {
    expect(() => parseOverlayOptions([`overlay.${option}`])).toThrow(expect.objectContaining({ kind: "unsupported" }));
  });

  it("limit what a container may write, also without the driver's name", () => {
    expect(parseOverlayOptions(["overlay.size=10m", "inodes=1000"]).limits).toEqual({ bytes: 10 << 20, inodes: 1000 });
    expect(() => parseOverlayOptions(["size=big"])).toThrow(/invalid size: 'big'/);
    expect(() => parseOverlayOptions(["inodes=many"])).toThrow(/whole number/);
  });

  it("name the modes that files are to have, and a program that is there", () => {
    expect(parseOverlayOptions(["overlay.force_mask=shared", "overlay.mount_program=/bin/sh"])).toMatchObject({
      forceMask: 0o755,
      mountProgram: "/bin/sh",
    });
    expect(parseOverlayOptions(["overlay.force_mask=0711", "overlay.size=0"]).forceMask).toBe(0o711);
    expect(() => parseOverlayOptions(["overlay.mount_program=/nowhere/at/all"])).toThrow(/can't stat program/);
  });
});
