import { loadContainersConf } from "@containers/common/config/containers-conf";
import { ALL_CAPABILITIES } from "@containers/common/security/capabilities";
import { describe, expect, it } from "vitest";
import { containerConfig } from "../containers/testing/container-config.ts";
import { readDefaults } from "../engine/read-defaults.ts";
import type { ContainerSpec } from "./container-spec.ts";
import { refuseUnsupported } from "./refuse-unsupported.ts";
import { settleConfig } from "./settle-config.ts";
import type { ImageFacts, SettleContext } from "./settle-context.ts";

const ID = "ab".repeat(32);
const IMAGE: ImageFacts = {
  id: "i".repeat(64),
  name: "localhost/web:latest",
  platform: "linux/amd64",
  digest: "sha256:0",
  config: {
    User: "daemon",
    Env: ["PATH=/image", "A=image"],
    Entrypoint: ["/entry"],
    Cmd: ["serve"],
    WorkingDir: "/srv",
    Labels: { from: "image" },
    ExposedPorts: { "80/tcp": {} },
    Volumes: { "/data": {} },
    StopSignal: "SIGINT",
  },
};
const containersConf = loadContainersConf({ systemRoot: "/nosuch", env: { HOME: "/nosuch" }, rootless: false });
const defaults = readDefaults(containersConf, false);

function settle(spec: Partial<ContainerSpec> = {}, context: Partial<SettleContext> = {}) {
  return settleConfig(
    { image: "web", network: {}, namespaces: {}, security: {}, resources: {}, ...spec },
    {
      id: ID,
      name: "c",
      createdAt: "2026-01-01T00:00:00.000000000Z",
      image: IMAGE,
      defaults,
      rootless: false,
      cgroupManager: "cgroupfs",
      cgroupVersion: 2,
      runtime: "crun",
      driver: "overlay",
      staticDir: "/s",
      runDir: "/r",
      hostEnv: { HTTP_PROXY: "http://proxy", SECRET: "x" },
      availableCapabilities: ALL_CAPABILITIES,
      resolveContainer: (reference) => containerConfig({ id: `id-of-${reference}` }),
      resolveNetwork: (name) => name,
      ...context,
    },
  );
}

