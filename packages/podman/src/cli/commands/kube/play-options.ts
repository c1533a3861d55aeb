import type { FlagValues, Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { parsePort } from "@containers/common/network/port-syntax";
import type { ServiceExitCode } from "../../../container-spec/container-spec.ts";
import type { PlayKubeOptions } from "../../../kube/play/options.ts";
import { validateAnnotations } from "../../../kube/play/validate-annotations.ts";
import { parseUserMode } from "../../../user-namespaces/parse-user-mode.ts";
import { networkMode } from "../../flags/network-flags.ts";
import type { playFlags } from "./play-flags.ts";
import { readFile } from "./read-input.ts";

/**
 * What the flags of `kube play` say.
 * @throws ToolError invalid-argument
 */
export function playOptions({ flags, given }: Invocation<FlagValues<typeof playFlags>>): PlayKubeOptions {
  if (flags.serviceContainer && !flags.start)
    throw new ToolError("invalid-argument", "--service-container does not work with --start=stop");
  if ((flags.contextDir ?? "") !== "" && !flags.build)
    throw new ToolError("invalid-argument", "--build must be specified when using --context-dir option");
  if (flags.force && !flags.down) throw new ToolError("invalid-argument", "--force may be specified only with --down");
  const annotations = annotationsOf(flags.annotation);
  validateAnnotations(annotations);
  for (const mac of flags.macAddress) requireMac(mac);
  const mode = parseUserMode(flags.userns ?? "");
  return {
    annotations,
    ...(given("build") ? { build: flags.build } : {}),
    ...(flags.contextDir ? { contextDir: flags.contextDir } : {}),
    configMaps: flags.configmap.map((path) => ({ path, text: readFile(path) })),
    staticIps: flags.ip,
    staticMacs: flags.macAddress,
    log: { ...(flags.logDriver ? { driver: flags.logDriver } : {}), options: flags.logOpt },
    ...(flags.network.length === 0 ? {} : { network: networkMode(flags.network) }),
    noHostname: flags.noHostname || undefined,
    noHosts: flags.noHosts || undefined,
    noPodPrefix: flags.noPodPrefix,
    publish: flags.publish.flatMap(parsePort),
    publishAll: flags.publishAll,
    quiet: flags.quiet,
    replace: flags.replace,
    seccompProfileRoot: flags.seccompProfileRoot,
    ...(flags.serviceContainer ? { service: exitCodes(flags.serviceExitCodePropagation ?? "") } : {}),
    start: flags.start,
    ...(mode === undefined ? {} : { userns: mode }),
  };
}

function annotationsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at === -1) throw new ToolError("invalid-argument", `annotation "${text}" must include an '=' sign`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function requireMac(text: string): void {
  if (!/^([0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\2){4}[0-9a-fA-F]{2})$/.test(text))
    throw new ToolError("invalid-argument", `address ${text}: invalid MAC address`);
}

function exitCodes(text: string): ServiceExitCode {
  if (text === "" || text === "none") return "none";
  if (text === "any" || text === "all") return text;
  throw new ToolError("invalid-argument", `unsupported exit-code propagation "${text}"`);
}
