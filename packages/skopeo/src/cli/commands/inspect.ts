import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { goJson } from "@containers/image/manifest/go-json";
import { isSchema1 } from "@containers/image/manifest/media-types";
import { transportNames } from "@containers/image/transports/register";
import { inspectConfig, inspectImage, type OpenedImage, openInspected } from "../../inspect/inspect.ts";
import { imageContext, imageFlags, registryAccess, retryFlags } from "../flags/image.ts";
import { parseName, type SkopeoCommand, withCommand } from "../with-command.ts";

const flags = {
  ...imageFlags,
  ...retryFlags,
  raw: { type: "bool", description: "output raw manifest or configuration" },
  config: { type: "bool", description: "output configuration" },
  format: { type: "string", short: "f", description: "Format the output to a Go template" },
  "no-tags": { type: "bool", short: "n", description: "Do not list the available tags from the repository in the output" },
  "manifest-digest": {
    type: "string",
    description: "Algorithm to use for computing manifest digest (sha256, sha512); defaults to algorithm used in config digest",
  },
} as const;

type InspectFlags = FlagValues<typeof flags>;

/** `skopeo inspect`. */
export const inspectCommand = defineCommand({
  name: "inspect",
  summary: "Inspect image IMAGE-NAME",
  description: `Return low-level information about "IMAGE-NAME" in a registry/transport
Supported transports:
${transportNames().join(", ")}

See skopeo(1) section "IMAGE NAMES" for the expected format
`,
  usage: "IMAGE-NAME",
  examples: [
    "skopeo inspect docker://registry.fedoraproject.org/fedora",
    "skopeo inspect --config docker://docker.io/alpine",
    'skopeo inspect --format "Name: {{.Name}} Digest: {{.Digest}}" docker://registry.access.redhat.com/ubi8',
  ],
  flags,
  args: { min: 0 },
  needsUserNamespace: false,
  run: (invocation) => withCommand(invocation, (command) => inspect(invocation, command)),
});

async function inspect(invocation: Invocation<InspectFlags>, command: SkopeoCommand): Promise<void> {
  const { flags: values, out } = invocation;
  const [name, more] = invocation.args;
  if (name === undefined || more !== undefined) throw new ToolError("invalid-argument", "Exactly one argument expected");
  if (values.raw && values.format) throw new ToolError("invalid-argument", "raw output does not support format option");
  const algorithm = digestAlgorithm(values.manifestDigest);
  const reference = parseName(`Error parsing image name "${name}"`, name);
  const context = imageContext(command, "", command.signal);
  const image = await command
    .retrying(() => openInspected(reference, context))
    .catch((error: unknown) => {
      throw wrapError(`Error parsing image name "${name}"`, error);
    });
  try {
    if (values.raw && !values.config) out.stdout(image.manifest.bytes);
    // Docker's first schema has no config of its own: there is nothing to print.
    else if (values.raw) out.stdout(isSchema1(image.manifest.mediaType) ? "" : await image.config());
    else if (values.config) await write(invocation, await inspectConfig(image));
    else await write(invocation, await inspectImage(image, { algorithm, tags: values.noTags ? undefined : () => tagsOf(image, command) }));
  } finally {
    await image.close();
  }
}

/** Every tag of the repository; undefined for places without. */
async function tagsOf(image: OpenedImage, command: SkopeoCommand): Promise<readonly string[]> {
  const { dockerReference } = image.reference;
  if (image.reference.transport !== "docker" || dockerReference === undefined) return [];
  try {
    if (image.tags !== undefined) return await image.tags();
    const { listTags } = await import("@containers/image/registry-client/tags");
    return await listTags(dockerReference, { registry: registryAccess(command), signal: command.signal });
  } catch (error) {
    throw wrapError("Error determining repository tags", error);
  }
}

async function write({ flags: values, out }: Invocation<InspectFlags>, data: object): Promise<void> {
  const { format } = values;
  if (format === undefined || format === "" || format.trim() === "json") {
    out.stdout(`${goJson(data, 4)}\n`);
    return;
  }
  const [{ formatRows }, { configTemplateData, inspectTemplateData }] = await Promise.all([
    import("@containers/common/report/format"),
    import("../../inspect/template-data.ts"),
  ]);
  const shown = values.config ? configTemplateData(data) : inspectTemplateData(data);
  out.stdout(formatRows(format, [shown], { name: "skopeo inspect", typeName: "interface {}" }));
}

function digestAlgorithm(name: string | undefined): "sha256" | "sha512" | undefined {
  if (name === undefined || name === "sha256" || name === "sha512") return name;
  throw new ToolError("invalid-argument", `digest algorithm "${name}" is not available`);
}
