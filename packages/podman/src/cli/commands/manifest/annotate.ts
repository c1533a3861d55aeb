import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { annotateEntry, annotateIndex, parseAnnotations } from "@containers/image/manifest-lists/annotate";
import { memberDigest } from "@containers/image/manifest-lists/find-member";
import { requireList } from "@containers/image/manifest-lists/list-record";
import type { ListChange } from "../../../remote/manifests/deeds.ts";
import { onImages } from "../image/with-images.ts";
import { entryChanges, entryFlags } from "./manifest-flags.ts";

const flags = {
  ...entryFlags,
  index: { type: "bool", description: "apply --annotation values to the image index itself" },
  "os-features": { type: "stringSlice", description: "override the OS `features` of the specified image or artifact" },
  subject: { type: "string", valueName: "subject", description: "set the `subject` to which the image index refers" },
} as const;

/** Flags that speak of one entry, with what they set. */
const ENTRY_ONLY: ReadonlyArray<readonly [string, string]> = [
  ["arch", "architecture"],
  ["features", "features"],
  ["os", "OS"],
  ["os-features", "OS features"],
  ["os-version", "OS version"],
  ["variant", "variant"],
];

/** `podman manifest annotate`. */
export const manifestAnnotateCommand = defineCommand({
  name: "annotate",
  summary: "Add or update information about an entry in a manifest list or image index",
  description: "Adds or updates information about an entry in a manifest list or image index.",
  usage: "LIST IMAGEORARTIFACT",
  examples: [
    "podman manifest annotate --annotation left=right mylist:v1.11 sha256:15352d97781ffdf357bf3459c037be3efac4133dc9070c2dce7eca7c05c3e736",
  ],
  flags,
  args: { min: 1, max: 2 },
  run: async (invocation) => {
    const [name = "", member = ""] = invocation.args;
    checkTarget(invocation, member);
    const id = await onImages(invocation, {
      local: ({ images }) => annotate(images, { name, member }, invocation.flags),
      remote: async (service) => {
        const change = remoteChange(member, invocation.flags);
        return (await import("../../../remote/manifests/deeds.ts")).changeList(service, name, change, {});
      },
    });
    invocation.out.stdout(`${id}\n`);
    return undefined;
  },
});

type Values = FlagValues<typeof flags>;

async function annotate(
  images: LocalImages,
  { name, member }: { readonly name: string; readonly member: string },
  values: Values,
): Promise<string> {
  const list = requireList(images, name);
  if (member === "") {
    await annotateIndex(images, list.id, { annotations: parseAnnotations(values.annotation), subject: values.subject });
    return list.id;
  }
  let digest: string;
  try {
    digest = await memberDigest(images, list, member);
  } catch (error) {
    throw wrapError(`finding instance for "${member}"`, error);
  }
  await annotateEntry(images, list.id, digest, entryChanges(values));
  return list.id;
}

function remoteChange(member: string, values: Values): ListChange {
  const { annotations, architecture, features, os, osFeatures, osVersion, variant } = entryChanges(values);
  if (member === "") return { operation: "annotate", images: [""], index_annotations: annotations, subject: values.subject };
  const entry = { arch: architecture, os, os_features: osFeatures, os_version: osVersion, variant, features };
  return { operation: "annotate", images: [member], ...entry, ...(annotations === undefined ? {} : { annotations }) };
}

function checkTarget(invocation: Invocation<Values>, member: string): void {
  const { flags: values } = invocation;
  const refuse = (what: string): never => {
    throw new ToolError("invalid-argument", what);
  };
  if (member !== "") {
    if (values.index && values.annotation.length > 0)
      refuse("setting index-wide annotation in a manifest list requires no instance digest");
    if (values.subject) refuse("setting subject for a manifest list requires no instance digest");
    return;
  }
  if (values.annotation.length > 0 && !values.index) {
    refuse("setting annotation on an item in a manifest list requires an instance digest");
  }
  for (const [flag, what] of ENTRY_ONLY) {
    if (invocation.given(flag)) refuse(`setting ${what} on an item in a manifest list requires an instance digest`);
  }
}
