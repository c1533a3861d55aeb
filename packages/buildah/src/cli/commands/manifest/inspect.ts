import { defineCommand } from "@containers/common/cli/define-command";
import { goJson } from "@containers/image/manifest/go-json";
import { inspectList } from "@containers/image/manifest-lists/inspect";
import { registryFlags } from "../../flags/registry.ts";
import { openManifestImages } from "./manifest-flags.ts";

/** `buildah manifest inspect`. */
export const inspectCommand = defineCommand({
  name: "inspect",
  summary: "Display the contents of a manifest list or image index",
  description: "Display the contents of a manifest list or image index.",
  usage: "IMAGE",
  examples: ["buildah manifest inspect mylist:v1.11"],
  flags: { authfile: registryFlags.authfile, "tls-verify": registryFlags["tls-verify"] },
  args: { min: 1, max: 1, missing: "at least a source list ID must be specified" },
  run: async (invocation) => {
    const list = await inspectList(openManifestImages(invocation), invocation.args[0] ?? "");
    invocation.out.stdout(`${goJson(list, 4)}\n`);
    return undefined;
  },
});
