import { describe, expect, it } from "vitest";
import type { ContainerSpec } from "../container-spec/container-spec.ts";
import { INITIAL_STATE } from "../containers/state.ts";
import { containerConfig } from "../containers/testing/container-config.ts";
import { memoryState } from "../state/memory/memory-state.ts";
import { joinPod } from "./join-pod.ts";
import type { PodRecord } from "./pod-record.ts";

const POD: PodRecord = {
  id: "p1",
  name: "pod",
  createdAt: "2026-01-01T00:00:00Z",
  labels: {},
  hostname: "",
  createCommand: [],
  exitPolicy: "continue",
  restart: { name: "always" },
  shared: ["ipc", "net", "uts"],
  shareParent: true,
  cgroupParent: "/libpod_parent",
  cgroupPath: "/libpod_parent/p1",
  infraId: "i1",
  isCreating: false,
};
const SPEC: ContainerSpec = { image: "x", pod: "pod", network: {}, namespaces: {}, security: {}, resources: {} };
const lent = { kind: "container", container: "i1" };

function engineWithInfra(overrides: Parameters<typeof containerConfig>[0] = {}) {
  const state = memoryState();
  state.containers.insert({
    config: containerConfig({ id: "i1", hostname: "pod", podId: "p1", isInfra: true, ...overrides }),
    state: INITIAL_STATE,
  });
  return { state };
}

describe("joinPod", () => {
  it("takes what the pod shares from its infra container", () => {
    const joined = joinPod(engineWithInfra(), POD, SPEC);
    expect(joined).toMatchObject({
      pod: "p1",
      hostname: "pod",
      restart: { name: "always" },
      network: { mode: lent },
      namespaces: { ipc: lent, uts: lent },
      resources: { cgroupParent: "/libpod_parent/p1" },
    });
    expect(joined.namespaces.pid).toBeUndefined();
  });

  it("leaves alone what the container asks for itself", () => {
    const own = { ...SPEC, network: { mode: { kind: "none" } }, namespaces: { uts: { kind: "private" } }, hostname: "mine" } as const;
    const joined = joinPod(engineWithInfra(), POD, { ...own, resources: { cgroupParent: "/x" } });
    expect(joined).toMatchObject({ hostname: "mine", network: { mode: { kind: "none" } }, namespaces: { uts: { kind: "private" } } });
    expect(joined.resources.cgroupParent).toBe("/x");
  });

  it("gives volumes of the pod to the container, unless it has one at the place", () => {
    const mounts = ["/a", "/b"].map((target) => ({ type: "bind" as const, source: "/pod", target, options: [] }));
    const own = { type: "bind" as const, source: "/own", target: "/b", options: [] };
    const joined = joinPod(engineWithInfra({ mounts }), POD, { ...SPEC, volumes: [own] });
    expect(joined.volumes).toEqual([mounts[0], own]);
  });

  it("shares the host's network and names where the pod has those", () => {
    const host = containerConfig().network;
    const engine = engineWithInfra({ network: { ...host, mode: { kind: "host" } } });
    expect(joinPod(engine, POD, SPEC).network.mode).toEqual({ kind: "host" });
  });

  it.each([
    [{ network: { publishAll: true } }, /published or exposed ports must be defined when the pod is created/],
    [{ network: { addHosts: ["a:1.1.1.1"] } }, /extra host entries must be specified on the pod/],
    [{ network: { aliases: ["a"] } }, /networks must be defined when the pod is created/],
    [{ hostname: "x" }, /cannot set hostname when joining the pod UTS namespace/],
    [{ namespaces: { user: { kind: "nomap" } } }, /cannot set user namespace mode when joining pod with infra container/],
  ] satisfies ReadonlyArray<readonly [Partial<ContainerSpec>, RegExp]>)("refuses %j", (asked, text) => {
    expect(() => joinPod(engineWithInfra(), POD, { ...SPEC, ...asked })).toThrow(text);
  });

  it("without an infra container shares the cgroup alone", () => {
    const joined = joinPod({ state: memoryState() }, { ...POD, infraId: "", shared: [] }, { ...SPEC, hostname: "h" });
    expect(joined).toMatchObject({ hostname: "h", network: {}, namespaces: {}, resources: { cgroupParent: "/libpod_parent/p1" } });
  });
});
