import { describe, expect, it, test } from "vitest";
import { cloneName } from "../../containers/creation/clone-name.ts";
import { readKubeDocuments } from "../schema/documents.ts";
import { readAs } from "../schema/fields.ts";
import type { KubeContainerYaml } from "../schema/pod-schema.ts";
import { podSchema } from "../schema/pod-schema.ts";
import { type EnvironmentSources, environmentOf } from "./environment.ts";
import { expandVariables } from "./expand.ts";
import { mountsOf } from "./mounts.ts";
import { mergePorts, portsOfContainers } from "./ports.ts";
import { healthCheckOf } from "./probes.ts";
import { devicesOf, resourcesOf } from "./resources.ts";
import { seccompProfileOf, securityOf } from "./security.ts";
import { validateAnnotations } from "./validate-annotations.ts";
import { volumesFromOf } from "./volumes-from.ts";

function container(yaml: string): KubeContainerYaml {
  const [document] = readKubeDocuments(`kind: Pod\nspec:\n  containers:\n  - ${yaml}`);
  if (document === undefined) throw new Error("no document");
  const [first] = readAs(document, podSchema, "Kube Pod").spec.containers;
  if (first === undefined) throw new Error("no container");
  return first;
}

test.each([
  ["$(A)", "1"],
  ["x$(A)$(B)y", "x1y"],
  ["$(NOPE)", "$(NOPE)"],
  ["$$(A)", "$(A)"],
  ["$$$(A)", "$1"],
  ["$A $", "$A $"],
])("expands %s to %s", (text, expanded) => {
  expect(
    expandVariables(
      text,
      new Map([
        ["A", "1"],
        ["B", ""],
      ]),
    ),
  ).toBe(expanded);
});

describe("environmentOf", () => {
  const sources: EnvironmentSources = {
    configMaps: [{ metadata: { name: "m", labels: {}, annotations: {} }, data: { K: "of map", SHARED: "map" }, binaryData: {} }],
    secret: (name) => (name === "s" ? new Map([["pw", Buffer.from("secret")]]) : undefined),
    podName: "pod",
    podId: "id",
    labels: { app: "web" },
    annotations: {},
  };
  const env = (yaml: string): string[] => environmentOf(container(`{name: c, ${yaml}}`), sources);

  it("takes values from maps, secrets, the pod and its resources", () => {
    expect(
      env(`envFrom: [{configMapRef: {name: m}}, {secretRef: {name: s}}], env: [
        {name: SHARED, value: own}, {name: EMPTY},
        {name: K2, valueFrom: {configMapKeyRef: {name: m, key: K}}},
        {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}},
        {name: APP, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}},
        {name: MEM, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}},
        {name: GONE, valueFrom: {secretKeyRef: {name: nosuch, key: k, optional: true}}}],
        resources: {limits: {memory: 65Mi}}`),
    ).toEqual(["K=of map", "SHARED=own", "pw=secret", "EMPTY=", "K2=of map", "NAME=pod", "APP=web", "MEM=65"]);
  });

  it.each([
    ["envFrom: [{configMapRef: {name: x}}]", "configmap x not found"],
    ["env: [{name: A, valueFrom: {configMapKeyRef: {name: m, key: x}}}]", "cannot set env A: key x not found in configmap m"],
    ["env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: x}}}]", "cannot set env A: secret s has not x key"],
    ["env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.x}}}]", "can not set env A. Reason: fieldPath spec.x is either not valid"],
    [
      "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 2m}}}]",
      "can not set env A. Reason: divisor value 2m is not valid",
    ],
  ])("refuses %s", (yaml, message) => expect(() => env(yaml)).toThrow(message));
});

test("ports with a host port are published, the others when all are asked for; --publish wins", () => {
  const containers = [
    container("{name: c, ports: [{containerPort: 80, hostPort: 8080}, {containerPort: 53, protocol: UDP}, {hostPort: 9}]}"),
  ];
  const shown = (all: boolean): string[] =>
    portsOfContainers(containers, all).map((port) => `${port.host_port}:${port.container_port}/${port.protocol}`);
  expect(shown(false)).toEqual(["8080:80/tcp", "9:9/tcp"]);
  expect(shown(true)).toEqual(["8080:80/tcp", "53:53/udp", "9:9/tcp"]);
  const own = { host_ip: "", container_port: 79, host_port: 7000, range: 2, protocol: "tcp" } as const;
  expect(mergePorts(portsOfContainers(containers, false), [own]).map((port) => port.host_port)).toEqual([7000, 9]);
});

test("probes become health checks", () => {
  const check = (yaml: string) => {
    const yamlContainer = container(`{name: c, ports: [{name: web, containerPort: 81}], livenessProbe: ${yaml}}`);
    return yamlContainer.livenessProbe === undefined ? undefined : healthCheckOf(yamlContainer.livenessProbe, yamlContainer);
  };
  expect(check('{exec: {command: [cat, "/x"]}, initialDelaySeconds: 5}')).toEqual({
    test: ["CMD", "cat", "/x"],
    interval: 10e9,
    timeout: 1e9,
    startPeriod: 5e9,
    retries: 3,
  });
  expect(check("{httpGet: {port: web, path: /up}, failureThreshold: 1}")?.test?.join(" ")).toBe(
    "CMD-SHELL curl -f http://localhost:81/up || exit 1",
  );
  expect(check("{tcpSocket: {port: 5}}")?.test?.join(" ")).toBe("CMD-SHELL nc -z -v localhost 5 || exit 1");
  expect(() => check("{tcpSocket: {port: nosuch}}")).toThrow("unknown port: nosuch");
  expect(check("{periodSeconds: 1}")).toBeUndefined();
  expect(check("{exec: {}}")?.test).toEqual(["CMD"]);
  for (const yaml of [
    "{exec: {command: [true]}}",
    "{exec: {command: [sh, 1]}}",
    "{tcpSocket: {port: 1, host: true}}",
    "{httpGet: {port: 1, path: 2}}",
  ])
    expect(() => check(yaml)).toThrow("livenessProbe");
});

