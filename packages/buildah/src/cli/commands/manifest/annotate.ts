import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { annotateEntry, annotateIndex } from "@containers/image/manifest-lists/annotate";
import { memberDigest } from "@containers/image/manifest-lists/find-member";
import { requireList } from "@containers/image/manifest-lists/list-record";
import { entryChanges, entryFlags, listAnnotations, openManifestImages } from "./manifest-flags.ts";

/** `buildah manifest annotate`. */
export const annotateCommand = defineCommand({
  name: "annotate",
  summary: "Add or update information about an entry in a manifest list or image index",
  description: "Adds or updates information about an entry in a manifest list or image index.",
  usage: "LIST IMAGEORARTIFACT",
  examples: [
    "buildah manifest annotate --annotation left=right mylist:v1.11 sha256:15352d97781ffdf357bf3459c037be3efac4133dc9070c2dce7eca7c05c3e736",
  ],
  flags: {
    ...entryFlags,
    index: { type: "bool", description: "set annotations or artifact type for the index itself instead of an entry in the index" },
    subject: { type: "string", description: "set a subject for the image index" },
  },
  args: { min: 1, max: 2, missing: "at least a list image must be specified" },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const [name = "", member = ""] = args;
    if (member === "" && !flags.index)
      throw new ToolError("invalid-argument", "expected either a list and an image or artifact, or --index");
    const images = openManifestImages(invocation);
    const list = requireList(images, name);
    const annotations = listAnnotations(flags.annotation);
    if (flags.index || flags.subject) {
      await annotateIndex(images, list.id, { annotations: flags.index ? annotations : undefined, subject: flags.subject });
    }
    if (member === "") {
      out.stdout(`${list.id}\n`);
      return undefined;
    }
    const digest = await memberDigest(images, list, member);
    await annotateEntry(images, list.id, digest, { ...entryChanges(flags), ...(flags.index ? { annotations: undefined } : {}) });
    out.stdout(`${list.id}: ${digest}\n`);
    return undefined;
  },
});
