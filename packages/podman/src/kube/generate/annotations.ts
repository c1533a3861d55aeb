import type { ContainerConfig } from "../../containers/config.ts";
import { kubeAnnotations, podmanOnlyAnnotations } from "../kube-annotations.ts";
import { kubeName } from "./kube-objects.ts";

const AUTO_UPDATE = "io.containers.autoupdate";

/** A container's annotations as its pod has them: with the container's name behind a slash. */
export function podAnnotationsOf(config: ContainerConfig, podmanOnly: boolean): Record<string, string> {
  const name = kubeName(config.name);
  const own = Object.entries(createdWith(config)).filter(([key]) => podmanOnly || !podmanOnlyAnnotations.has(key));
  const updates = Object.entries(config.labels).filter(([key]) => key.includes(AUTO_UPDATE));
  return Object.fromEntries([...own, ...updates].map(([key, value]) => [`${key}/${name}`, value]));
}

/** The user's annotations and those that flags leave behind. */
function createdWith(config: ContainerConfig): Record<string, string> {
  const { resources, security } = config;
  const of = (key: string, value: string | undefined | false): Record<string, string> => (value ? { [key]: value } : {});
  return {
    ...config.annotations,
    ...of(kubeAnnotations.autoremove, config.autoRemove && "TRUE"),
    ...of("io.podman.annotations.autoremove-image", config.autoRemoveImage === true && "TRUE"),
    ...of(kubeAnnotations.privileged, security.privileged === true && "TRUE"),
    ...of(kubeAnnotations.init, config.initPath !== undefined && "TRUE"),
    ...of(kubeAnnotations.publishAll, config.network.publishAll && "TRUE"),
    ...of(kubeAnnotations.cidFile, config.cidfile),
    ...of(kubeAnnotations.pidsLimit, resources.pidsLimit === undefined ? undefined : String(resources.pidsLimit)),
    ...of(kubeAnnotations.cpuset, resources.cpusetCpus),
    ...of(kubeAnnotations.memoryNodes, resources.cpusetMems),
    ...of(kubeAnnotations.volumesFrom, config.volumesFrom.join(";")),
    ...of(kubeAnnotations.label, (security.labelOptions ?? []).join(",label=")),
    ...of(kubeAnnotations.seccomp, security.seccompProfile),
    ...of(kubeAnnotations.apparmor, security.apparmorProfile),
    ...(config.podId === "" || kubeAnnotations.sandbox in config.annotations ? {} : { [kubeAnnotations.sandbox]: config.podId }),
  };
}

/** Limits of processes (`nofile=100:200`) other than the configured ones. */
export function ulimitAnnotation({ resources }: ContainerConfig): Record<string, string> {
  const limits = (resources.ulimits ?? []).filter(({ name }) => name !== "host").map(({ name, soft, hard }) => `${name}=${soft}:${hard}`);
  return limits.length === 0 ? {} : { [kubeAnnotations.ulimit]: limits.join(",") };
}
