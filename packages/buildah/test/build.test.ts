import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { linuxSys } from "@containers/common/sys/linux";
import { openStore } from "@containers/storage/open-store";
import type { Store } from "@containers/storage/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuildOptions, BuildPorts, BuildReport } from "../src/executor/build-options.ts";
import { buildImage } from "../src/executor/execute-build.ts";
import { parseImageConfig } from "../src/working-container/read-config.ts";

const BUSYBOX = ["/bin/busybox", "/usr/bin/busybox"].find((path) => existsSync(path));
const RUNTIME = ["/usr/bin/crun", "/usr/sbin/runc", "/usr/bin/runc"].find((path) => existsSync(path));
const asRoot = process.getuid?.() === 0;

let home: string;
let store: Store;
let printed: string;

beforeAll(() => {
  if (!asRoot) return;
  home = mkdtempSync(join(tmpdir(), "buildah-test-"));
  store = openStore({ graphRoot: join(home, "root"), runRoot: join(home, "run"), warn: () => undefined });
});

afterAll(() => {
  if (!asRoot) return;
  Bun.spawnSync({ cmd: ["umount", "-R", "-l", join(home, "root", "overlay")], stdio: ["ignore", "ignore", "ignore"] });
  rmSync(home, { recursive: true, force: true });
});

async function build(text: string, options: Partial<BuildOptions> = {}): Promise<BuildReport> {
  printed = "";
  const context = options.contextDirectory ?? mkdtempSync(join(home, "context-"));
  const print = (piece: string | Uint8Array): void => {
    printed += piece.toString();
  };
  const ports: BuildPorts = {
    images: { store, registry: {} },
    sys: linuxSys(),
    network: { userMode: {}, warn: () => undefined, openBackend: () => Promise.reject(new Error("no networks in this test")) },
    runtimePaths: {},
    defaultUlimits: [],
    stdout: print,
    stderr: () => undefined,
  };
  return buildImage(ports, { ...defaults, ...options, contextDirectory: context, containerfiles: [{ path: "Containerfile", text }] });
}

const defaults: Omit<BuildOptions, "contextDirectory" | "containerfiles"> = {
  tags: [],
  buildArguments: new Map(),
  layers: false,
  noCache: false,
  squash: false,
  pull: "never",
  format: "oci",
  labels: [],
  layerLabels: [],
  unsetLabels: [],
  annotations: [],
  unsetAnnotations: [],
  env: [],
  unsetEnv: [],
  inheritLabels: true,
  inheritAnnotations: true,
  identityLabel: true,
  createdAnnotation: true,
  omitHistory: false,
  rewriteTimestamp: false,
  skipUnusedStages: true,
  removeContainers: true,
  forceRemoveContainers: true,
  quiet: false,
  buildContexts: new Map(),
  run: {
    isolation: "oci",
    network: "none",
    volumes: [],
    addHosts: [],
    noHosts: false,
    noHostname: false,
    dns: [],
    dnsSearch: [],
    dnsOptions: [],
    capAdd: [],
    capDrop: [],
    ulimits: [],
    securityOpts: [],
    httpProxy: false,

    runtimeFlags: [],
  },
};

function configOf(id: string) {
  const bytes = store.images.bigData(id, `sha256:${id}`);
  if (bytes === undefined) throw new Error(`no config for ${id}`);
  return parseImageConfig(bytes, id);
}

function filesOf(id: string): string[] {
  const layer = store.images.get(id)?.layer;
  if (layer === undefined) return [];
  const root = store.layers.mount(layer, { readOnly: true });
  try {
    const found = Bun.spawnSync({ cmd: ["find", ".", "-mindepth", "1", "-printf", "%P\\n"], cwd: root });
    return found.stdout.toString().trim().split("\n").sort();
  } finally {
    store.layers.unmount(layer);
  }
}

function contextWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(home, "context-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

describe.skipIf(!asRoot)("build from scratch (needs root)", () => {
  it("makes an image with files, config and history", async () => {
    const report = await build('FROM scratch\nCOPY a /d/\nENV A=1\nCMD ["/d/a"]\n', {
      contextDirectory: contextWith({ a: "text" }),
      tags: ["hello", "hello:2"],
    });
    expect(report.names).toEqual(["localhost/hello:2", "localhost/hello:latest"]);
    expect(filesOf(report.imageId)).toEqual(["d", "d/a"]);
    const config = configOf(report.imageId);
    expect(config).toMatchObject({ cmd: ["/d/a"], workingDir: "/", labels: { "io.buildah.version": "1.43.2" } });
    expect(config.env.at(-1)).toBe("A=1");
    expect(config.history.map((entry) => entry.emptyLayer)).toEqual([true, true, false]);
    expect(printed).toContain("STEP 1/4: FROM scratch\nSTEP 2/4: COPY a /d/\n");
    expect(
      printed.endsWith(
        `COMMIT hello\n--> ${report.imageId.slice(0, 12)}\nSuccessfully tagged localhost/hello:2\nSuccessfully tagged localhost/hello:latest\n${report.imageId}\n`,
      ),
    ).toBe(true);
    expect(store.containers.list()).toEqual([]);
  });

  it("takes steps from the cache until something changes", async () => {
    const text = "FROM scratch\nLABEL a=b\nCOPY f /\nENV X=1\n";
    const first = await build(text, { contextDirectory: contextWith({ f: "one" }), layers: true });
    expect(printed).not.toContain("Using cache");
    const second = await build(text, { contextDirectory: contextWith({ f: "one" }), layers: true });
    expect(second.imageId).toBe(first.imageId);
    expect(printed.match(/Using cache/g)).toHaveLength(3);
    const third = await build(text, { contextDirectory: contextWith({ f: "two" }), layers: true });
    expect(third.imageId).not.toBe(first.imageId);
    expect(printed.match(/Using cache/g)).toHaveLength(1);
    await build(text, { contextDirectory: contextWith({ f: "two" }), layers: true, noCache: true });
    expect(printed).not.toContain("Using cache");
  });

  it("copies between stages and drops what it made on the way", async () => {
    const before = store.images.list().length;
    const report = await build(
      "FROM scratch AS one\nCOPY a b /src/\nFROM scratch AS unused\nCOPY nothing /\nFROM scratch\nCOPY --from=one /src/a /out\nCOPY --from=0 --chown=5:6 /src/b /b\n",
      {
        contextDirectory: contextWith({ a: "1", b: "2" }),
      },
    );
    expect(filesOf(report.imageId)).toEqual(["b", "out"]);
    expect(store.images.list().length).toBe(before + 1);
    expect(printed).not.toContain("[2/3]");
  });

  it("gives the same image for the same time stamp", async () => {
    const options = { contextDirectory: contextWith({ a: "1" }), timestamp: 0, squash: true };
    const first = await build("FROM scratch\nCOPY a /\n", options);
    const second = await build("FROM scratch\nCOPY a /\n", options);
    expect(second.imageId).toBe(first.imageId);
    expect(configOf(first.imageId).created).toBe("1970-01-01T00:00:00Z");
  });

  it("carries out triggers of its base", async () => {
    await build("FROM scratch\nCOPY a /\nONBUILD ENV T=1\nONBUILD COPY a /triggered\n", {
      contextDirectory: contextWith({ a: "1" }),
      tags: ["trigger"],
      format: "docker",
    });
    const report = await build("FROM localhost/trigger\nLABEL own=1\n", { contextDirectory: contextWith({ a: "1" }), format: "docker" });
    expect(filesOf(report.imageId)).toEqual(["a", "triggered"]);
    expect(configOf(report.imageId).env).toContain("T=1");
    expect(configOf(report.imageId).onBuild).toEqual([]);
  });

  it("leaves no container behind when it fails", async () => {
    await expect(build("FROM scratch\nCOPY missing /\n")).rejects.toThrow();
    expect(store.containers.list()).toEqual([]);
  });
});

describe.skipIf(!asRoot || BUSYBOX === undefined || RUNTIME === undefined)("RUN (needs root, busybox and an OCI runtime)", () => {
  beforeAll(async () => {
    const directory = mkdtempSync(join(home, "context-"));
    mkdirSync(join(directory, "bin"));
    mkdirSync(join(directory, "etc"));
    copyFileSync(BUSYBOX ?? "", join(directory, "bin/busybox"));
    chmodSync(join(directory, "bin/busybox"), 0o755);
    writeFileSync(join(directory, "etc/passwd"), "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n");
    await build('FROM scratch\nCOPY . /\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n', {
      contextDirectory: directory,
      tags: ["busybox"],
    });
  });

  it("keeps what the command wrote, and nothing of what it was run with", async () => {
    const report = await build(
      "FROM localhost/busybox\nARG WHO=me\nUSER app\nWORKDIR /home/app\nRUN echo $WHO $PWD > file; id -u >> file; cat /etc/hostname > host\n",
      { layers: true },
    );
    const layer = store.images.get(report.imageId)?.layer ?? "";
    const diff = store.layers.diffPath(layer);
    expect(readFileSync(join(diff, "home/app/file"), "utf8")).toBe("me /home/app\n1000\n");
    expect(existsSync(join(diff, "etc"))).toBe(false);
    expect(existsSync(join(diff, "run"))).toBe(false);
  });

  it("fails with the command's exit code", async () => {
    const failure: unknown = await build("FROM localhost/busybox\nRUN exit 7\n").catch((error: unknown) => error);
    expect(describeError(failure)).toBe('building at STEP "RUN exit 7": while running runtime: exit status 7');
    expect(failure instanceof ToolError && failure.exitCode).toBe(7);
  });

  it("mounts context, caches and tmpfs for one command only", async () => {
    const contextDirectory = contextWith({ input: "given" });
    const text =
      "FROM localhost/busybox\nRUN --mount=target=/ctx --mount=type=tmpfs,target=/scratch cp /ctx/input /copied && touch /scratch/x && ! touch /ctx/y\n";
    const report = await build(text, { contextDirectory });
    expect(filesOf(report.imageId)).toContain("copied");
    expect(filesOf(report.imageId)).not.toContain("ctx");
    expect(filesOf(report.imageId)).not.toContain("scratch");
  });

  it("runs here-documents", async () => {
    const report = await build("FROM localhost/busybox\nRUN <<EOF\necho one > /h\necho two >> /h\nEOF\nCOPY <<X /made\nhello $PATH\nX\n");
    expect(filesOf(report.imageId)).toEqual(expect.arrayContaining(["h", "made"]));
  });
});
