import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RuntimeSpec } from "@containers/common/spec-builder/runtime-spec";
import { linuxSys } from "@containers/common/sys/linux";
import { treeToTar } from "@containers/storage/archive/tree-to-tar";
import { walkTree } from "@containers/storage/archive/walk-tree";
import { describe, expect, it } from "vitest";
import { containerConfig } from "../testing/container-config.ts";
import { adaptSpec } from "./adapt-spec.ts";
import { fromDump, type LocalConfig, readDump } from "./read-dump.ts";
import { toDump } from "./write-dump.ts";

const id = "ab".repeat(32);
const runtimeSpec: RuntimeSpec = {
  ociVersion: "1.2.1",
  process: {
    user: { uid: 0, gid: 0 },
    args: ["sleep", "9"],
    env: ["A=b", "HOSTNAME=x"],
    cwd: "/srv",
    capabilities: { bounding: ["CAP_KILL"] },
  },
  root: { path: "/r", readonly: true },
  hostname: "box",
  mounts: [
    { destination: "/proc", type: "proc", source: "proc", options: [] },
    { destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["nosuid"] },
    { destination: "/data", type: "bind", source: "/old/volumes/v/_data", options: ["rbind"] },
    { destination: "/host", type: "bind", source: "/usr", options: ["rbind", "ro"] },
  ],
  annotations: { own: "yes", "io.container.manager": "libpod" },
  linux: {
    namespaces: [{ type: "pid" }, { type: "network", path: "/run/netns/old" }, { type: "ipc" }, { type: "mount" }],
    maskedPaths: ["/proc/acpi"],
  },
};
const local: LocalConfig = {
  id,
  name: "c",
  createdAt: "2026-01-01T00:00:00Z",
  imageId: "1",
  imageDigest: "sha256:2",
  cgroupManager: "cgroupfs",
  driver: "overlay",
  staticDir: "/new/static",
  runDir: "/new/run",
  runtime: "crun",
  podId: "",
};

async function* archive(config: object, spec: object) {
  const directory = mkdtempSync(join(tmpdir(), "dump-"));
  try {
    writeFileSync(join(directory, "config.dump"), JSON.stringify(config));
    writeFileSync(join(directory, "spec.dump"), JSON.stringify(spec));
    const items = [...walkTree(linuxSys(), directory)].map(({ path }) => path);
    expect(items).toEqual(["config.dump", "spec.dump"]);
    yield* treeToTar(
      linuxSys(),
      (function* () {
        for (const file of walkTree(linuxSys(), directory)) yield { kind: "file", file } as const;
      })(),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("a checkpoint's description", () => {
  it("brings our own container back as it was, at this machine's places", async () => {
    const config = containerConfig({ id, name: "c", labels: { a: "b" }, stopTimeout: 3, secrets: [] });
    const back = fromDump(await readDump(archive(toDump(config, runtimeSpec), runtimeSpec)), local);
    expect(back).toMatchObject({ labels: { a: "b" }, stopTimeout: 3, staticDir: "/new/static", log: { path: "/new/static/ctr.log" } });
  });

  it("says of the original's what the runtime's configuration and its own tell", async () => {
    const foreign = {
      id,
      name: "c",
      rootfsImageName: "localhost/base:latest",
      userVolumes: ["/tmp", "/data", "/host"],
      namedVolumes: [{ volumeName: "v", dest: "/data", options: ["rbind"] }],
      newNetworks: { podman: { interface_name: "eth0", aliases: [id.slice(0, 12), "web"] } },
      networkMode: "bridge",
      restart_policy: "on-failure",
      restart_retries: 3,
      logDriver: "k8s-file",
      lockID: 3,
      healthcheck: null,
    };
    const config = fromDump(await readDump(archive(foreign, runtimeSpec)), local);
    expect(config).toMatchObject({
      process: ["sleep", "9"],
      env: ["A=b"],
      workdir: "/srv",
      hostname: "box",
      readOnly: true,
      capabilities: ["CAP_KILL"],
      annotations: { own: "yes" },
      restart: { name: "on-failure", retries: 3 },
      namespaces: { pid: { kind: "private" }, ipc: { kind: "shareable" }, uts: { kind: "host" } },
      network: { mode: { kind: "bridge" }, networks: { podman: { interfaceName: "eth0", aliases: ["web", id.slice(0, 12)] } } },
    });
    expect(config.mounts.map(({ type, target }) => `${type} ${target}`)).toEqual(["volume /data", "tmpfs /tmp", "bind /host"]);
    expect(config.annotations).toEqual({ own: "yes" });
  });

  it("is refused when it is none", async () => {
    await expect(readDump(archive({ id: "../../etc", name: "c" }, runtimeSpec))).rejects.toThrow("config.dump is not valid: id");
    await expect(readDump(archive({ id, name: "a/b" }, runtimeSpec))).rejects.toThrow("config.dump is not valid: name");
    await expect(readDump(archive({ id, name: "c" }, { mounts: [] }))).rejects.toThrow("spec.dump is not valid");
  });

  it("gets this machine's sources for the old mounts", async () => {
    const { spec } = await readDump(archive({ id, name: "c" }, runtimeSpec));
    const built: RuntimeSpec = {
      ...runtimeSpec,
      mounts: [
        { destination: "/data", type: "bind", source: "/new/volumes/v/_data", options: [] },
        { destination: "/extra", type: "bind", source: "/x", options: [] },
      ],
      linux: { namespaces: [{ type: "network", path: "/run/netns/new" }, { type: "cgroup" }], cgroupsPath: "/here" },
    };
    const adapted = adaptSpec(built, spec);
    expect(adapted.mounts.map(({ destination, source }) => `${destination} ${source}`)).toEqual([
      "/proc proc",
      "/tmp tmpfs",
      "/data /new/volumes/v/_data",
      "/host /usr",
    ]);
    expect(adapted.linux).toMatchObject({
      cgroupsPath: "/here",
      maskedPaths: ["/proc/acpi"],
      namespaces: [{ type: "pid" }, { type: "network", path: "/run/netns/new" }, { type: "ipc" }, { type: "mount" }],
    });
    const gone = { ...spec, mounts: [{ destination: "/gone", type: "bind", source: "/nosuch/place", options: [] }] };
    expect(() => adaptSpec(built, gone)).toThrow("/nosuch/place mounted at /gone, which is not on this machine");
  });
});
