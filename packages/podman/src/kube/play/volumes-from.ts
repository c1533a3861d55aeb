import { ToolError } from "@containers/common/errors/tool-error";
import { kubeAnnotations } from "../kube-annotations.ts";

/**
 * Containers whose volumes an annotation has a container take over: `one:ro;two`. Those of the pod that come before it are meant by their names
 * in the file.
 *
 * @throws ToolError invalid-argument
 */
export function volumesFromOf(
  name: string,
  pod: { readonly annotations: Readonly<Record<string, string>>; readonly earlier: ReadonlySet<string>; readonly podName: string },
): string[] {
  const key = `${kubeAnnotations.volumesFrom}/${name}`;
  const text = pod.annotations[key] ?? "";
  if (text === "") return [];
  return text.split(";").map((entry) => {
    const [source = "", options, ...more] = entry.split(":");
    if (more.length > 0) throw new ToolError("invalid-argument", `invalid annotation ${key} value`);
    if (source === "") throw new ToolError("invalid-argument", `from container name cannot be empty in annotation ${key}`);
    if (source === name) throw new ToolError("invalid-argument", `to and from container names cannot be same in annotation ${key}`);
    const full = pod.earlier.has(source) ? `${pod.podName}-${source}` : source;
    return options === undefined ? full : `${full}:${options}`;
  });
}
