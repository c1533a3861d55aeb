import { ToolError } from "../../errors/tool-error.ts";
import { findHelper, type HelperResult, requireHelper, runHelper } from "../helper-program.ts";
import { netavarkMessage } from "./schema.ts";

/** How netavark is found and told about this host; from containers.conf. */
export interface NetavarkSettings {
  /** helper_binaries_dir. */
  readonly helperDirs?: readonly string[];
  /** firewall_driver: `iptables`, `nftables`, `firewalld` or `none`; by default netavark's own choice. */
  readonly firewallDriver?: string;
  /** dns_bind_port. */
  readonly dnsBindPort?: number;
  /** netavark_plugin_dirs. */
  readonly pluginDirs?: readonly string[];
  /** Where netavark and aardvark-dns keep what must survive between calls. */
  readonly runDir: string;
  readonly rootless: boolean;
}

export interface NetavarkCall {
  /** `setup`, `teardown`, `update`, …, with its own arguments. */
  readonly args: readonly string[];
  readonly input?: string;
  /** A network's driver is not one of netavark's own. */
  readonly needsPlugin?: boolean;
}

/** Starts a program in the right namespaces: directly as root, inside the rootless network namespace otherwise. */
export type HelperRunner = typeof runHelper;

const BUILTIN_DRIVERS: ReadonlySet<string> = new Set(["bridge", "macvlan", "ipvlan"]);

export function isBuiltinDriver(driver: string): boolean {
  return BUILTIN_DRIVERS.has(driver);
}

/** Calls netavark; its standard output when it succeeds. Its message becomes our error otherwise. */
export async function callNetavark(settings: NetavarkSettings, call: NetavarkCall, run: HelperRunner = runHelper): Promise<string> {
  const program = requireHelper("netavark", settings.helperDirs);
  const result = await run(program, [...commonArguments(settings, call), ...call.args], {
    input: call.input ?? "",
    env: environment(settings),
  });
  if (result.exitCode !== 0) throw netavarkError(call.args[0] ?? "", result);
  return result.stdout;
}

/** True when containers on networks with DNS can find each other by name. */
export function hasDnsServer(settings: NetavarkSettings): boolean {
  return findHelper("aardvark-dns", settings.helperDirs) !== undefined;
}

function commonArguments(settings: NetavarkSettings, call: NetavarkCall): string[] {
  const dns = findHelper("aardvark-dns", settings.helperDirs) ?? "";
  const plugins = call.needsPlugin === true ? (settings.pluginDirs ?? []).flatMap((dir) => ["--plugin-directory", dir]) : [];
  return ["--config", settings.runDir, `--rootless=${settings.rootless}`, `--aardvark-binary=${dns}`, ...plugins];
}

function environment(settings: NetavarkSettings): Record<string, string> {
  return {
    RUST_LOG: "netavark=warn",
    ...(settings.dnsBindPort === undefined || settings.dnsBindPort === 0 ? {} : { NETAVARK_DNS_PORT: String(settings.dnsBindPort) }),
    ...(settings.firewallDriver === undefined || settings.firewallDriver === "" ? {} : { NETAVARK_FW: settings.firewallDriver }),
  };
}

/** The tools that netavark's firewall drivers call, and the packages that bring them. */
const FIREWALL_TOOLS: ReadonlyArray<readonly [pattern: RegExp, tool: string, packageName: string]> = [
  [/\bip6?tables\b/i, "iptables", "iptables"],
  [/\bnft(ables)?\b/i, "nft", "nftables"],
];

function netavarkError(verb: string, result: HelperResult): ToolError {
  const message = netavarkMessage(result.stdout, result.stderr);
  if (/No such file or directory|not found in|os error 2\b/i.test(message)) {
    const missing = FIREWALL_TOOLS.find(([pattern, tool]) => pattern.test(message) && findHelper(tool, []) === undefined);
    if (missing !== undefined) {
      return new ToolError("unavailable", `netavark ${verb}: the firewall program ${missing[1]} is missing: ${message}`, {
        hint: `install the package ${missing[2]}, or choose another firewall_driver in containers.conf`,
      });
    }
  }
  return new ToolError("internal", `netavark ${verb}: ${message}`);
}