describe("settleConfig", () => {
  it("takes from the image what the user does not say", () => {
    expect(settle()).toMatchObject({
      process: ["/entry", "serve"],
      user: "daemon",
      workdir: "/srv",
      workdirFromImage: true,
      labels: { from: "image" },
      stopSignal: 2,
      hostname: ID.slice(0, 12),
      network: { mode: { kind: "bridge" }, exposed: ["80/tcp"] },
    });
  });

  it("replaces CMD by the user's words, and drops it with a new entrypoint", () => {
    expect(settle({ command: ["x", "y"] }).process).toEqual(["/entry", "x", "y"]);
    expect(settle({ entrypoint: ["/other"] }).process).toEqual(["/other"]);
    expect(settle({ entrypoint: [], command: ["only"] }).process).toEqual(["only"]);
    expect(settle({}, { image: { ...IMAGE, config: {} } }).process).toEqual([""]);
  });

  it("merges the environment, the user last; proxies of the host go in, other variables only on demand", () => {
    const env = settle({ env: ["A=user"], tty: true }).env;
    expect(env).toEqual(expect.arrayContaining(["PATH=/image", "A=user", "container=podman", "TERM=xterm", "HTTP_PROXY=http://proxy"]));
    expect(env.some((entry) => entry.startsWith("SECRET="))).toBe(false);
    expect(settle({ envHost: true }).env).toContain("SECRET=x");
    expect(settle({ unsetEnv: ["A"] }).env.some((entry) => entry.startsWith("A="))).toBe(false);
  });

  it("takes a proxy from the host rather than from the image, and puts values together from the image's alone", () => {
    const image = { ...IMAGE, config: { Env: ["HTTP_PROXY=http://image", "A=image"] } };
    const env = (spec: Partial<ContainerSpec>) => settle(spec, { image }).env.filter((entry) => /^(HTTP_PROXY|A|TERM)=/.test(entry));
    expect(env({})).toEqual(["HTTP_PROXY=http://proxy", "A=image"]);
    expect(env({ httpProxy: false })).toEqual(["HTTP_PROXY=http://image", "A=image"]);
    expect(env({ env: ["HTTP_PROXY=http://user"] })).toEqual(["HTTP_PROXY=http://user", "A=image"]);
    expect(env({ envMerge: ["HTTP_PROXY=$A"] })).toEqual(["HTTP_PROXY=http://proxy", "A=image"]);
    expect(env({ unsetEnvAll: true })).toEqual(["HTTP_PROXY=http://proxy"]);
    const withTerm = { ...IMAGE, config: { Env: ["TERM=dumb"] } };
    expect(settle({ tty: true }, { image: withTerm }).env).toContain("TERM=dumb");
  });

  it("makes anonymous volumes of the image's VOLUMEs, unless the user mounts there", () => {
    expect(settle().mounts).toMatchObject([{ type: "volume", target: "/data", anonymous: true }]);
    expect(settle({ volumes: [{ type: "tmpfs", target: "/data", options: [] }] }).mounts).toMatchObject([{ type: "tmpfs" }]);
    expect(settle({ imageVolumes: "ignore" }).mounts).toEqual([]);
  });

  it("refuses two mounts at one place and a bind source that is not there, in the original's words", () => {
    const tmpfs = { type: "tmpfs" as const, target: "/x/", options: [] };
    expect(() => settle({ volumes: [tmpfs, { ...tmpfs, target: "/x" }] })).toThrow("/x: duplicate mount destination");
    expect(() => settle({ volumes: [{ type: "bind", source: "/no/such/host", target: "/x", options: [] }] })).toThrow(
      "statfs /no/such/host: no such file or directory",
    );
  });

  it("refuses an init that could not be the first process", () => {
    const refusal = "cannot add init binary as PID 1 (PID namespace isn't private)";
    expect(() => settle({ init: true, namespaces: { pid: { kind: "host" } } })).toThrow(refusal);
    expect(() => settle({ init: true, namespaces: { pid: { kind: "container", container: "x" } } })).toThrow(refusal);
    expect(settle({ init: true }).initPath).toBeDefined();
  });

  it("joins the namespaces of other containers by id and depends on them", () => {
    const config = settle({
      network: { mode: { kind: "container", container: "net" } },
      namespaces: { pid: { kind: "container", container: "pid" } },
    });
    expect(config.network.mode).toEqual({ kind: "container", container: "id-of-net" });
    expect([...config.dependencies].sort()).toEqual(["id-of-net", "id-of-pid"]);
  });

  it("connects an ordinary user by pasta unless a network is named", () => {
    expect(settle({}, { rootless: true }).network.mode.kind).toBe("pasta");
    expect(settle({ network: { networks: { mine: {} } } }, { rootless: true }).network).toMatchObject({
      mode: { kind: "bridge" },
      networks: { mine: { interfaceName: "eth0" } },
    });
  });

  it("has a cgroup namespace of its own only where there is one hierarchy", () => {
    expect(settle().namespaces.cgroup.kind).toBe("private");
    expect(settle({}, { cgroupVersion: 1 }).namespaces.cgroup.kind).toBe("host");
  });

  it("gives no capability that this process lacks", () => {
    const available = ["CAP_CHOWN", "CAP_KILL"];
    expect(settle({}, { availableCapabilities: available }).capabilities).toEqual(available);
    expect(settle({ security: { privileged: true } }, { availableCapabilities: available }).capabilities).toEqual(available);
  });

  it("takes devices, mounts and names from containers.conf", () => {
    const configured = {
      ...defaults,
      volumes: ["/tmp:/here:ro"],
      mounts: ["type=tmpfs,dst=/t"],
      devices: ["/dev/null"],
      containerNameAsHostname: true,
    };
    const config = settle({ volumes: [{ type: "tmpfs", target: "/t", options: ["size=1m"] }] }, { defaults: configured, name: "my_name" });
    expect(config.mounts.slice(0, 2)).toMatchObject([
      { type: "tmpfs", target: "/t", options: ["size=1m"] },
      { type: "bind", source: "/tmp", target: "/here" },
    ]);
    expect(config.devices).toEqual([{ source: "/dev/null", target: "/dev/null" }]);
    expect(config.hostname).toBe("my-name");
  });

  it("fills in the image's variables", () => {
    expect(settle({ envMerge: ["A=new-${A}$PATH${NOPE}"] }).env).toContain("A=new-image/image");
    expect(() => settle({ envMerge: ["A"] })).toThrow("missing `=` for --env-merge substitution A");
  });

  it("refuses contradictions", () => {
    expect(() => settle({ resources: { sysctls: { "net.x": "1" } }, network: { mode: { kind: "host" } } })).toThrow(
      "sysctl net.x=1 can't be set since Network Namespace set to host",
    );
    expect(() => settle({ resources: { unified: { "memory.high": "1" } } }, { cgroupVersion: 1 })).toThrow("without cgroup v2");
    expect(() => settle({ log: { driver: "zzz" } })).toThrow("invalid log driver");
    expect(() => settle({ stopSignal: "NOSUCH" })).toThrow("invalid signal: NOSUCH");
    expect(() => settle({ stopSignal: "0" })).toThrow("invalid signal: 0");
    expect(() => settle({ stopSignal: "99" })).toThrow("valid signals are 1 through 64");
    expect(() => settle({ network: { mode: { kind: "host" }, staticIps: ["10.0.0.1"] } })).toThrow(
      /only be set when the network mode is bridge/,
    );
  });
});

describe("refuseUnsupported", () => {
  const spec: ContainerSpec = { image: "web", network: {}, namespaces: {}, security: {}, resources: {} };

  it("lets a plain spec pass and names what it refuses", () => {
    expect(() => refuseUnsupported(spec)).not.toThrow();
    expect(() => refuseUnsupported({ ...spec, resources: { cgroups: "other" as "enabled" } })).toThrow(
      "--cgroups=other is not supported yet",
    );
  });
});
