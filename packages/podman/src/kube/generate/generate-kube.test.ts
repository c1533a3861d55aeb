import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import type { ContainerConfig } from "../../containers/config.ts";
import { INITIAL_STATE } from "../../containers/state.ts";
import { containerConfig } from "../../containers/testing/container-config.ts";
import type { Engine } from "../../engine/engine.ts";
import type { PodRecord } from "../../pods/pod-record.ts";
import { memoryState } from "../../state/memory/memory-state.ts";
import type { VolumeRecord } from "../../state/state.ts";
import { type GenerateKubeOptions, generateKube } from "./generate-kube.ts";
import { serviceOf } from "./service.ts";

interface Case {
  readonly names: readonly string[];
  readonly options?: GenerateKubeOptions;
  readonly containers?: readonly Partial<ContainerConfig>[];
  readonly pods?: ReadonlyArray<Partial<PodRecord> & Pick<PodRecord, "id" | "name">>;
  readonly volumes?: ReadonlyArray<Partial<VolumeRecord> & Pick<VolumeRecord, "name">>;
  /** What is said instead of a file. */
  readonly error?: string;
}

const folder = join(import.meta.dirname, "testfiles");
const now = new Date("2026-01-02T03:04:05.678Z");

/** `NAME.json` says what there is and what is asked for, `NAME.yaml` what comes out. */
describe("generateKube", () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith(".json")))("%s", (name) => {
    const input: Case = JSON.parse(readFileSync(join(folder, name), "utf8"));
    const generate = (): string => generateKube(engineWith(input), input.names, { ...input.options, now });
    if (input.error !== undefined) expect(generate).toThrow(input.error);
    else expect(generate()).toBe(readFileSync(join(folder, name.replace(/json$/, "yaml")), "utf8"));
  });
});

function engineWith({ containers = [], pods = [], volumes = [] }: Case): Engine {
  const state = memoryState();
  for (const pod of pods) state.pods.insert({ ...POD, ...pod });
  for (const overrides of containers)
    state.containers.insert({
      config: containerConfig({ capabilities: ["CAP_CHOWN"], restart: { name: "no", isDefault: true }, ...overrides }),
      state: INITIAL_STATE,
    });
  for (const volume of volumes) state.volumes.insert({ ...VOLUME, ...volume });
  return { state, defaults: { capabilities: ["CAP_CHOWN"], stopTimeout: 10 } } as unknown as Engine;
}

const POD: Omit<PodRecord, "id" | "name"> = {
  createdAt: "",
  labels: {},
  hostname: "",
  createCommand: [],
  exitPolicy: "continue",
  shared: [],
  shareParent: true,
  cgroupParent: "",
  cgroupPath: "",
  infraId: "",
  isCreating: false,
};

const VOLUME: Omit<VolumeRecord, "name"> = {
  driver: "local",
  mountPoint: "",
  createdAt: "",
  labels: {},
  options: {},
  anonymous: false,
  uid: 0,
  gid: 0,
  needsCopyUp: false,
  needsChown: false,
};

test("a service has node ports of its own, each once", () => {
  const numbers = [0, 0, 0.5, 0.999_999];
  const pod = {
    metadata: { name: "p", labels: { app: "p" }, annotations: { a: "b" }, creationTimestamp: "t" },
    spec: {
      containers: [{ name: "c", ports: [{ containerPort: 80 }, { containerPort: 53, protocol: "UDP" as const }, { containerPort: 9 }] }],
    },
  };
  expect(serviceOf(pod, [], () => numbers.shift() ?? 0)).toMatchObject({
    kind: "Service",
    metadata: { name: "p", annotations: undefined },
    spec: {
      type: "NodePort",
      selector: { app: "p" },
      ports: [
        { name: "80", port: 80, targetPort: 80, nodePort: 30_000 },
        { name: "53", port: 53, protocol: "UDP", nodePort: 31_384 },
        { name: "9", port: 9, nodePort: 32_767 },
      ],
    },
  });
});
