import { defineCommand } from "@containers/common/cli/define-command";
import { isErrorOfKind } from "@containers/common/errors/tool-error";
import { requireList } from "@containers/image/manifest-lists/list-record";
import { openImages } from "../../open-ports.ts";

/** `buildah manifest exists`: prints nothing, answers by exit code. */
export const existsCommand = defineCommand({
  name: "exists",
  summary: "Check if a manifest list exists in local storage",
  description: "Check if a manifest list exists in local storage.",
  usage: "MANIFEST",
  examples: ["buildah manifest exists mylist"],
  flags: {},
  args: { min: 1, max: 1 },
  run: (invocation) => {
    try {
      requireList(openImages(invocation, { quiet: true }), invocation.args[0] ?? "");
      return 0;
    } catch (error) {
      if (isErrorOfKind(error, "not-found")) return 1;
      throw error;
    }
  },
});
