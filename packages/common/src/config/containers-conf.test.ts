import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { loadContainersConf } from "./containers-conf.ts";

const roots: string[] = [];

function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "containers-conf-"));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

const load = (root: string, env: Record<string, string> = {}, rootless = false) =>
  loadContainersConf({ systemRoot: root, env: { HOME: `${root}/home`, ...env }, rootless });

describe("containers.conf", () => {
  it("has the original's defaults without any file", () => {
    const config = load(tree({}));
    expect(config.containers.pidsLimit).toBe(2048);
    expect(config.engine.stopTimeout).toBe(10);
    expect(config.engine.detachKeys).toBe("ctrl-p,ctrl-q");
    expect(config.network.defaultNetwork).toBe("podman");
    expect(config.network.defaultSubnetPools[0]).toEqual({ base: "10.89.0.0/16", size: 24 });
  });
  it("applies distribution, administrator, drop-ins in order and the user last", () => {
    const root = tree({
      "usr/share/containers/containers.conf": '[containers]\ntz="a"\nlog_tag="vendor"\n[engine]\nstop_timeout=1\n',
      "etc/containers/containers.conf": '[containers]\ntz="b"\n',
      "etc/containers/containers.conf.d/20.conf": '[containers]\ntz="d"\n[engine.runtimes]\nmine=["/x"]\n',
      "etc/containers/containers.conf.d/10.conf": '[containers]\ntz="c"\n',
      "etc/containers/containers.conf.d/skipped": '[containers]\ntz="no"\n',
      "home/.config/containers/containers.conf": '[containers]\ntz="user"\n',
    });
    const config = load(root);
    expect(config.containers).toMatchObject({ tz: "d", logTag: "vendor" });
    expect(config.engine.stopTimeout).toBe(1);
    expect(config.engine.runtimes.mine).toEqual(["/x"]);
    expect(config.engine.runtimes.crun?.[0]).toBe("/usr/bin/crun");
    expect(load(root, {}, true).containers.tz).toBe("user");
  });
  it("lets lists replace or append", () => {
    const root = tree({
      "usr/share/containers/containers.conf": '[containers]\nenv=["A=1"]\nvolumes=["/a:/a"]\n',
      "etc/containers/containers.conf": '[containers]\nenv=["B=2", {append=true}]\nvolumes=["/b:/b"]\n',
    });
    expect(load(root).containers).toMatchObject({ env: ["A=1", "B=2"], volumes: ["/b:/b"] });
  });
  it("adds to a list that once said so, until one says otherwise", () => {
    const root = tree({
      "etc/containers/containers.conf": '[containers]\nenv=["A=1", {append=true}]\n',
      two: '[containers]\nenv=["B=2"]\n',
      off: '[containers]\nenv=["C=3", {append=false}]\n',
    });
    expect(load(root, { CONTAINERS_CONF_OVERRIDE: `${root}/two` }).containers.env).toContain("A=1");
    expect(load(root, { CONTAINERS_CONF_OVERRIDE: `${root}/off` }).containers.env).toEqual(["C=3"]);
  });
  it("obeys CONTAINERS_CONF and CONTAINERS_CONF_OVERRIDE", () => {
    const root = tree({
      "etc/containers/containers.conf": '[containers]\ntz="etc"\n',
      one: '[containers]\ntz="one"\numask="0077"\n',
      two: '[containers]\ntz="two"\n',
    });
    const config = load(root, { CONTAINERS_CONF: `${root}/one`, CONTAINERS_CONF_OVERRIDE: `${root}/two` });
    expect(config.containers).toMatchObject({ tz: "two", umask: "0077" });
    expect(() => load(root, { CONTAINERS_CONF: "/nosuch" })).toThrow("CONTAINERS_CONF names /nosuch, which does not exist");
  });
  it("names file and key of a wrong value, and ignores unknown keys", () => {
    const root = tree({ "etc/containers/containers.conf": '[engine]\nnum_locks="many"\nfancy=1\n' });
    expect(() => load(root)).toThrow(`reading ${root}/etc/containers/containers.conf: engine.num_locks must be a whole number, not "many"`);
    expect(() => load(tree({ "etc/containers/containers.conf": "[engine\n" }))).toThrow("not valid TOML");
    expect(load(tree({ "etc/containers/containers.conf": "[engine]\nfancy=1\n[other]\nx=1\n" })).engine.numLocks).toBe(2048);
  });
});
