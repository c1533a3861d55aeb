import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "../../container-spec/container-spec.ts";
import type { SecuritySpec } from "../../container-spec/security-spec.ts";
import { kubeAnnotations } from "../kube-annotations.ts";
import type { KubeContainerYaml, KubePodYaml } from "../schema/pod-schema.ts";

/** Whom the container runs as, and with which rights: the container's own words win over the pod's. */
export function securityOf(
  container: Pick<KubeContainerYaml, "name" | "securityContext">,
  pod: KubePodYaml["securityContext"],
  given: { readonly annotations: Readonly<Record<string, string>>; readonly seccompProfile: string | undefined },
): Pick<ContainerSpec, "user" | "groupAdd" | "readOnly" | "security"> {
  const own = container.securityContext;
  const label = given.annotations[`${kubeAnnotations.label}/${container.name}`];
  const labels = labelOptions(own?.seLinuxOptions ?? pod?.seLinuxOptions);
  const security: SecuritySpec = {
    privileged: own?.privileged,
    capAdd: own?.capabilities?.add ?? [],
    capDrop: own?.capabilities?.drop ?? [],
    noNewPrivileges: own?.allowPrivilegeEscalation === undefined ? undefined : !own.allowPrivilegeEscalation,
    unmask: own?.procMount === "Unmasked" ? ["ALL"] : [],
    securityOptions: shownOptions(container, given.annotations),
    labelOptions: label === undefined || labels.includes(label) ? labels : [...labels, label],
    seccompProfile: given.seccompProfile,
  };
  return {
    user: userOf(own?.runAsUser ?? pod?.runAsUser, own?.runAsGroup ?? pod?.runAsGroup),
    groupAdd: (pod?.supplementalGroups ?? []).map(String),
    readOnly: own?.readOnlyRootFilesystem,
    security,
  };
}

/** What `inspect` shows as `--security-opt`: annotations tell of what a pod was made from, and are all that is known of it. */
function shownOptions(
  { name, securityContext: own }: Pick<KubeContainerYaml, "name" | "securityContext">,
  annotations: Readonly<Record<string, string>>,
): string[] {
  const told = (["label", "seccomp", "apparmor"] as const).flatMap((option) => {
    const value = annotations[`${kubeAnnotations[option]}/${name}`];
    return value === undefined ? [] : [`${option}=${value}`];
  });
  return [
    ...(own?.allowPrivilegeEscalation === false ? ["no-new-privileges"] : []),
    ...told,
    ...(own?.procMount === "Unmasked" ? ["unmask=all"] : []),
  ];
}

function userOf(user: number | undefined, group: number | undefined): string | undefined {
  if (group !== undefined) return `${user ?? 0}:${group}`;
  return user === undefined ? undefined : String(user);
}

function labelOptions(options: NonNullable<KubePodYaml["securityContext"]>["seLinuxOptions"]): string[] {
  if (options === undefined) return [];
  const named = [
    ["user", options.user],
    ["role", options.role],
    ["type", options.type],
    ["level", options.level],
    ["filetype", options.filetype],
  ] as const;
  return named.flatMap(([key, value]) => (value ? [`${key}:${value}`] : []));
}

const CONTAINER_SECCOMP = "container.seccomp.security.alpha.kubernetes.io";
const POD_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod";

/**
 * The seccomp profile that annotations choose for a container; undefined for the usual one. `localhost/NAME` is a file below `root`.
 * @throws ToolError invalid-argument for anything else
 */
export function seccompProfileOf(container: string, annotations: Readonly<Record<string, string>>, root: string): string | undefined {
  for (const key of Object.keys(annotations)) {
    const [prefix, name, ...more] = key.split("/");
    if (prefix === CONTAINER_SECCOMP && (name === undefined || more.length > 0))
      throw new ToolError("invalid-argument", `invalid seccomp path: ${prefix}`);
  }
  const chosen = annotations[`${CONTAINER_SECCOMP}/${container}`] ?? annotations[POD_SECCOMP];
  if (chosen === undefined || chosen === "docker/default" || chosen === "runtime/default") return undefined;
  if (chosen === "unconfined") return chosen;
  const [scheme, name] = chosen.split("/");
  if (scheme === "localhost" && name) return `${root}/${name}`;
  throw new ToolError("invalid-argument", `invalid seccomp path: ${chosen}`);
}