test("security: the container's words win over the pod's", () => {
  const own = container(
    "{name: c, securityContext: {runAsUser: 5, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, procMount: Unmasked}}",
  );
  const pod = { runAsUser: 1, runAsGroup: 2, supplementalGroups: [3], sysctls: [], seLinuxOptions: undefined };
  const spec = securityOf(own, pod, { annotations: {}, seccompProfile: undefined });
  expect(spec).toMatchObject({ user: "5:2", groupAdd: ["3"], security: { noNewPrivileges: true, capDrop: ["ALL"], unmask: ["ALL"] } });
  const told = { "io.podman.annotations.label/c": "disable", "io.podman.annotations.seccomp/other": "unconfined" };
  expect(securityOf(own, pod, { annotations: told, seccompProfile: undefined }).security.securityOptions).toEqual([
    "no-new-privileges",
    "label=disable",
    "unmask=all",
  ]);
  const key = "container.seccomp.security.alpha.kubernetes.io";
  expect(seccompProfileOf("c", { [`${key}/c`]: "localhost/p.json" }, "/root")).toBe("/root/p.json");
  expect(seccompProfileOf("c", { "seccomp.security.alpha.kubernetes.io/pod": "runtime/default" }, "/root")).toBeUndefined();
  expect(() => seccompProfileOf("c", { [`${key}/c`]: "bogus" }, "/root")).toThrow("invalid seccomp path: bogus");
});

test("resources, and devices among them", () => {
  const yaml = container('{name: c, resources: {limits: {cpu: 500m, memory: 64Mi, "podman.io/device=/dev/fuse": 1, nvidia.com/gpu: 1}}}');
  const annotations = { "io.podman.annotations.pids-limit/c": "7", "io.podman.annotations.ulimit": "nofile=1:2,core=3" };
  expect(resourcesOf(yaml, annotations)).toMatchObject({
    cpus: 0.5,
    memory: 67_108_864,
    memorySwap: -1,
    pidsLimit: 7,
    ulimits: [
      { name: "nofile", soft: 1, hard: 2 },
      { name: "core", soft: 3, hard: 3 },
    ],
  });
  expect(devicesOf(yaml)).toEqual({ devices: [{ source: "/dev/fuse", target: "/dev/fuse" }], cdiDevices: [] });
  const ofVendor = devicesOf(container("{name: c, resources: {limits: {nvidia.com/gpu=all: 1}}}"));
  expect(ofVendor).toEqual({ devices: [], cdiDevices: ["nvidia.com/gpu=all"] });
});

test("mounts", () => {
  const volumes = new Map([
    ["h", { kind: "bind", path: "/h" }],
    ["v", { kind: "volume", name: "v", anonymous: true }],
    ["gone", { kind: "absent" }],
    ["dev", { kind: "device", path: "/dev/x" }],
  ] as const);
  const yaml =
    container(`{name: c, volumeMounts: [{name: h, mountPath: "/a:ro,Z", mountPropagation: Bidirectional}, {name: v, mountPath: /b, readOnly: true, subPath: s},
    {name: gone, mountPath: /c}, {name: dev, mountPath: /dev/y}]}`);
  expect(mountsOf(yaml.volumeMounts, volumes, {})).toEqual({
    volumes: [
      { type: "bind", source: "/h", target: "/a", options: ["ro", "Z", "rshared"] },
      { type: "volume", name: "v", anonymous: true, target: "/b", options: ["ro"], subpath: "s" },
    ],
    devices: [{ source: "/dev/x", target: "/dev/y" }],
  });
  expect(() => mountsOf(container("{name: c, volumeMounts: [{name: x, mountPath: /a}]}").volumeMounts, volumes, {})).toThrow(
    "volume mount x specified for container but not configured in volumes",
  );
});

test("volumes of other containers", () => {
  const pod = { podName: "p", earlier: new Set(["one"]), annotations: { "io.podman.annotations.volumes-from/c": "one:ro;other" } };
  expect(volumesFromOf("c", pod)).toEqual(["p-one:ro", "other"]);
  expect(() => volumesFromOf("c", { ...pod, annotations: { "io.podman.annotations.volumes-from/c": "c" } })).toThrow(/cannot be same/);
});

test("annotations have qualified names", () => {
  expect(() => validateAnnotations({ "a.b/Name_1": "x", plain: "" })).not.toThrow();
  for (const key of ["a/b/c", "", "-x", "A_b/x", `${"x".repeat(64)}`])
    expect(() => validateAnnotations({ [key]: "" })).toThrow(/annotation/);
});

test("clones have names of their own", () => {
  const taken = new Set(["c-clone", "c-clone1"]);
  const isTaken = (name: string): boolean => taken.has(name);
  expect(["c", "d", "c-clone", "x-clone5"].map((name) => cloneName(name, isTaken))).toEqual([
    "c-clone2",
    "d-clone",
    "c-clone2",
    "x-clone6",
  ]);
});
