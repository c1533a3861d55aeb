import { defineFlags } from "@containers/common/cli/define-command";
import type { TransferOptions } from "../../../source/transfer.ts";
import { registryFlags } from "../../flags/registry.ts";
import { type AnyInvocation, registryAccess } from "../../open-ports.ts";

/** Flags of `buildah source pull` and `push`. */
export const transferFlags = defineFlags({ creds: registryFlags.creds, "tls-verify": registryFlags["tls-verify"] });

/** How the registry is reached, and where progress is shown. */
export async function transferOptions(invocation: AnyInvocation, quiet: boolean): Promise<TransferOptions> {
  const registry = registryAccess(invocation);
  if (quiet) return { registry };
  const { progressFor } = await import("@containers/image/copy/progress");
  return { registry, progress: await progressFor(2) };
}
