import { writeFileSync } from "node:fs";
import { defineFlags, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { wrapError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "../../container-spec/container-spec.ts";
import { specWarnings } from "../../container-spec/spec-warnings.ts";
import { registryFlags, signaturePolicyFlag } from "../commands/image/with-images.ts";
import { healthFlags, healthSpec } from "./health-flags.ts";
import { imageFlags, pullChoice } from "./image-flags.ts";
import { networkFlags, networkSpec } from "./network-flags.ts";
import { podFlags, podReference } from "./pod-flags.ts";
import { processFlags, processSpec } from "./process-flags.ts";
import { resourceFlags, resourceSpec } from "./resource-flags.ts";
import { parseSecretFlag, secretFlags } from "./secret-flags.ts";
import { namespaceFlags, namespaceSpec, securityFlags, securitySpec } from "./security-flags.ts";
import { storageFlags, storageSpec } from "./storage-flags.ts";

/** Everything that `create` and `run` have in common. */
export const createFlags = defineFlags({
  ...processFlags,
  ...networkFlags,
  ...podFlags,
  ...resourceFlags,
  ...securityFlags,
  ...namespaceFlags,
  ...secretFlags,
  ...storageFlags,
  ...healthFlags,
  ...imageFlags,
  ...registryFlags,
  ...signaturePolicyFlag,
});

/**
 * What the command line asks of the new container.
 * @throws ToolError invalid-argument, unsupported
 */
export function containerSpec(invocation: Invocation<FlagValues<typeof createFlags>>): ContainerSpec {
  const { flags, given, args, globals, out } = invocation;
  const [image = "", ...command] = args;
  const spec: ContainerSpec = {
    ...(flags.rootfs ? rootfsOf(image) : { image }),
    command: command.length > 0 ? command : undefined,
    pull: pullChoice(flags, given),
    ...processSpec(flags, given),
    ...storageSpec(flags, given),
    pod: podReference(flags),
    network: networkSpec(flags, flags.noHostname),
    resources: resourceSpec(flags, given),
    security: securitySpec(flags, given),
    namespaces: namespaceSpec(flags),
    secrets: flags.secret.filter((text) => text !== "").map(parseSecretFlag),
    health: healthSpec(flags, given),
    createCommand: ["podman", ...commandLine()],
    runtime: typeof globals.runtime === "string" && globals.runtime !== "" ? globals.runtime : undefined,
  };
  for (const warning of specWarnings(spec)) out.stderr(`${warning}\n`);
  if (given("kernel-memory")) out.stderr("The --kernel-memory flag is no longer supported. This flag is a noop.\n");
  return spec;
}

/** A directory; with `:O` after it one that is not written to, with `:idmap[=…]` one whose owners are shifted. */
function rootfsOf(text: string): Pick<ContainerSpec, "rootfs" | "rootfsOverlay" | "rootfsMapping"> {
  const [, rootfs = text, option] = /^(.*):(O|idmap|idmap=[^:]*)$/s.exec(text) ?? [];
  if (option === undefined) return { rootfs };
  return option === "O" ? { rootfs, rootfsOverlay: true } : { rootfs, rootfsMapping: option };
}

/** `--cidfile`: the id without a line end. */
export function writeIdFile(path: string | undefined, id: string): void {
  if (path === undefined || path === "") return;
  try {
    writeFileSync(path, id, { mode: 0o644 });
  } catch (error) {
    throw wrapError(`creating idfile: open ${path}`, error);
  }
}

function commandLine(): readonly string[] {
  return process.argv.slice(2);
}
