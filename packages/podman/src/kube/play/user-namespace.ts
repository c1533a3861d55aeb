import type { UserNamespaceMode } from "../../container-spec/namespace-spec.ts";
import { parseUserMode } from "../../user-namespaces/parse-user-mode.ts";
import { kubeAnnotations } from "../kube-annotations.ts";
import type { PlayKubeOptions } from "./options.ts";

/** The user namespace of a pod: what the command says, else its annotations, else what `hostUsers` says; the host's by default. */
export function podUserNamespace({
  podName,
  annotations,
  hostUsers,
  asked,
}: {
  readonly podName: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly hostUsers: boolean | undefined;
  readonly asked: PlayKubeOptions["userns"];
}): UserNamespaceMode {
  if (asked !== undefined) return asked;
  const text = annotations[kubeAnnotations.userns] ?? annotations[`${kubeAnnotations.userns}/${podName}`];
  const fallback = hostUsers === false ? "auto" : "host";
  // Which ids a private namespace had is not known any more.
  const wanted = text === undefined ? fallback : text === "private" ? "auto" : text;
  return parseUserMode(wanted) ?? { kind: "host" };
}
