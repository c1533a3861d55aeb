import { expect, it } from "vitest";
import type { ContainerSpec } from "./container-spec.ts";
import { refuseConflicts } from "./refuse-conflicts.ts";

const plain: ContainerSpec = { network: {}, namespaces: {}, security: {}, resources: {} };
const asRoot = { rootless: false };

it.each<[Partial<ContainerSpec>, string]>([
  [{ network: { mode: { kind: "none" }, dns: ["1.2.3.4"] } }, "conflicting options: dns and the network mode: none"],
  [{ network: { mode: { kind: "container", container: "x" }, addHosts: ["a:1.2.3.4"] } }, "cannot set extra host entries"],
  [{ network: { dns: ["none"], dnsSearch: ["x"] } }, "mutually exclusive"],
  [{ network: { mode: { kind: "pasta" } } }, "pasta networking is only supported for rootless mode"],
  [{ network: { mode: { kind: "path", path: "/nosuch" } } }, "cannot find specified network namespace path"],
  [{ network: { mode: { kind: "host" }, aliases: ["a"] } }, "--network-alias can only be set when the network mode is bridge"],
  [
    { network: { mode: { kind: "bridge" }, networks: { a: {}, b: {} }, staticIps: ["10.0.0.1"] } },
    "--ip can only be set for a single network",
  ],
  [{ namespaces: { uts: { kind: "host" } }, hostname: "x" }, "cannot set hostname"],
  [{ namespaces: { ipc: { kind: "none" } }, shmSize: 5 }, "cannot set shmsize"],
  [{ resources: { sysctls: { "vm.swappiness": "1" } } }, "sysctl 'vm.swappiness' is not allowed"],
  [{ rootfs: "/nosuch:O" }, "faccessat /nosuch"],
  [{ security: { seccompProfile: "/nosuch" } }, "opening seccomp profile failed"],
  [{ devices: [{ source: "/dev/nosuch", target: "/dev/x" }] }, "stat /dev/nosuch: no such file or directory"],
])("%j is refused", (part, message) => {
  expect(() => refuseConflicts({ ...plain, ...part }, asRoot)).toThrow(message);
});

it("what fits together passes", () => {
  refuseConflicts({ ...plain, network: { mode: { kind: "bridge" }, networks: { a: {}, b: {} }, aliases: ["c"] } }, asRoot);
  refuseConflicts({ ...plain, network: { mode: { kind: "pasta" } } }, { rootless: true });
  refuseConflicts(
    { ...plain, resources: { sysctls: { "net.ipv4.ip_forward": "1", "kernel.shmmax": "5", "fs.mqueue.msg_max": "7" } } },
    asRoot,
  );
  refuseConflicts({ ...plain, infra: {}, namespaces: { uts: { kind: "host" } }, hostname: "pod" }, asRoot);
  refuseConflicts({ ...plain, rootfs: "/tmp:O", security: { seccompProfile: "unconfined" } }, asRoot);
});
