import { readFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { manifestDigest } from "@containers/image/manifest/manifest-digest";

/** `skopeo manifest-digest`. */
export const manifestDigestCommand = defineCommand({
  name: "manifest-digest",
  summary: "Compute a manifest digest of a file",
  usage: "MANIFEST-FILE",
  examples: ["skopeo manifest-digest manifest.json"],
  flags: {},
  args: { min: 0 },
  needsUserNamespace: false,
  run: ({ args, out }) => {
    const [path, more] = args;
    if (path === undefined || more !== undefined) throw new ToolError("invalid-argument", "Usage: skopeo manifest-digest manifest");
    out.stdout(`${manifestDigest(readManifest(path))}\n`);
  },
});

function readManifest(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (missing) throw new ToolError("not-found", `Error reading manifest from ${path}: open ${path}: no such file or directory`);
    throw wrapError(`Error reading manifest from ${path}`, error);
  }
}
