import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { baseImage } from "./base-image.ts";
import type { World } from "./world.ts";

/** What the container runs; no other process on the machine does. */
export const MARK = `sleep ${1_000_000 + (process.pid % 1_000_000)}`;
/** The container of every deed, and the pod that it may be in. */
export const NAME = "victim";
const POD = "victims";
/** What the container has been called, whatever the deed did. */
export const NAMES = [NAME, "renamed", `${POD}-member`];
/** There from the beginning to the end. */
export const NETWORK = "kept";
const SECRET = "kept";
/** In the network; only one container at a time can have it. */
const ADDRESS = "10.89.77.7";

/** What a round's container has. */
export interface Traits {
  readonly network: "none" | "port" | "address";
  readonly with: readonly Trait[];
}

const TRAITS = {
  restart: ["--restart", "always"],
  health: ["--health-cmd", "true", "--health-interval", "300ms"],
  volume: ["-v", "data:/data", "-v", "/anonymous"],
  secret: ["--secret", SECRET],
} as const;

type Trait = keyof typeof TRAITS;

export const ALL_TRAITS = Object.keys(TRAITS) as readonly Trait[];

/** What the words of a deed are made of. */
export interface Scene {
  readonly world: World;
  readonly traits: Traits;
  /** Root's containers are all below this control group. */
  readonly cgroup: string | undefined;
}

interface Deed {
  /** What is there before; a container is in a pod where the pod is named. */
  readonly needs?: "created" | "running" | "pod" | "stopped in pod" | "running in pod" | "volume" | "image" | "played";
  args(scene: Scene): readonly string[];
}

/** What is made before the first round, and what deeds make, in the world's temporary directory. */
const inTmp = ({ world }: Scene, name: string): string => join(world.directory, "tmp", name);

const on = (...args: string[]): Deed => ({ needs: "running", args: () => args });
const alone = (...args: string[]): Deed => ({ args: () => args });

export const DEEDS: Readonly<Record<string, Deed>> = {
  create: { args: (scene) => ["create", ...container(scene)] },
  run: { args: (scene) => ["run", "-d", ...container(scene)] },
  "run --rm": { args: (scene) => ["run", "-d", "--rm", ...container({ ...scene, traits: withoutRestart(scene.traits) })] },
  init: { needs: "created", args: () => ["init", NAME] },
  start: { needs: "created", args: () => ["start", NAME] },
  stop: on("stop", "-t", "0", NAME),
  restart: on("restart", "-t", "0", NAME),
  kill: on("kill", NAME),
  rm: on("rm", "-f", "-t", "0", NAME),
  "rm -v": on("rm", "-f", "-v", "-t", "0", NAME),
  exec: on("exec", NAME, "true"),
  "exec -d": on("exec", "-d", NAME, "sleep", "0.1"),
  rename: on("rename", NAME, "renamed"),
  cp: { needs: "running", args: (scene) => ["cp", inTmp(scene, "large"), `${NAME}:/tmp/large`] },
  "cp out": { needs: "running", args: (scene) => ["cp", `${NAME}:/bin`, inTmp(scene, "made")] },
  commit: on("commit", "-q", NAME, "localhost/committed"),
  export: { needs: "running", args: (scene) => ["export", "-o", inTmp(scene, "made"), NAME] },
  load: { args: (scene) => ["load", "-q", "-i", inTmp(scene, "image.tar")] },
  pull: { args: (scene) => ["pull", "-q", `oci-archive:${inTmp(scene, "pulled.tar")}`] },
  save: { args: (scene) => ["save", "-q", "-o", inTmp(scene, "made"), baseImage] },
  build: { args: (scene) => ["build", "-q", "--network", "none", "-t", "localhost/built", inTmp(scene, "context")] },
  rmi: { args: () => ["rmi", "-f", "localhost/removed"], needs: "image" },
  "pod create": { args: (scene) => ["pod", "create", ...pod(scene)] },
  "pod run": { needs: "pod", args: (scene) => ["run", "-d", ...member(scene)] },
  "pod start": { needs: "stopped in pod", args: () => ["pod", "start", POD] },
  "pod stop": { needs: "running in pod", args: () => ["pod", "stop", "-t", "0", POD] },
  "pod restart": { needs: "running in pod", args: () => ["pod", "restart", POD] },
  "pod kill": { needs: "running in pod", args: () => ["pod", "kill", POD] },
  "pod rm": { needs: "running in pod", args: () => ["pod", "rm", "-f", "-t", "0", POD] },
  "kube play": { args: (scene) => ["kube", "play", ...played(scene)] },
  "kube down": { needs: "played", args: (scene) => ["kube", "down", inTmp(scene, "pod.yaml")] },
  "volume export": { needs: "volume", args: (scene) => ["volume", "export", "-o", inTmp(scene, "made"), "data"] },
  "volume import": { needs: "volume", args: (scene) => ["volume", "import", "data", inTmp(scene, "volume.tar")] },
  "volume create": alone("volume", "create", "--label", "a=b", "made"),
  "secret create": { args: ({ world }) => ["secret", "create", "made", join(world.directory, "conf", "policy.json")] },
  "network create": alone("network", "create", "made"),
  "network connect": on("network", "connect", NETWORK, NAME),
  "network disconnect": on("network", "disconnect", "-f", NETWORK, NAME),
};

