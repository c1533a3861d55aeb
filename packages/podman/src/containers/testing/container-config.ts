import type { ContainerConfig } from "../config.ts";

/** A plain container's configuration for tests, with what the test wants different. */
export function containerConfig(overrides: Partial<ContainerConfig> = {}): ContainerConfig {
  return {
    id: "f".repeat(64), name: "test", createdAt: "2026-01-01T00:00:00.000000000Z", imageId: "", imageName: "", imageDigest: "", rawImageName: "", podId: "",
    isInfra: false, process: ["true"], entrypoint: [], command: ["true"], env: ["PATH=/bin"], workdir: "/", workdirFromImage: true, user: "", groupAdd: [],
    hostname: "ffffffffffff", umask: "0022", labels: {}, annotations: {}, stdin: false, tty: false, attach: [], autoRemove: false, restart: { name: "no" },
    stopSignal: 15, stopTimeout: 10, timeout: 0, cidfile: "", pidfile: "/r/pidfile", conmonPidfile: "/r/conmon.pid",
    network: {
      mode: { kind: "none" }, networks: {}, modeOptions: [], ports: [], publishAll: false, exposed: [], dns: [], dnsSearch: [], dnsOptions: [], addHosts: [],
      noHosts: false, noHostname: false, hostsFile: "",
    },
    namespaces: { pid: { kind: "private" }, ipc: { kind: "shareable" }, uts: { kind: "private" }, cgroup: { kind: "host" }, user: "" },
    security: {}, capabilities: [], resources: {}, mounts: [], volumesFrom: [], devices: [], readOnly: false, readOnlyTmpfs: true, shmSize: 65536000,
    log: { driver: "k8s-file", path: "/s/ctr.log" }, secrets: [], dependencies: [], cgroupManager: "cgroupfs", cgroupParent: "", systemd: false,
    sdnotify: "container", passwd: true, hostUsers: [], timezone: "", createCommand: [], runtime: "crun", driver: "overlay", staticDir: "/s", runDir: "/r",
    volatile: false,
    ...overrides,
  };
}
