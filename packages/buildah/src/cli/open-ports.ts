import type { Invocation } from "@containers/common/cli/define-command";
import { refuseProfiles } from "@containers/common/cli/refuse-profiles";
import { ToolError } from "@containers/common/errors/tool-error";
import { isRootless } from "@containers/common/rootless/rootless";
import { linuxSys } from "@containers/common/sys/linux";
import { decryptionKeysOf } from "@containers/image/encryption/choose";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { parsePlatform } from "@containers/image/local-images/platform";
import { type PullPolicy, parsePullPolicy } from "@containers/image/local-images/pull-policy";
import { registriesConfFromEnvironment } from "@containers/image/registries-conf/paths";
import type { PlatformChoice, RegistryAccess } from "@containers/image/transports/transport";
import { openStore } from "@containers/storage/open-store";
import type { Store } from "@containers/storage/store";
import { parseGoDuration } from "../containerfile/instructions/healthcheck.ts";
import type { BuildPorts } from "../executor/build-options.ts";
import type { NetworkPorts } from "../run/network.ts";
import { removeAbandoned } from "../working-container/lease.ts";
import { BUILDAH_VERSION } from "../working-container/record.ts";
import { logLevel, messagesOf } from "./messages.ts";

/** A command's invocation, whatever its flags. */
export type AnyInvocation = Pick<Invocation<Readonly<Record<string, unknown>>>, "flags" | "args" | "globals" | "given" | "out">;

/** The store that the global flags name. */
export function openCommandStore(globals: Readonly<Record<string, unknown>>): Store {
  for (const name of ["userns-uid-map", "userns-gid-map"]) {
    const value = globals[camelCase(name)];
    if (value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0))
      throw new ToolError("unsupported", `--${name} is not supported`);
  }
  const manager = String(globals["cgroupManager"] ?? "");
  if (manager !== "" && manager !== "cgroupfs")
    throw new ToolError(
      "unsupported",
      `--cgroup-manager=${manager} is not supported: commands of a build get their control groups in the file system`,
      {
        hint: "leave the flag out, or use cgroupfs",
      },
    );
  refuseProfiles(globals);
  logLevel(globals);
  const options = globals["storageOpt"];
  const store = openStore({
    ...textOption("graphRoot", globals["root"]),
    ...textOption("runRoot", globals["runroot"]),
    ...textOption("driver", globals["storageDriver"]),
    ...textOption("imageStore", globals["imagestore"]),
    ...(globals["transientStore"] === true ? { transientStore: true } : {}),
    ...(Array.isArray(options) && options.length > 0 ? { driverOptions: options.map(String) } : {}),
  });
  removeAbandoned(store);
  return store;
}

/** The local images, and how this command reaches registries. */
export function openImages(invocation: AnyInvocation, options: { readonly quiet?: boolean } = {}): LocalImages {
  const { flags, globals, out } = invocation;
  const policy = flags["signaturePolicy"];
  const { warn, debug } = messagesOf(invocation);
  return {
    warn,
    ...(debug === undefined ? {} : { debug }),
    store: openCommandStore(globals),
    registry: registryAccess(invocation),
    ...decryptionKeysOf(flags["decryptionKey"]),
    ...textOption("blobCache", flags["blobCache"]),
    signal: stopSignal(),
    compressionDefaults: async () => {
      const { loadContainersConf } = await import("@containers/common/config/containers-conf");
      const { engine } = loadContainersConf();
      return { format: engine.compressionFormat, level: engine.compressionLevel };
    },
    ...(options.quiet === true
      ? {}
      : {
          progress: async () => (await import("@containers/image/copy/progress")).progressFor(2),
          report: (line: string) => out.stderr(`${line}\n`),
        }),
    ...(typeof policy === "string" && policy !== "" ? { policyPath: policy } : {}),
  };
}

/** Everything that builds and runs work with. */
export async function openBuildPorts(invocation: AnyInvocation, options: { readonly quiet?: boolean } = {}): Promise<BuildPorts> {
  const { out } = invocation;
  const images = openImages(invocation, options);
  const { loadContainersConf } = await import("@containers/common/config/containers-conf");
  const loaded = loadContainersConf();
  const networkConfigDir = invocation.flags["cniConfigDir"];
  const config =
    typeof networkConfigDir === "string" && networkConfigDir !== ""
      ? { ...loaded, network: { ...loaded.network, networkConfigDir } }
      : loaded;
  return {
    images,
    sys: linuxSys(),
    network: networkPorts(images.store, config, messagesOf(invocation).warn),
    runtimePaths: config.engine.runtimes,
    defaultUlimits: config.containers.defaultUlimits,
    ...textOption("defaultRuntime", config.engine.runtime),
    ...textOption("defaultMountsFile", invocation.globals["defaultMountsFile"]),
    stdout: (text) => out.stdout(text),
    stderr: (text) => out.stderr(text),
    ...(images.signal === undefined ? {} : { signal: images.signal }),
  };
}

type LoadedConf = ReturnType<typeof import("@containers/common/config/containers-conf")["loadContainersConf"]>;

