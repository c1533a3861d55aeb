import { statSync } from "node:fs";
import type { Globals, ProgramDefinition } from "@containers/common/cli/build-program";
import type { CommandGroup } from "@containers/common/cli/define-command";
import { refuseProfiles } from "@containers/common/cli/refuse-profiles";
import type { ConfigFile } from "@containers/common/config/containers-conf";
import { ToolError } from "@containers/common/errors/tool-error";
import { wantsRemote } from "../remote/wants-remote.ts";
import { podmanVersion } from "../system/version.ts";
import { topLevelWords } from "./aliases.ts";
import { artifactGroup } from "./commands/artifact/group.ts";
import { buildxGroup } from "./commands/buildx.ts";
import { contextGroup } from "./commands/connection/context-group.ts";
import { containerGroup } from "./commands/container/group.ts";
import { farmGroup } from "./commands/farm/group.ts";
import { generateGroup } from "./commands/generate/group.ts";
import { healthcheckGroup } from "./commands/healthcheck/group.ts";
import { imageGroup } from "./commands/image/group.ts";
import { kubeGroup, playGroup } from "./commands/kube/group.ts";
import { manifestGroup } from "./commands/manifest/group.ts";
import { networkGroup } from "./commands/network/group.ts";
import { podGroup } from "./commands/pod/group.ts";
import { quadletGroup } from "./commands/quadlet/group.ts";
import { secretGroup } from "./commands/secret/group.ts";
import { systemGroup } from "./commands/system/group.ts";
import { volumeGroup } from "./commands/volume/group.ts";
import { globalFlags, leadingFlags } from "./global-flags.ts";

const root: CommandGroup = {
  name: "podman",
  summary: "Manage pods, containers and images",
  commands: {
    ...topLevelWords,
    "auto-update": {
      summary: "Auto update containers according to their auto-update policy",
      load: async () => (await import("./commands/auto-update.ts")).autoUpdateCommand,
    },
    build: {
      summary: "Build an image using instructions from Containerfiles",
      load: async () => (await import("./commands/build.ts")).buildCommand,
    },
    buildx: { group: buildxGroup },
    context: { group: contextGroup },
    completion: {
      summary: "Generate shell autocompletions",
      hidden: true,
      load: async () => (await import("@containers/common/cli/completion/completion-command")).podmanCompletionCommand,
    },
    compose: {
      summary: "Run compose workloads via an external provider such as docker-compose or podman-compose",
      load: async () => (await import("./commands/compose.ts")).composeCommand,
    },
    container: { group: containerGroup },
    events: { summary: "Show podman events", load: async () => (await import("./commands/system/events.ts")).eventsCommand },
    farm: { group: farmGroup },
    generate: { group: generateGroup },
    healthcheck: { group: healthcheckGroup },
    image: { group: imageGroup },
    info: { summary: "Display podman system information", load: async () => (await import("./commands/system/info.ts")).infoCommand },
    inspect: {
      summary: "Display the configuration of a container, image, network, pod or volume",
      load: async () => (await import("./commands/inspect.ts")).inspectCommand,
    },
    kube: { group: kubeGroup },
    login: { summary: "Log in to a container registry", load: async () => (await import("./commands/login.ts")).loginCommand },
    logout: { summary: "Log out of a container registry", load: async () => (await import("./commands/logout.ts")).logoutCommand },
    artifact: { group: artifactGroup },
    machine: {
      summary: "Manage virtual machines",
      hidden: true,
      load: async () => (await import("./commands/absent.ts")).machineCommand,
    },
    manifest: { group: manifestGroup },
    network: { group: networkGroup },
    play: { group: playGroup },
    pod: { group: podGroup },
    quadlet: { group: quadletGroup },
    secret: { group: secretGroup },
    system: { group: systemGroup },
    unshare: {
      summary: "Run a command in the user namespace of rootless containers",
      load: async () => (await import("./commands/unshare.ts")).unshareCommand,
    },
    version: { summary: "Display the version", load: async () => (await import("./commands/system/version.ts")).versionCommand },
    volume: { group: volumeGroup },
  },
};

