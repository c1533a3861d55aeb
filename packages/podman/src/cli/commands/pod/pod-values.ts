import { availableParallelism } from "node:os";
import type { FlagValues, Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { parseDevice } from "@containers/common/mount-syntax/parse-device";
import type { PodSpec } from "../../../pods/pod-spec.ts";
import { blockSpec } from "../../flags/resource-flags.ts";
import { isCdiDevice } from "../../flags/storage-flags.ts";
import { podLimitFlags } from "./create-flags.ts";

/** Limits of all containers of a pod together, as {@link podLimitFlags} say. */
export function podLimits({
  flags,
  given,
}: Pick<Invocation<FlagValues<typeof podLimitFlags>>, "flags" | "given">): Pick<PodSpec, "limits"> {
  if (!Object.keys(podLimitFlags).some(given)) return {};
  const { cpuShares, cpusetCpus, cpusetMems, memory, memorySwap } = flags;
  if (memorySwap !== undefined && memorySwap > 0 && memory !== undefined && memorySwap < memory)
    throw new ToolError("invalid-argument", "minimum memoryswap limit should be larger than memory limit");
  const cpus = flags.cpus === undefined ? undefined : Math.min(flags.cpus, availableParallelism());
  const block = blockSpec({ ...flags, deviceReadIops: [], deviceWriteIops: [] });
  return { limits: { ...block, cpuShares, cpus, cpusetCpus, cpusetMems, memory, memorySwap } };
}

/** `--infra-command`: a list of words as JSON, or one word. */
export function infraCommand(text: string): string[] {
  if (text.startsWith("[")) {
    try {
      const words: unknown = JSON.parse(text);
      if (Array.isArray(words) && words.every((word) => typeof word === "string")) return words;
    } catch {
      // One word that begins with a bracket.
    }
  }
  return [text];
}

/** `--device` and `--gpus`: nodes of the host, and devices that a vendor describes. */
export function podDevices({ device, gpus }: { readonly device: readonly string[]; readonly gpus: readonly string[] }) {
  return {
    devices: device.filter((text) => !isCdiDevice(text)).map(parseDevice),
    cdiDevices: [...device.filter(isCdiDevice), ...gpus.map((name) => `nvidia.com/gpu=${name}`)],
  };
}
