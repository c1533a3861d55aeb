import { describe, expect, it } from "vitest";
import { decode } from "./go-object.ts";
import { podSpecFromWire, podSpecGenerator } from "./pod-spec-generator.ts";
import { containerSpecFromWire } from "./spec-generator.ts";
import { specGenerator } from "./spec-generator-shape.ts";

const image = "quay.io/demo/bb:latest";
const read = (wire: object) => containerSpecFromWire(decode(specGenerator, JSON.stringify({ image, ...wire })));
const readPod = (wire: object) => podSpecFromWire(decode(podSpecGenerator, JSON.stringify(wire)));

/** What `podman --remote create` sends of everything that it leaves at its default. */
const DEFAULTS = {
  env_host: false,
  httpproxy: true,
  terminal: false,
  stdin: false,
  stop_timeout: 10,
  log_configuration: {},
  systemd: "true",
  sdnotifyMode: "container",
  pidns: {},
  utsns: {},
  ipcns: {},
  userns: {},
  cgroupns: {},
  netns: {},
  Networks: null,
  remove: false,
  init_container_type: "",
  unsetenvall: false,
  manage_password: true,
  image_volume_mode: "anonymous",
  init: false,
  volatile: false,
  privileged: false,
  seccomp_policy: "default",
  idmappings: { HostUIDMapping: true, HostGIDMapping: true, UIDMap: null, GIDMap: null },
  read_only_filesystem: false,
  read_write_tmpfs: false,
  umask: "0022",
  healthconfig: {},
  healthLogDestination: "local",
};

describe("a container's specification off the wire", () => {
  it("leaves to the defaults what the client leaves to them", () => {
    const spec = read({ ...DEFAULTS, name: "c1", command: ["echo", "hi"] });
    expect(spec).toMatchObject({ name: "c1", image, command: ["echo", "hi"], pull: { policy: "never" }, network: { ports: [] } });
    expect(spec.network.mode).toBeUndefined();
    expect(spec.namespaces).toEqual({ pid: undefined, ipc: undefined, uts: undefined, cgroup: undefined, user: undefined });
    expect(spec.health).toBeUndefined();
    expect(spec.readOnlyTmpfs).toBeUndefined();
    expect(spec.volumes).toEqual([]);
  });

  it("reads mounts of every kind", () => {
    const spec = read({
      mounts: [
        { destination: "/t", type: "tmpfs", source: "tmpfs", options: ["size=1m"] },
        { destination: "/d", type: "bind", source: "/srv", options: ["ro", "z"] },
      ],
      volumes: [
        { Name: "", Dest: "/anon", Options: null },
        { Name: "vv", Dest: "/vv", Options: ["U"], SubPath: "s" },
      ],
      overlay_volumes: [{ destination: "/o", source: "/srv" }],
      image_volumes: [{ Source: image, Destination: "/img", ReadWrite: true }],
    });
    expect(spec.volumes).toEqual([
      { type: "tmpfs", target: "/t", options: ["size=1m"] },
      { type: "bind", source: "/srv", target: "/d", options: ["ro", "z"] },
      { type: "volume", target: "/anon", options: [] },
      { type: "volume", name: "vv", target: "/vv", options: ["U"], subpath: "s" },
      { type: "bind", source: "/srv", target: "/o", options: ["O"] },
      { type: "image", source: image, target: "/img", readWrite: true },
    ]);
  });

  it("reads networks, ports and names", () => {
    const { network } = read({
      netns: { nsmode: "bridge" },
      Networks: { nn: { static_ips: ["10.89.0.50"], aliases: ["foo"], static_mac: "ktDGCik4", interface_name: "" } },
      portmappings: [
        { container_port: 80, host_port: 8080, protocol: "tcp,udp" },
        { host_ip: "127.0.0.1", container_port: 90, range: 3 },
      ],
      expose: { 99: "udp" },
      hostadd: ["a:1.2.3.4"],
    });
    expect(network.mode).toEqual({ kind: "bridge" });
    expect(network.networks).toEqual({ nn: { staticIps: ["10.89.0.50"], aliases: ["foo"], options: {}, staticMac: "92:d0:c6:0a:29:38" } });
    expect(network.ports).toEqual([
      { host_ip: "", container_port: 80, host_port: 8080, range: 1, protocol: "tcp" },
      { host_ip: "", container_port: 80, host_port: 8080, range: 1, protocol: "udp" },
      { host_ip: "127.0.0.1", container_port: 90, host_port: 0, range: 3, protocol: "tcp" },
    ]);
    expect(network.expose).toEqual(["99/udp"]);
  });

  it("reads limits, rules and users' namespaces", () => {
    const spec = read({
      resource_limits: {
        memory: { limit: 104_857_600, swap: 209_715_200, swappiness: 10, disableOOMKiller: true },
        cpu: { shares: 100, quota: 50_000, period: 100_000, cpus: "0" },
        pids: { limit: 50 },
        blockIO: { weight: 100 },
        unified: { "memory.high": "1000" },
      },
      r_limits: [{ type: "RLIMIT_NOFILE", hard: -1, soft: 10 }],
      weightDevice: { "/dev/zero": { weight: 100 } },
      throttleReadBpsDevice: { "/dev/zero": { rate: 1_048_576 } },
      device_cgroup_rule: [{ allow: true, type: "c", major: 1, minor: 3, access: "rwm" }],
      devices: [{ path: "/dev/null:/dev/xnull:rw" }],
      userns: { nsmode: "private" },
      idmappings: { UIDMap: [{ container_id: 0, host_id: 100_000, size: 5000 }], GIDMap: [] },
    });
    expect(spec.resources).toMatchObject({
      memory: 104_857_600,
      memorySwap: 209_715_200,
      cpuQuota: 50_000,
      cpusetCpus: "0",
      pidsLimit: 50,
      blkioWeight: 100,
      blkioWeightDevices: [{ path: "/dev/zero", weight: 100 }],
      deviceReadBps: [{ path: "/dev/zero", rate: 1_048_576 }],
      ulimits: [{ name: "nofile", soft: 10, hard: -1 }],
      unified: { "memory.high": "1000" },
    });
    expect(spec.devices).toEqual([{ source: "/dev/null", target: "/dev/xnull", permissions: "rw" }]);
    expect(spec.namespaces.user).toEqual({ kind: "maps", uidMaps: ["0:100000:5000"], gidMaps: [] });
  });

  it("limits swap only where that is asked for", () => {
    expect(read({ resource_limits: { memory: { limit: 5000 } } }).resources).toMatchObject({ memory: 5000, memorySwap: -1 });
    expect(read({ resource_limits: { memory: { reservation: 5000 } } }).resources.memorySwap).toBeUndefined();
  });

  it("reads secrets, logs, restart policy and health checks", () => {
    const spec = read({
      secrets: [{ Source: "sec1", Target: "", UID: 0, GID: 0, Mode: 292 }],
      secret_env: { ENVS: "sec1" },
      log_configuration: { driver: "k8s-file", size: 1_000_000, options: { tag: "foo" } },
      restart_policy: "on-failure",
      restart_tries: 3,
      stop_signal: 9,
      healthconfig: { Test: ["CMD-SHELL", "true"], Interval: 10e9, Timeout: 0, Retries: 2 },
      health_check_on_failure_action: 2,
    });
    expect(spec.secrets).toEqual([
      { source: "sec1", type: "mount", uid: 0, gid: 0, mode: 0o444 },
      { source: "sec1", type: "env", target: "ENVS" },
    ]);
    expect(spec.log).toEqual({ driver: "k8s-file", path: undefined, tag: "foo", maxSize: 1_000_000 });
    expect(spec.restart).toEqual({ name: "on-failure", retries: 3 });
    expect(spec.stopSignal).toBe("9");
    expect(spec.health).toMatchObject({ test: ["CMD-SHELL", "true"], interval: 10e9, retries: 2, onFailure: "kill" });
  });

  it.each([
    [{ image: "", raw_image_name: "" }, "must set root filesystem source to either image or rootfs"],
    [{ rootfs: "/r" }, "both image and rootfs cannot be simultaneously"],
    [{ restart_policy: "foo" }, 'running container create option: "foo" is not a valid restart policy: invalid argument'],
    [{ netns: { nsmode: "foo" } }, 'invalid config provided: invalid network "foo"'],
    [{ netns: { nsmode: "host" }, Networks: { a: {} } }, "can only be used with Bridge mode networking"],
    [{ hostname: "h", utsns: { nsmode: "host" } }, "cannot set hostname when running in the host UTS namespace"],
    [{ devices_from: ["c1"] }, "devices_from is not supported"],
  ])("refuses %j", (wire, message) => {
    expect(() => read(wire)).toThrow(message);
  });
});

