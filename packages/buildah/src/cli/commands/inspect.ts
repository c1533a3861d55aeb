import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { formatOne } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { GoTime } from "@containers/common/report/template/go-time";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { loadBase } from "../../working-container/create.ts";
import { findWorkingContainer } from "../../working-container/open.ts";
import type { WorkingContainer } from "../../working-container/record.ts";
import { inspectContainerJson } from "../../working-container/record-json.ts";
import { openImages } from "../open-ports.ts";

/** `buildah inspect`. */
export const inspectCommand = defineCommand({
  name: "inspect",
  summary: "Inspect the configuration of a container or image",
  description: "Inspects a build container's or built image's configuration.",
  usage: "CONTAINER or IMAGE",
  examples: [
    "buildah inspect containerID",
    "buildah inspect --type image imageWithTag",
    "buildah inspect --format '{{.OCIv1.Config.Env}}' alpine",
  ],
  flags: {
    format: { type: "string", short: "f", description: "use `format` as a Go template to format the output" },
    type: {
      type: "string",
      short: "t",
      default: "container",
      description: "look at the item of the specified `type` (container or image) and name",
    },
  },
  args: { min: 0, max: 1 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const [name] = args;
    if (name === undefined) throw new ToolError("invalid-argument", "container or image name must be specified");
    if (flags.type !== "container" && flags.type !== "image")
      throw new ToolError("invalid-argument", `the only recognized types are "container" and "image"`);
    const images = openImages(invocation, { quiet: true });
    const container = flags.type === "container" ? findWorkingContainer(images.store, name) : undefined;
    const shown = inspectContainerJson(
      container ?? (await asContainer(images, name, invocation.given("type") && flags.type === "container")),
    );
    if (flags.format !== undefined && flags.format !== "") out.stdout(formatOne(flags.format, withFieldNames(shown)).replace(/\n$/, ""));
    else out.stdout(`${toJson(shown)}\n`);
    return undefined;
  },
});

/** An image is shown as the container that would be made of it. */
async function asContainer(images: LocalImages, name: string, containersOnly: boolean): Promise<WorkingContainer> {
  if (containersOnly) throw new ToolError("not-found", `reading build container: container not known`);
  try {
    const base = await loadBase(images, { from: name, pull: "never", format: "oci", isolation: "oci", keepAnnotations: true });
    return { ...base, id: "", name: "" };
  } catch (error) {
    throw wrapError("importing settings", error);
  }
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  created: "Created",
  author: "Author",
  architecture: "Architecture",
  os: "OS",
  variant: "Variant",
  config: "Config",
  rootfs: "RootFS",
  type: "Type",
  diff_ids: "DiffIDs",
  history: "History",
  created_by: "CreatedBy",
  comment: "Comment",
  empty_layer: "EmptyLayer",
  container: "Container",
  container_config: "ContainerConfig",
};

/** Templates name fields as the original's types do, which differs from the JSON in the two image configs. */
function withFieldNames(shown: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...shown, OCIv1: renamed(shown["OCIv1"], 3), Docker: renamed(shown["Docker"], 3) };
}

const MAPS = ["Labels", "ExposedPorts", "Volumes"];

/** The user's own keys are printed with them. */
function withMaps(config: unknown): unknown {
  if (typeof config !== "object" || config === null) return config;
  const fields = Object.entries(config).map(([key, item]) => [
    key,
    MAPS.includes(key) && typeof item === "object" && item !== null ? new Map(Object.entries(item)) : item,
  ]);
  return Object.defineProperty(Object.fromEntries(fields), "toJSON", { value: () => config, enumerable: false });
}

function renamed(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, depth));
  if (typeof value !== "object" || value === null || depth === 0) return value;
  // Below `Config` the names are the same in both, and maps hold the user's own keys.
  const fields = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      FIELD_NAMES[key] ?? key,
      key === "created" && typeof item === "string"
        ? new GoTime(item)
        : key === "config" || key === "container_config"
          ? withMaps(item)
          : renamed(item, depth - 1),
    ]),
  );
  // Printed as JSON it has the names of the file format again.
  return Object.defineProperty(fields, "toJSON", { value: () => value, enumerable: false });
}