/** podman's commands and global flags; each command's module is loaded when it is called. */
export const podmanProgram: ProgramDefinition = {
  name: "podman",
  version: podmanVersion,
  globalFlags,
  leadingFlags,
  root,
  // A service that is named already need not be asked for.
  hidesInHelp: (given) => {
    const { CONTAINER_HOST, CONTAINER_CONNECTION } = process.env;
    const named = given("url") || given("connection") || CONTAINER_HOST !== undefined || CONTAINER_CONNECTION !== undefined;
    return named ? ["remote"] : [];
  },
  completion: async () => (await import("./completion/podman-completion.ts")).podmanCompletion,
  beforeRun: async (command, invocation) => {
    const globals: Globals = { ...invocation.globals, logLevel: logLevel(invocation.globals, invocation.given("log-level")) };
    if (globals.noout === true || (typeof globals.out === "string" && globals.out !== "")) {
      const { redirectOutput } = await import("./redirect-output.ts");
      redirectOutput(globals.noout === true ? "/dev/null" : String(globals.out));
    }
    if (typeof globals.config === "string" && globals.config !== "") useDockerConfig(globals.config);
    if (typeof globals.registriesConf === "string" && globals.registriesConf !== "") useRegistriesConf(globals.registriesConf);
    const given = invocation.given("remote");
    const isNamed = wantsRemote(globals, { given });
    const files = given || isNamed ? undefined : await readConfig(globals);
    if (isNamed || (files !== undefined && (await isRemoteByConfig(files)))) {
      const { refuseLocalOnly } = await import("../remote/local-only.ts");
      refuseLocalOnly(invocation);
      return { ...globals, remote: true };
    }
    refuseUnsupported(globals);
    if (command.needsUserNamespace !== false) {
      const { ensureUserNamespace } = await import("@containers/common/rootless/enter-user-namespace");
      ensureUserNamespace();
    }
    await announce(command.name, globals);
    return files === undefined ? globals : { ...globals, configFiles: files };
  },
};

/** containers.conf's files; the engine need not read them a second time. */
async function readConfig(globals: Globals): Promise<readonly ConfigFile[]> {
  const { readConfigFiles } = await import("@containers/common/config/containers-conf");
  return readConfigFiles({ modules: Array.isArray(globals.module) ? globals.module.map(String) : [] });
}

/** containers.conf's `remote = true`. Files are understood only where one has the word. */
async function isRemoteByConfig(files: readonly ConfigFile[]): Promise<boolean> {
  if (!files.some(({ text }) => /^\s*remote\s*=\s*true/m.test(text))) return false;
  const { loadContainersConf } = await import("@containers/common/config/containers-conf");
  return loadContainersConf({ files }).engine.remote;
}

const LEVELS = ["trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"];

/** Which messages are wanted: `--log-level`, or `--debug`. */
function logLevel(globals: Globals, given: boolean): string {
  const level = String(globals.logLevel ?? "warn");
  if (!LEVELS.includes(level.toLowerCase()))
    throw new ToolError("invalid-argument", `Log Level "${level}" is not supported, choose from: ${LEVELS.join(", ")}`, {
      code: "bare",
      exitCode: 1,
    });
  if (globals.debug !== true) return level.toLowerCase();
  if (given) throw new ToolError("invalid-argument", "Setting --log-level and --debug is not allowed", { code: "bare", exitCode: 1 });
  return "debug";
}

/** What the program was asked, for those who want to hear more than warnings. */
async function announce(name: string, { logLevel, syslog }: Readonly<Record<string, unknown>>): Promise<void> {
  if (logLevel !== "info" && logLevel !== "debug" && logLevel !== "trace") return;
  const { openDiagnostics } = await import("../engine/diagnostics.ts");
  const diagnostics = openDiagnostics({ logLevel, syslog: syslog === true });
  diagnostics.info(`podman filtering at log level ${logLevel}`);
  diagnostics.trace(() => `podman ${process.argv.slice(2).join(" ")}`);
  diagnostics.debug(() => `Called ${name}.PersistentPreRunE(podman ${process.argv.slice(2).join(" ")})`);
  process.on("exit", () => diagnostics.debug(() => "Shutting down engines"));
}

/** `--config`: the directory need not be there yet; `login` makes it. */
function useDockerConfig(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new ToolError("invalid-argument", `Supplied --config file (${directory}) is not a directory`, { code: "bare", exitCode: 1 });
  process.env.DOCKER_CONFIG = directory;
}

/** `--registries-conf`: as $CONTAINERS_REGISTRIES_CONF, but for a file that has to be there. */
function useRegistriesConf(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) === undefined)
    throw new ToolError(
      "not-found",
      `configuring runtime: locating specified registries.conf: faccessat ${path}: no such file or directory`,
    );
  process.env.CONTAINERS_REGISTRIES_CONF = path;
}

/** Global flags of the original that are known, and refused until what they ask for works. */
function refuseUnsupported(globals: Globals): void {
  refuseProfiles(globals);
  if (globals.dbBackend === "boltdb")
    throw new ToolError("unsupported", "boltdb is deprecated, no new BoltDB databases can be created", { hint: "leave --db-backend out" });
  if (typeof globals.dbBackend === "string" && globals.dbBackend !== "" && globals.dbBackend !== "sqlite")
    throw new ToolError("invalid-argument", `unsupported database backend: "${globals.dbBackend}"`);
}