describe("a pod's specification off the wire", () => {
  it("has an infra container that shares what is usual", () => {
    expect(readPod({ name: "p", netns: {}, resource_limits: { cpu: {} } })).toMatchObject({
      name: "p",
      exitPolicy: "continue",
      shareParent: true,
      infra: { share: ["ipc", "net", "uts"] },
    });
    expect(readPod({ name: "p", resource_limits: { cpu: {} } }).limits).toBeUndefined();
  });

  it("reads limits, networks and the infra container's own", () => {
    const spec = readPod({
      name: "p1",
      exit_policy: "stop",
      infra_command: ["/foo"],
      infra_name: "foo",
      netns: { nsmode: "bridge" },
      Networks: { nn: {} },
      portmappings: [{ container_port: 80, host_port: 8888, protocol: "" }],
      resource_limits: { memory: { limit: 1000, swap: 2000 }, cpu: { quota: 100_000, period: 100_000 } },
      pod_devices: ["/dev/null"],
      restart_policy: "on-failure",
      restart_tries: 4,
    });
    expect(spec).toMatchObject({
      exitPolicy: "stop",
      restart: { name: "on-failure", retries: 4 },
      limits: { cpus: 1, memory: 1000, memorySwap: 2000 },
      infra: { name: "foo", command: ["/foo"], devices: [{ source: "/dev/null" }], network: { mode: { kind: "bridge" } } },
    });
  });

  it.each([
    [{ no_infra: true, infra_name: "x" }, "NoInfra and InfraName are mutually exclusive pod options: invalid pod spec"],
    [{ exit_policy: "foo" }, 'running pod create option: invalid pod exit policy: "foo"'],
    [{ shared_namespaces: ["foo"] }, "invalid kernel namespace to share: foo"],
    [{ netns: { nsmode: "host" }, portmappings: [{ container_port: 1 }] }, "PortMappings can only be used with Bridge"],
  ])("refuses %j", (wire, message) => {
    expect(() => readPod(wire)).toThrow(message);
  });
});