const IMAGE_DEEDS = ["commit", "pull", "build", "rmi"];
const IMAGES = ["localhost/committed", "localhost/built", "localhost/removed"];

/** Brings about what a deed needs. */
export async function prepare(scene: Scene, { needs }: Deed): Promise<void> {
  const { world } = scene;
  if (needs === "created") await world.podman("create", ...container(scene));
  if (needs === "running") await world.podman("run", "-d", ...container(scene));
  if (needs === "volume") await world.podman("volume", "create", "data");
  if (needs === "volume") await world.podman("volume", "import", "data", inTmp(scene, "volume.tar"));
  if (needs === "image") await world.podman("pull", "-q", `oci-archive:${inTmp(scene, "pulled.tar")}`);
  if (needs === "played") await world.podman("kube", "play", ...played(scene));
  if (needs?.endsWith("pod") !== true) return;
  await world.podman("pod", "create", ...pod(scene));
  if (needs === "running in pod") await world.podman("run", "-d", ...member(scene));
  if (needs === "stopped in pod") await world.podman("create", ...member(scene));
}

/** Everything once undisturbed, and what stays all the time. */
export async function rehearse(scene: Scene): Promise<void> {
  const { world } = scene;
  await world.podman("save", "-q", "-o", inTmp(scene, "image.tar"), baseImage);
  await makeFiles(scene);
  await world.podman("network", "create", "--subnet", "10.89.77.0/28", NETWORK);
  await world.podman("secret", "create", SECRET, join(world.directory, "conf", "policy.json"));
  for (const [network, needs] of [
    ["port", "running"],
    ["address", "running in pod"],
  ] as const) {
    const traits: Traits = { network, with: ALL_TRAITS };
    await prepare({ ...scene, traits }, { needs, args: () => [] });
    for (const deed of ["exec", "cp", "commit", "stop"]) await world.podman(...(DEEDS[deed]?.args({ ...scene, traits }) ?? []));
    await clear(world);
  }
  // Makes the network of such pods, which stays.
  const pods: Scene = { ...scene, traits: { network: "port", with: [] } };
  await world.podman(...(DEEDS["kube play"]?.args(pods) ?? []));
  await clear(world);
  for (const deed of ["load", "pull", "build", "volume create", "secret create", "network create"])
    await world.podman(...(DEEDS[deed]?.args(scene) ?? []));
  await clear(world);
}