function networkPorts(store: Store, config: LoadedConf, warn: (message: string) => void): NetworkPorts {
  const { network, engine } = config;
  const userMode = {
    ...(network.defaultRootlessNetworkCmd === "slirp4netns" ? ({ program: "slirp4netns" } as const) : {}),
    helperDirs: engine.helperBinariesDir,
    pastaOptions: network.pastaOptions,
    slirpOptions: engine.networkCmdOptions,
    ...(engine.networkCmdPath === "" ? {} : { slirpPath: engine.networkCmdPath }),
  };
  return {
    userMode,
    warn,
    openBackend: async () => {
      const { openNetwork } = await import("@containers/common/network/open-network");
      const { backend } = openNetwork({
        rootless: isRootless(),
        graphRoot: store.graphRoot,
        runRoot: store.runRoot,
        configDir: network.networkConfigDir,
        defaultNetwork: network.defaultNetwork,
        defaultSubnet: network.defaultSubnet,
        subnetPools: network.defaultSubnetPools,
        helperDirs: engine.helperBinariesDir,
        firewallDriver: network.firewallDriver,
        dnsBindPort: network.dnsBindPort,
        pluginDirs: network.netavarkPluginDirs,
        userMode,
        warn,
      });
      return { backend, defaultNetwork: network.defaultNetwork };
    },
  };
}

/** Credentials, certificates and files that the flags name. */
export function registryAccess(invocation: AnyInvocation): RegistryAccess {
  const { flags, globals } = invocation;
  return {
    ...(invocation.given("tls-verify") ? { tlsVerify: flags["tlsVerify"] === true } : {}),
    ...textOption("certDir", flags["certDir"]),
    ...textOption("authFile", flags["authfile"]),
    ...credentials(flags["creds"]),
    ...registriesConfFromEnvironment(),
    ...textOption("registriesConfPath", globals["registriesConf"]),
    ...textOption("registriesConfDir", globals["registriesConfDir"]),
    ...textOption("shortNameAliasesPath", globals["shortNameAliasConf"]),
    userAgent: `Buildah/${BUILDAH_VERSION}`,
  };
}

function credentials(value: unknown): Pick<RegistryAccess, "credentials"> {
  if (typeof value !== "string" || value === "") return {};
  const colon = value.indexOf(":");
  if (colon === -1)
    throw new ToolError("invalid-argument", "credentials without a password: give USERNAME:PASSWORD", { hint: "or use buildah login" });
  return { credentials: { username: value.slice(0, colon), password: value.slice(colon + 1) } };
}

/** Fires on SIGINT and SIGTERM: what is under way is cancelled, and cleans up after itself. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new ToolError("cancelled", "cancelled"));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  return controller.signal;
}

/** `--pull` and its two old spellings. */
export function pullPolicy(invocation: AnyInvocation): PullPolicy {
  const { flags } = invocation;
  if (flags["pullAlways"] === true) return "always";
  if (flags["pullNever"] === true) return "never";
  return parsePullPolicy(String(flags["pull"] ?? "missing"));
}

/** The one platform of `--platform`, or `--os`, `--arch` and `--variant`. */
export function platformChoice(invocation: AnyInvocation): PlatformChoice | undefined {
  const platforms = platformChoices(invocation);
  if (platforms.length > 1)
    throw new ToolError("invalid-argument", "only one --platform can be given here", { hint: "use it once for each platform" });
  return platforms[0];
}

/** All of `--platform`, or the one of `--os`, `--arch` and `--variant`; empty when nothing was chosen. */
export function platformChoices(invocation: AnyInvocation): readonly PlatformChoice[] {
  const { flags } = invocation;
  const platforms = Array.isArray(flags["platform"]) ? flags["platform"].map(String) : [];
  const single = { ...textOption("os", flags["os"]), ...textOption("arch", flags["arch"]), ...textOption("variant", flags["variant"]) };
  const chosen = platforms.length === 0 ? [parsePlatform(single)] : platforms.map((platform) => parsePlatform({ platform, ...single }));
  const malformed = platforms.find((platform) => platform.split("/").length > 3);
  if (malformed !== undefined) {
    const quoted = JSON.stringify(malformed);
    throw new ToolError(
      "invalid-argument",
      `building system context: invalid platform syntax for --platform=${quoted}: ${quoted}: cannot parse platform specifier: invalid argument`,
    );
  }
  return chosen.flatMap((platform) => (platform === undefined ? [] : [platform]));
}

/** `--retry` and `--retry-delay` (milliseconds). */
export function retrySettings(invocation: AnyInvocation): { readonly retries?: number; readonly retryDelay?: number } {
  const { flags } = invocation;
  const delay = typeof flags["retryDelay"] === "string" && flags["retryDelay"] !== "" ? parseGoDuration(flags["retryDelay"]) : undefined;
  return {
    ...(typeof flags["retry"] === "number" ? { retries: flags["retry"] } : {}),
    ...(delay === undefined ? {} : { retryDelay: delay / 1e6 }),
  };
}

/** The option when the flag has a text. */
export function textOption<Key extends string>(key: Key, value: unknown): { readonly [K in Key]?: string } {
  return typeof value === "string" && value !== "" ? ({ [key]: value } as { readonly [K in Key]?: string }) : {};
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
