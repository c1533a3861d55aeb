import { readdirSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type {
  Candidate,
  Completion,
  CompletionRequest,
  CompletionSource,
  NameKind,
} from "@containers/common/cli/completion/completion-source";
import { directives } from "@containers/common/cli/completion/completion-source";
import type { ContainerStatus } from "../../containers/state.ts";
import type { Engine, EngineGlobals } from "../../engine/engine.ts";

/** Statuses of the containers that a command can do something with; the others are not offered. */
const fittingStatuses: Readonly<Record<string, readonly ContainerStatus[]>> = {
  attach: ["running"],
  exec: ["running"],
  kill: ["running"],
  pause: ["running"],
  stop: ["running", "paused"],
  top: ["running"],
  unpause: ["paused"],
  init: ["configured"],
  start: ["configured", "created", "exited", "stopped"],
};

/** Names for podman's commands: one query of the state, or one look into the store. */
export const podmanCompletion: CompletionSource = {
  async names(kind, request) {
    return namesOf(kind, await openEngineFor(request), request);
  },
  paths: async (request) => (await import("./root-paths.ts")).pathsInRoot(await openEngineFor(request), request),
  async flagValues(flag, request) {
    if (flag === "format") return (await import("./format-values.ts")).formatValues(request, () => openEngineFor(request));
    const kind = flagKinds[flag];
    if (kind !== undefined)
      return { candidates: await namesOf(kind, await openEngineFor(request), request), directive: directives.noFiles };
    return flagWords(flag, request);
  },
};

const flagKinds: Readonly<Record<string, NameKind>> = { pod: "pod", secret: "secret", "volumes-from": "container", requires: "container" };

async function openEngineFor(request: CompletionRequest): Promise<Engine> {
  const { ensureUserNamespace } = await import("@containers/common/rootless/enter-user-namespace");
  ensureUserNamespace();
  const { openEngine } = await import("../../engine/open-engine.ts");
  return openEngine(request.globals as EngineGlobals);
}

async function namesOf(kind: NameKind, engine: Engine, request: CompletionRequest): Promise<readonly Candidate[]> {
  const { typed } = request;
  switch (kind) {
    case "container":
      return containers(engine, request);
    case "pod":
      return engine.state.pods.list().flatMap(({ id, name }) => [name, ...idWords(id, typed)].map((value) => ({ value })));
    case "image": {
      const { imageWords } = await import("@containers/image/local-images/complete-name");
      return engine.store.images.list().flatMap((image) => imageWords(image, typed).map((value) => ({ value })));
    }
    case "network":
      return engine.networks.list().map(({ name, driver }) => ({ value: name, description: driver }));
    case "volume":
      return engine.state.volumes.list().map(({ name }) => ({ value: name }));
    case "secret": {
      const { openSecretStore } = await import("../../secrets/secret-store.ts");
      return openSecretStore(engine.paths.secretsDir)
        .list()
        .map(({ name }) => ({ value: name }));
    }
    case "registry": {
      const { loadRegistriesConf } = await import("@containers/image/registries-conf/load");
      return loadRegistriesConf(engine.images.registry).unqualifiedSearchRegistries.map((value) => ({ value }));
    }
    case "transport":
      return [];
  }
}

function containers(engine: Engine, { commandPath, typed }: CompletionRequest): Candidate[] {
  const words = commandPath.split(" ");
  const statuses = words[1] === "pod" ? undefined : fittingStatuses[words.at(-1) ?? ""];
  return engine.state.containers
    .list(statuses === undefined ? {} : { statuses })
    .flatMap(({ id, name, imageName }) => [name, ...idWords(id, typed)].map((value) => ({ value, description: imageName })));
}

/** Ids are offered to those who have begun to type one. */
function idWords(id: string, typed: string): string[] {
  if (typed.length < 2) return [];
  return [typed.length > 12 ? id : id.slice(0, 12)];
}

async function flagWords(flag: string, request: CompletionRequest): Promise<Completion | undefined> {
  const words = (values: readonly string[], directive: number = directives.noFiles): Completion => ({
    candidates: values.map((value) => ({ value })),
    directive,
  });
  switch (flag) {
    case "network": {
      const networks = await namesOf("network", await openEngineFor(request), request);
      const modes = ["none", "host", "private", "container:", "ns:", "slirp4netns:", "pasta:"];
      return words([...modes, ...networks.map(({ value }) => value)], directives.noSpace | directives.noFiles);
    }
    case "pull":
      return words(["always", "missing", "never", "newer"]);
    case "restart":
      return words(["no", "on-failure", "on-failure:", "always", "unless-stopped"]);
    case "log-driver":
      return words(["k8s-file", "journald", "none", "passthrough"]);
    case "signal":
    case "stop-signal":
      return words(["HUP", "INT", "QUIT", "KILL", "USR1", "USR2", "TERM"].map((name) => `SIG${name}`));
    case "userns":
      return words(["auto", "host", "keep-id", "nomap", "container:"]);
    case "sysctl":
      return words(sysctls("/proc/sys", request.typed));
    case "interface-name":
      return words(Object.keys(networkInterfaces()));
    default:
      return undefined;
  }
}

/** Names of kernel settings below a directory, as far as they begin like what is typed. */
function sysctls(directory: string, typed: string, prefix = ""): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const name = prefix + entry.name;
    if (!entry.isDirectory()) return name.startsWith(typed) ? [name] : [];
    const inside = `${name}.`;
    return inside.startsWith(typed) || typed.startsWith(inside) ? sysctls(join(directory, entry.name), typed, inside) : [];
  });
}
