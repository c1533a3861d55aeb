import { defineCommand, type Invocation } from "@containers/common/cli/define-command";
import { describeError, isErrorOfKind } from "@containers/common/errors/tool-error";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { type InspectedImage, inspectImage } from "@containers/image/local-images/inspect";
import { withEmptyLists, withTimes } from "../inspect-fields.ts";
import { onImages } from "./with-images.ts";

/** `podman image inspect`. */
export const imageInspectCommand = defineCommand({
  name: "inspect",
  summary: "Display the configuration of an image",
  description: "Displays the low-level information of an image identified by name or ID.",
  usage: "IMAGE [IMAGE...]",
  examples: [
    "podman image inspect alpine",
    'podman image inspect --format "imageId: {{.Id}} size: {{.Size}}" alpine',
    'podman image inspect --format "image: {{.ImageName}} driver: {{.Driver}}" myctr',
  ],
  flags: { format: { type: "string", short: "f", default: "json", description: "Format the output to a Go template or json" } },
  args: { min: 1, missing: "no names or ids specified" },
  run: (invocation) =>
    onImages(invocation, {
      local: ({ images }) => inspectNames(invocation, (name) => inspectImage(images, name)),
      remote: async (service) => {
        const remote = await import("../../../remote/images/list.ts");
        return inspectNames(invocation, async (name) => (await remote.inspectImage(service, name)) as InspectedImage);
      },
    }),
});

async function inspectNames(
  { flags, args, out }: Invocation<{ readonly format: string }>,
  inspect: (name: string) => Promise<InspectedImage>,
): Promise<undefined> {
  const found: InspectedImage[] = [];
  const failures: unknown[] = [];
  for (const name of args) {
    try {
      found.push(await inspect(name));
    } catch (error) {
      if (!isErrorOfKind(error, "not-found")) throw error;
      failures.push(error);
    }
  }
  out.stdout(await printInspected(found, flags.format));
  const last = failures.pop();
  for (const failure of failures) out.stderr(`Error: ${describeError(failure)}\n`);
  if (last !== undefined) throw last;
}

/** The reports as JSON, or each through the template. */
async function printInspected(found: readonly InspectedImage[], format: string): Promise<string> {
  if (isJsonFormat(format) || format === "") return `${toJson(found.map(withMaps), { indent: 5, escapeHtml: true })}\n`;
  const { formatRows } = await import("@containers/common/report/format");
  return formatRows(format, found.map(templateData).map(withEmptyLists).map(withTimes), { name: "inspect", json: found.map(withMaps) });
}

/** Go sorts the keys of maps and keeps those of structs. */
function withMaps(image: InspectedImage): object {
  const map = <T>(record: Readonly<Record<string, T>> | undefined): Map<string, T> | undefined =>
    record === undefined ? undefined : new Map(Object.entries(record));
  const { Config } = image;
  return {
    ...image,
    Config: { ...Config, ExposedPorts: map(Config.ExposedPorts), Volumes: map(Config.Volumes), Labels: map(Config.Labels) },
    GraphDriver: { ...image.GraphDriver, Data: map(image.GraphDriver.Data) },
    Labels: image.Labels === null ? null : map(image.Labels),
    Annotations: map(image.Annotations),
  };
}

/** Templates name fields as Go has them: `ID` beside `Id`, `HealthCheck` for what JSON calls `Healthcheck`; an absent map is an empty one. */
function templateData(image: InspectedImage): object {
  const full = withMaps(image) as Record<string, unknown>;
  return { ...full, ID: image.Id, HealthCheck: image.Healthcheck ?? null, Labels: full["Labels"] ?? new Map() };
}
