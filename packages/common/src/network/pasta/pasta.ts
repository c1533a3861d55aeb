import { readFileSync } from "node:fs";
import { ToolError } from "../../errors/tool-error.ts";
import { findHelper, type HelperResult, requireHelper, runHelper } from "../helper-program.ts";
import { netnsAddresses } from "../netns.ts";
import type { PortMapping } from "../port-mapping.ts";
import { portInUseError } from "../port-reservation.ts";
import type { UserModeNetwork } from "../user-mode.ts";
import { ofFamilies, type PastaOptions, pastaArguments } from "./arguments.ts";

export interface StartPastaOptions extends Omit<PastaOptions, "netnsPath"> {
  readonly helperDirs?: readonly string[];
  /** Where pasta is to write its pid. */
  readonly pidFile?: string;
}

/**
 * Connects a namespace to the host's network through pasta(1), which goes to the background once it is ready and ends
 * by itself when the namespace's file goes. Without privileges, at close to native speed.
 */
export async function startPasta(netnsPath: string, options: StartPastaOptions): Promise<UserModeNetwork> {
  const program = requireHelper("pasta", options.helperDirs);
  const extra = options.pidFile === undefined ? [] : ["--pid", options.pidFile];
  const wanted = { netnsPath, ports: options.ports, options: [...(options.options ?? []), ...extra] };
  let built = pastaArguments(wanted);
  let result = await runHelper(program, built.args);
  if (result.exitCode !== 0 && /(unrecognized|unknown|invalid) option.*map-guest-addr/.test(result.stderr)) {
    built = pastaArguments(wanted, false);
    result = await runHelper(program, built.args);
  }
  if (result.exitCode !== 0) throw pastaError(result, options);
  const addresses = netnsAddresses(netnsPath);
  const families = { ipv4: addresses.some((one) => !one.includes(":")), ipv6: addresses.some((one) => one.includes(":")) };
  return {
    program: "pasta",
    addresses,
    dnsServers: ofFamilies(built.dnsForward, families),
    hostAddresses: ofFamilies(built.mapGuest, families),
    ipv6: families.ipv6,
    pid: options.pidFile === undefined ? undefined : readPid(options.pidFile),
  };
}

export function hasPasta(helperDirs?: readonly string[]): boolean {
  return findHelper("pasta", helperDirs) !== undefined;
}

/** Versions word it differently; all name the number of the port that they could not have. */
function pastaError(result: HelperResult, options: StartPastaOptions): ToolError {
  const message = (result.stderr || result.stdout).trim().replace(/\s*\n\s*/g, "; ");
  const failed = /bind|listen/i.test(message) ? (options.ports ?? []).flatMap((port) => mentionedPort(port, message)) : [];
  const [port] = failed;
  if (port !== undefined && /permission denied/i.test(message)) {
    return new ToolError("denied", `cannot publish ${port.protocol} port ${port.host_port}: permission denied`, {
      cause: new Error(`pasta: ${message}`),
      hint: "ports below net.ipv4.ip_unprivileged_port_start are root's; publish a higher one",
    });
  }
  if (port !== undefined) return portInUseError(port, `pasta: ${message}`);
  return new ToolError("internal", `pasta failed with exit code ${result.exitCode}: ${message}`, { code: "pasta-failed" });
}

function mentionedPort(port: PortMapping, message: string): PortMapping[] {
  const numbers = [...message.matchAll(/\d+/g)].map(([text]) => Number(text));
  const number = numbers.find((one) => one >= port.host_port && one < port.host_port + port.range);
  return number === undefined ? [] : [{ ...port, host_port: number }];
}

function readPid(path: string): number | undefined {
  try {
    return Number(readFileSync(path, "utf8").trim());
  } catch {
    return undefined;
  }
}
