import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { goJson } from "@containers/image/manifest/go-json";
import { isNameOnly, type NamedReference, parseNormalizedName } from "@containers/image/reference/reference";
import { findTransport } from "@containers/image/transports/register";
import { registryAccess, registryFlags, retryFlags } from "../flags/image.ts";
import { type SkopeoCommand, withCommand, withExitCode } from "../with-command.ts";

/** `skopeo list-tags`. */
export const listTagsCommand = defineCommand({
  name: "list-tags",
  summary: "List tags in the transport/repository specified by the SOURCE-IMAGE",
  description: `Return the list of tags from the transport/repository "SOURCE-IMAGE"

Supported transports:
docker docker-archive

See skopeo-list-tags(1) section "REPOSITORY NAMES" for the expected format
`,
  usage: "SOURCE-IMAGE",
  examples: ["skopeo list-tags docker://docker.io/fedora"],
  flags: { ...registryFlags, ...retryFlags },
  args: { min: 0 },
  needsUserNamespace: false,
  run: (invocation) =>
    withCommand(invocation, async (command) => {
      const [name, more] = invocation.args;
      if (name === undefined || more !== undefined) throw new ToolError("invalid-argument", "Exactly one non-option argument expected");
      invocation.out.stdout(`${goJson(await listTags(name, command), 4)}\n`);
    }),
});

interface TagList {
  readonly Repository?: string;
  readonly Tags: readonly string[];
}

async function listTags(name: string, command: SkopeoCommand): Promise<TagList> {
  const colon = name.indexOf(":");
  const transport = colon === -1 ? undefined : findTransport(name.slice(0, colon))?.name;
  if (transport === undefined) throw new ToolError("invalid-argument", `Invalid "${name}": does not specify a transport`);
  const rest = name.slice(colon + 1);
  if (transport === "docker") return listRegistry(parseRepository(name, rest), command);
  if (transport === "docker-archive") return listArchive(rest, command);
  throw new ToolError("unsupported", `Unsupported transport '${transport}' for tag listing. Only supported: docker, docker-archive`);
}

function parseRepository(name: string, rest: string): NamedReference {
  if (!rest.startsWith("//")) throw new ToolError("invalid-argument", `docker: image reference ${name} does not start with docker://`);
  const reference = parseNormalizedName(rest.slice(2));
  if (!isNameOnly(reference)) throw new ToolError("invalid-argument", "No tag or digest allowed in reference");
  return reference;
}

async function listRegistry(repository: NamedReference, command: SkopeoCommand): Promise<TagList> {
  const { listTags: tagsOf } = await import("@containers/image/registry-client/tags");
  const options = { registry: registryAccess(command), signal: command.signal };
  try {
    const tags = await command.retrying(() => tagsOf(repository, options));
    return { Repository: repository.name, Tags: tags };
  } catch (error) {
    // Here the original does not tell what is missing by its status.
    throw withExitCode(wrapError("Error listing repository tags", error), 1);
  }
}

async function listArchive(path: string, command: SkopeoCommand): Promise<TagList> {
  const [{ openArchive }, { temporaryDirectory }, { readArchiveManifest }] = await Promise.all([
    import("@containers/image/transports/archive-file/archive-reader"),
    import("@containers/image/transports/blob-file"),
    import("@containers/image/transports/docker-archive/archive-manifest"),
  ]);
  const reader = await openArchive(path, temporaryDirectory(command.globals.temporaryDirectory));
  try {
    const images = await readArchiveManifest(reader);
    return { Tags: images.flatMap((image, index) => (image.repoTags.length === 0 ? [`@${index}`] : image.repoTags)) };
  } finally {
    reader.close();
  }
}