/** An image that is not in the store, with a layer of its own; a context to build another; a volume's content; a pod. */
async function makeFiles(scene: Scene): Promise<void> {
  const { world } = scene;
  const context = inTmp(scene, "context");
  mkdirSync(context);
  copyFileSync(inTmp(scene, "large"), join(context, "large"));
  writeFileSync(join(context, "Containerfile"), `FROM ${baseImage}\nRUN echo begun >/begun\nCOPY large /large\n`);
  for (const path of [context, join(context, "large"), join(context, "Containerfile")]) world.give(path);
  await world.podman("build", "-q", "--no-cache", "--network", "none", "-t", "localhost/removed", context);
  await world.podman("save", "-q", "--format", "oci-archive", "-o", inTmp(scene, "pulled.tar"), "localhost/removed");
  await world.podman("rmi", "localhost/removed");
  await world.runProgram("tar", ["-cf", inTmp(scene, "volume.tar"), "-C", context, "large"]);
  writeFileSync(inTmp(scene, "pod.yaml"), podFile(), { mode: 0o644 });
}

function podFile(): string {
  const container = {
    name: "member",
    image: baseImage,
    command: ["sh", "-c", `exec ${MARK}`],
    volumeMounts: [{ name: "data", mountPath: "/data" }],
  };
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
  return JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: POD }, spec: { containers: [container], volumes } });
}

/** Removes whatever a deed can have made, or this one; answers what went wrong. */
export async function clear(world: World, deed?: string): Promise<string[]> {
  const problems: string[] = [];
  const removals = [
    ["pod", "rm", "-f", "-a", "-t", "0"],
    ["rm", "-f", "-a", "-t", "0"],
    ["volume", "rm", "-f", "-a"],
    ...(deed === undefined || deed === "network create" ? [["network", "rm", "-f", "made"]] : []),
    ...(deed === undefined || deed === "secret create" ? [["secret", "rm", "-i", "made"]] : []),
  ];
  for (const args of removals) {
    const removed = await world.run("podman", args);
    if (removed.exitCode !== 0 || removed.stderr !== "") problems.push(`${args.join(" ")}: ${removed.exitCode} ${removed.stderr}`);
  }
  // The working container of a build that was cut off goes with the next look at such containers.
  if (deed === undefined || deed === "build") await world.run("buildah", ["containers", "-q"]);
  if (deed === undefined || IMAGE_DEEDS.includes(deed)) await world.run("podman", ["rmi", "-f", ...IMAGES]);
  rmSync(join(world.directory, "tmp", "made"), { recursive: true, force: true });
  return problems;
}

function container({ traits, cgroup }: Scene): string[] {
  return [...["--name", NAME], ...parent(cgroup), ...networkFlags(traits), ...traits.with.flatMap((trait) => TRAITS[trait]), ...command()];
}

function pod({ traits, cgroup }: Scene): string[] {
  return [...parent(cgroup), ...networkFlags(traits), POD];
}

function member({ traits }: Scene): string[] {
  return ["--pod", POD, "--name", NAME, ...traits.with.flatMap((trait) => TRAITS[trait]), ...command()];
}

function played(scene: Scene): string[] {
  const { network } = scene.traits;
  return [
    ...(network === "none" ? ["--network", "none"] : network === "address" ? networkFlags(scene.traits).slice(0, 2) : []),
    inTmp(scene, "pod.yaml"),
  ];
}

function parent(cgroup: string | undefined): string[] {
  return cgroup === undefined ? [] : ["--cgroup-parent", `/${cgroup}`];
}

function command(): string[] {
  return [baseImage, "sh", "-c", `echo begun >/begun; exec ${MARK}`];
}

function networkFlags({ network }: Traits): string[] {
  if (network === "none") return ["--network", "none"];
  return network === "port" ? ["-p", "127.0.0.1:8080:80"] : ["--network", `${NETWORK}:ip=${ADDRESS}`, "-p", "8081:80"];
}

/** The two exclude each other. */
function withoutRestart(traits: Traits): Traits {
  return { ...traits, with: traits.with.filter((trait) => trait !== "restart") };
}
