import { ToolError } from "@containers/common/errors/tool-error";
import { readKubeDocuments } from "../schema/documents.ts";
import { readAs } from "../schema/fields.ts";
import { type ConfigMap, configMapSchema } from "../schema/pod-schema.ts";

/**
 * The config maps of `--configmap` files beside those of the kube file.
 * @throws ToolError invalid-argument for other kinds, and for names that both have
 */
export function withConfigMapFiles(
  known: readonly ConfigMap[],
  files: ReadonlyArray<{ readonly path: string; readonly text: string }>,
): ConfigMap[] {
  const names = new Set(known.map(({ metadata }) => metadata.name));
  const more = files.flatMap(({ path, text }) =>
    readConfigMaps(path, text).map((map) => {
      if (!names.has(map.metadata.name)) return map;
      throw new ToolError(
        "invalid-argument",
        `ambiguous configuration: the same config map ${map.metadata.name} is present in YAML and in --configmaps ${path} file`,
      );
    }),
  );
  return [...known, ...more];
}

function readConfigMaps(path: string, text: string): ConfigMap[] {
  return readKubeDocuments(text)
    .reverse()
    .map((document) => {
      if (document.kind !== "ConfigMap") {
        throw new ToolError(
          "invalid-argument",
          `"${path}": invalid YAML kind: "${document.kind}". [ConfigMap] is the only supported by --configmap`,
        );
      }
      return readAs(document, configMapSchema, "Kube ConfigMap");
    });
}

/** All keys of a map as files have them. */
export function configMapContents({ data, binaryData, metadata }: ConfigMap): Map<string, Buffer> {
  const twice = Object.keys(data).find((key) => key in binaryData);
  if (twice !== undefined) {
    throw new ToolError(
      "invalid-argument",
      `the ConfigMap "${metadata.name}" is invalid: duplicate key "${twice}" present in data and binaryData`,
    );
  }
  return new Map([
    ...Object.entries(data).map(([key, value]) => [key, Buffer.from(value)] as const),
    ...Object.entries(binaryData).map(([key, value]) => [key, Buffer.from(value, "base64")] as const),
  ]);
}
