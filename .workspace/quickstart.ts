/**
 * `npm run quickstart`: the main job on this machine, without the internet. Builds a base image out of the machine's
 * static busybox and an image on top of it, pushes it to a registry on loopback, copies, inspects, pulls and runs it; each
 * command is printed before its output. A store of its own below the temporary directory, removed at the end, so that nothing
 * of the user's is touched.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findProgram } from "./find-program.ts";
import { installSystemPackages } from "./system-packages.ts";

const root = dirname(import.meta.dir);
const bin = join(root, "dist", "bin");
const examples = join(root, "packages", "buildah", "examples");

await installSystemPackages();
const directory = mkdtempSync(join(tmpdir(), "quickstart-"));
const environment = writeConfiguration();
const registryPort = await freePort();
const registry = startRegistry(registryPort);
let exitCode = 0;
try {
  await waitForRegistry(registryPort);
  await mainJob(`127.0.0.1:${registryPort}`, await freePort());
  finish();
} catch (error) {
  console.error(`\nquickstart: ${error instanceof Error ? error.message : String(error)}`);
  exitCode = 1;
} finally {
  Bun.spawnSync({ cmd: [join(bin, "podman"), "rm", "-f", "-a", "-t", "0"], env: environment, stdio: ["ignore", "ignore", "ignore"] });
  registry.kill("SIGKILL");
  await registry.exited;
  removeDirectory();
}
process.exit(exitCode);

async function mainJob(registryAddress: string, webPort: number): Promise<void> {
  const hello = `${registryAddress}/hello:1`;
  const mirror = `${registryAddress}/mirror/hello:1`;
  show("buildah", "bud", "-q", "--network", "host", "-t", "localhost/base", prepareBaseContext());
  show("buildah", "bud", "--network", "host", "-t", "localhost/hello", join(examples, "hello"));
  show("buildah", "push", "--tls-verify=false", "localhost/hello", `docker://${hello}`);
  show("skopeo", "copy", "--src-tls-verify=false", "--dest-tls-verify=false", `docker://${hello}`, `docker://${mirror}`);
  show("skopeo", "inspect", "--tls-verify=false", "--format", "{{.Name}} {{.Digest}} {{.Architecture}}", `docker://${mirror}`);
  show("podman", "pull", "--tls-verify=false", mirror);
  show("podman", "images");
  show("podman", "run", "--rm", mirror, "echo", "hi from a container");
  show("podman", "run", "-d", "--name", "web", "-p", `127.0.0.1:${webPort}:80`, mirror);
  show("podman", "ps");
  await fetchPage(`http://127.0.0.1:${webPort}/`);
  show("podman", "exec", "web", "hostname");
  show("podman", "stop", "-t", "1", "web");
  show("podman", "logs", "web");
  show("podman", "rm", "web");
  show("podman", "rmi", mirror, "localhost/hello");
}

function finish(): void {
  console.log(`
The four executables: ${["podman", "buildah", "skopeo", "conmon"].map((name) => join(bin, name)).join("  ")}
Try them:             PATH=${bin}:$PATH podman run ...
Install them:         npm run install-system -- --prefix /usr/local`);
}

/** Prints a command as a user would type it, runs it, and stops everything when it fails. */
function show(tool: string, ...args: string[]): void {
  const words = args.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word}'`));
  console.log(`\n$ ${tool} ${words.join(" ").replaceAll(`${root}/`, "").replaceAll(directory, "$TMP")}`);
  const result = Bun.spawnSync({ cmd: [join(bin, tool), ...args], cwd: root, env: environment, stdio: ["ignore", "inherit", "inherit"] });
  if (result.exitCode !== 0) throw new Error(`${tool} ${args[0]} exited ${result.exitCode}`);
}

async function fetchPage(url: string): Promise<void> {
  console.log(`\n$ curl ${url}`);
  let failure: unknown;
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      console.log((await (await fetch(url)).text()).trimEnd());
      return;
    } catch (error) {
      failure = error;
      await Bun.sleep(100);
    }
  }
  throw new Error(`${url} did not answer: ${failure instanceof Error ? failure.message : failure}`);
}

/** The build context of `examples/base`: its Containerfile, and a root file system that is busybox and two account files. */
function prepareBaseContext(): string {
  const context = join(directory, "base");
  const rootfs = join(context, "rootfs");
  for (const name of ["bin", "etc", "tmp", "root"]) mkdirSync(join(rootfs, name), { recursive: true });
  const busybox = findProgram("busybox");
  if (busybox === undefined) throw new Error("busybox is missing; install the package busybox-static");
  copyFileSync(busybox, join(rootfs, "bin", "busybox"));
  writeFileSync(join(rootfs, "etc", "passwd"), "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n");
  writeFileSync(join(rootfs, "etc", "group"), "root:x:0:\nnogroup:x:65534:\n");
  copyFileSync(join(examples, "base", "Containerfile"), join(context, "Containerfile"));
  return context;
}

function writeConfiguration(): Record<string, string> {
  mkdirSync(join(directory, "tmp"));
  writeFileSync(
    join(directory, "storage.conf"),
    `[storage]\ndriver = "overlay"\ngraphroot = "${directory}/graph"\nrunroot = "${directory}/run"\n`,
  );
  writeFileSync(
    join(directory, "containers.conf"),
    `[engine]\ntmp_dir = "${directory}/run/libpod"\nevents_logger = "file"\nconmon_path = ["${bin}/conmon"]\n`,
  );
  return {
    ...(process.env as Record<string, string>),
    PATH: `${bin}:${process.env.PATH}`,
    TMPDIR: join(directory, "tmp"),
    CONTAINERS_CONF: join(directory, "containers.conf"),
    CONTAINERS_STORAGE_CONF: join(directory, "storage.conf"),
  };
}

function startRegistry(port: number): Bun.Subprocess {
  const program = findProgram("docker-registry");
  if (program === undefined) throw new Error("docker-registry is missing; install the package docker-registry");
  mkdirSync(join(directory, "registry"));
  const configuration = join(directory, "registry.yml");
  writeFileSync(
    configuration,
    `version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage:\n  filesystem: {rootdirectory: ${directory}/registry}\nhttp: {addr: "127.0.0.1:${port}"}\n`,
  );
  return Bun.spawn({ cmd: [program, "serve", configuration], stdio: ["ignore", "ignore", "ignore"] });
}

async function waitForRegistry(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      if ((await fetch(`http://127.0.0.1:${port}/v2/`)).ok) return;
    } catch {
      // Not listening yet.
    }
    await Bun.sleep(50);
  }
  throw new Error("the registry did not start within 5 s");
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === "object" ? resolve(address.port) : reject(new Error("no free port"))));
    });
  });
}

/** A rootless store holds files of subordinate ids, which only root of that namespace may remove. */
function removeDirectory(): void {
  if (process.getuid?.() !== 0) {
    Bun.spawnSync({
      cmd: [join(bin, "podman"), "unshare", "rm", "-rf", join(directory, "graph")],
      env: environment,
      stdio: ["ignore", "ignore", "ignore"],
    });
  } else {
    Bun.spawnSync({ cmd: ["umount", "-l", join(directory, "graph", "overlay")], stdio: ["ignore", "ignore", "ignore"] });
  }
  rmSync(directory, { recursive: true, force: true });
}
