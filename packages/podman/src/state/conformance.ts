import { describe, expect, it } from "vitest";
import type { Container } from "../containers/config.ts";
import { INITIAL_STATE } from "../containers/state.ts";
import { containerConfig } from "../containers/testing/container-config.ts";
import type { PodRecord } from "../pods/pod-record.ts";
import type { State, VolumeRecord } from "./state.ts";

/** What every {@link State} must do; run on each implementation. */
export function describeState(name: string, open: () => State): void {
  describe(name, () => {
    describeContainers(open);
    describeOthers(open);
  });
}

function container(id: string, overrides: Partial<Container["config"]> = {}): Container {
  return {
    config: containerConfig({
      id: id.padEnd(64, "0"),
      name: `name-${id}`,
      createdAt: `2026-01-01T00:00:00.0000000${id.slice(0, 2)}Z`,
      ...overrides,
    }),
    state: INITIAL_STATE,
  };
}

function describeContainers(open: () => State): void {
  it("gives back what was put in", () => {
    const state = open();
    const one = container("a1");
    state.containers.insert(one);
    expect(state.containers.get(one.config.id)).toEqual(one);
    expect(state.containers.get("nosuch")).toBeUndefined();
  });

  it("finds by name, id and unique prefix, and refuses a prefix of several", () => {
    const state = open();
    state.containers.insert(container("a1"));
    state.containers.insert(container("a2", { name: "a1" }));
    expect(state.containers.resolve("a1")?.config.name).toBe("a1");
    expect(state.containers.resolve("name-a1")?.config.id).toMatch(/^a10/);
    expect(state.containers.resolve("a2")?.config.id).toMatch(/^a20/);
    expect(state.containers.resolve("b")).toBeUndefined();
    expect(() => state.containers.resolve("a")).toThrow(/more than one/);
  });

  it("refuses a name and an id that are taken", () => {
    const state = open();
    const one = container("a1");
    state.containers.insert(one);
    expect(() => state.containers.insert(container("a2", { name: one.config.name }))).toThrow(/already in use by a10/);
    expect(() => state.containers.insert(container("a1", { name: "other" }))).toThrow(/already in use/);
    expect(state.containers.list()).toHaveLength(1);
  });

  it("keeps changes of state and name, and says when the container is gone", () => {
    const state = open();
    const one = container("a1");
    state.containers.insert(one);
    expect(state.containers.setState(one.config.id, { ...INITIAL_STATE, status: "running", pid: 7, needsCleanup: true })).toBe(true);
    state.containers.setConfig(one.config.id, { ...one.config, name: "renamed" });
    expect(state.containers.get(one.config.id)).toMatchObject({ config: { name: "renamed" }, state: { status: "running", pid: 7 } });
    expect(state.containers.list()).toMatchObject([{ name: "renamed", status: "running", pid: 7, needsCleanup: true }]);
    expect(state.containers.setState("nosuch", INITIAL_STATE)).toBe(false);
  });

  it("refuses to rename to a name that is taken", () => {
    const state = open();
    const [one, two] = [container("a1"), container("a2")];
    state.containers.insert(one);
    state.containers.insert(two);
    expect(() => state.containers.setConfig(two.config.id, { ...two.config, name: one.config.name })).toThrow(/already in use/);
  });

  it("lists in order of creation, with filters", () => {
    const state = open();
    state.containers.insert(container("a2", { imageId: "i1" }));
    state.containers.insert(container("a1", { imageId: "i2", labels: { k: "v" } }));
    expect(state.containers.list().map(({ name }) => name)).toEqual(["name-a1", "name-a2"]);
    expect(state.containers.list({ imageId: "i2" })).toMatchObject([{ labels: { k: "v" } }]);
    expect(state.containers.list({ statuses: ["running"] })).toEqual([]);
    expect(state.containers.list({ statuses: ["configured", "exited"] })).toHaveLength(2);
  });

  it("knows dependents and users of volumes, and forgets them with the container", () => {
    const state = open();
    const one = container("a1", { mounts: [{ type: "volume", name: "v", target: "/v", options: [], anonymous: false }] });
    const two = container("a2", { dependencies: [one.config.id] });
    state.containers.insert(one);
    state.containers.insert(two);
    expect(state.containers.dependents(one.config.id)).toEqual([two.config.id]);
    expect(state.containers.usingVolume("v")).toEqual([one.config.id]);
    state.containers.remove(two.config.id);
    state.containers.remove(one.config.id);
    state.containers.remove("nosuch");
    expect(state.containers.dependents(one.config.id)).toEqual([]);
    expect(state.containers.usingVolume("v")).toEqual([]);
  });
}

