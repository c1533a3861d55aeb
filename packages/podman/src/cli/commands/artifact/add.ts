import { defineCommand } from "@containers/common/cli/define-command";
import { digestHex } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import { addArtifact } from "@containers/image/artifacts/add-artifact";
import { artifactStore } from "@containers/image/artifacts/artifact-store";
import { onSide } from "../../on-side.ts";

/** `podman artifact add`. */
export const artifactAddCommand = defineCommand({
  name: "add",
  summary: "Add an OCI artifact to the local store",
  description: "Makes an OCI artifact of files of this machine, in the local store.",
  usage: "ARTIFACT PATH [...PATH]",
  examples: ["podman artifact add quay.io/myimage/myartifact:latest /tmp/foobar.txt"],
  flags: {
    annotation: { type: "stringArray", description: "Set an `annotation` for the files of the artifact (key=value)" },
    append: { type: "bool", short: "a", description: "Add the files to an artifact that is there" },
    "file-type": { type: "string", description: "Media type of the files, instead of what their content tells" },
    replace: { type: "bool", description: "Take the place of an artifact of this name" },
    type: { type: "string", description: "Type of the artifact" },
  },
  args: { min: 2 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const [name = "", ...paths] = args;
    const options = {
      annotations: annotations(flags.annotation),
      append: flags.append,
      replace: flags.replace,
      fileType: flags.fileType || undefined,
      artifactType: flags.type || undefined,
    };
    const digest = await onSide(invocation, {
      local: ({ store }) =>
        addArtifact(
          artifactStore(store.graphRoot),
          name,
          paths.map((path) => ({ path })),
          options,
        ),
      remote: async (service) => (await import("../../../remote/artifacts/deeds.ts")).addArtifact(service, name, paths, options),
    });
    out.stdout(`${digestHex(digest)}\n`);
    return undefined;
  },
});

function annotations(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      if (equals <= 0) throw new ToolError("invalid-argument", `no value given for annotation ${JSON.stringify(text)}`);
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}