const VOLUME: VolumeRecord = {
  name: "v1",
  driver: "local",
  mountPoint: "/v1",
  createdAt: "2026-01-01T00:00:00Z",
  labels: {},
  options: {},
  anonymous: false,
  uid: 0,
  gid: 0,
  needsCopyUp: true,
  needsChown: true,
};

const POD: PodRecord = {
  id: "ab".padEnd(64, "0"),
  name: "pod",
  createdAt: "2026-01-01T00:00:00Z",
  labels: {},
  hostname: "",
  createCommand: [],
  exitPolicy: "continue",
  shared: ["ipc", "net", "uts"],
  shareParent: true,
  cgroupParent: "/libpod_parent",
  cgroupPath: "/libpod_parent/ab",
  infraId: "",
  isCreating: true,
};

function describeOthers(open: () => State): void {
  it("keeps volumes by name", () => {
    const state = open();
    state.volumes.insert(VOLUME);
    expect(() => state.volumes.insert(VOLUME)).toThrow(/already exists/);
    state.volumes.update({ ...VOLUME, needsCopyUp: false });
    expect(state.volumes.resolve("v")).toMatchObject({ name: "v1", needsCopyUp: false });
    state.volumes.insert({ ...VOLUME, name: "v2" });
    expect(() => state.volumes.resolve("v")).toThrow(/more than one/);
    state.volumes.remove("v1");
    expect(state.volumes.list().map(({ name }) => name)).toEqual(["v2"]);
  });

  it("keeps pods by id and name, and lists their containers", () => {
    const state = open();
    state.pods.insert(POD);
    const other = { ...POD, id: "ac".padEnd(64, "0"), name: "other", createdAt: "2025-01-01T00:00:00Z" };
    expect(() => state.pods.insert({ ...other, name: "pod" })).toThrow(/name "pod" is in use: pod already exists/);
    state.pods.insert(other);
    state.pods.update({ ...POD, isCreating: false });
    expect(state.pods.resolve("pod")).toMatchObject({ id: POD.id, isCreating: false });
    expect(state.pods.resolve("ac")?.name).toBe("other");
    expect(() => state.pods.resolve("a")).toThrow(/more than one/);
    expect(state.pods.resolve("")).toBeUndefined();
    expect(state.pods.list().map(({ name }) => name)).toEqual(["other", "pod"]);
    state.containers.insert(container("a1", { podId: POD.id }));
    expect(state.containers.list({ podId: POD.id })).toMatchObject([{ podId: POD.id }]);
    state.pods.remove(POD.id);
    expect(state.pods.get(POD.id)).toBeUndefined();
  });

  it("keeps exec sessions until they or their container are removed", () => {
    const state = open();
    const one = container("a1");
    state.containers.insert(one);
    const session = {
      id: "e1",
      containerId: one.config.id,
      status: "created" as const,
      pid: 0,
      exitCode: 0,
      command: ["true"],
      tty: false,
      stdin: false,
      user: "",
      privileged: false,
      env: [],
      workdir: "",
    };
    state.execSessions.insert(session);
    state.execSessions.update({ ...session, status: "running", pid: 3 });
    expect(state.execSessions.ofContainer(one.config.id)).toMatchObject([{ id: "e1", pid: 3 }]);
    state.containers.remove(one.config.id);
    expect(state.execSessions.get("e1")).toBeUndefined();
  });

  it("remembers exit codes of removed containers", () => {
    const state = open();
    state.exitCodes.set("gone", 3);
    state.exitCodes.set("gone", 4);
    state.exitCodes.prune();
    expect(state.exitCodes.get("gone")).toBe(4);
    expect(state.exitCodes.get("other")).toBeUndefined();
  });

  it("undoes a transaction that fails, and joins nested ones", () => {
    const state = open();
    expect(() =>
      state.transaction(() => {
        state.transaction(() => state.containers.insert(container("a1")));
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(state.containers.list()).toEqual([]);
    expect(state.transaction(() => 5)).toBe(5);
  });
}
