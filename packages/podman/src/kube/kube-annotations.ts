/** Annotations by which podman keeps in a kube file what kubernetes has no field for. */
const PREFIX = "io.podman.annotations.";

export const kubeAnnotations = {
  autoremove: `${PREFIX}autoremove`,
  cidFile: `${PREFIX}cid-file`,
  privileged: `${PREFIX}privileged`,
  publishAll: `${PREFIX}publish-all`,
  init: `${PREFIX}init`,
  label: `${PREFIX}label`,
  seccomp: `${PREFIX}seccomp`,
  apparmor: `${PREFIX}apparmor`,
  volumesFrom: `${PREFIX}volumes-from`,
  infraName: `${PREFIX}infra.name`,
  initContainerType: `${PREFIX}init.container.type`,
  userns: `${PREFIX}userns`,
  ulimit: `${PREFIX}ulimit`,
  pidsLimit: `${PREFIX}pids-limit`,
  cpuset: `${PREFIX}cpuset`,
  memoryNodes: `${PREFIX}memory-nodes`,
  imageAutomount: `${PREFIX}kube.image.volumes.mount`,
  healthCheck: `${PREFIX}kube.health.check`,
  /** The container that holds the pod's namespaces. */
  sandbox: "io.kubernetes.cri-o.SandboxID",
  /** `PATH:z` or `PATH:Z`: how a bind mount is labelled. */
  bindMount: "bind-mount-options",
  sdnotify: "io.containers.sdnotify",
} as const;

/** Left out of what is made for kubernetes: they say how podman itself is to treat the container. */
export const podmanOnlyAnnotations: ReadonlySet<string> = new Set([
  kubeAnnotations.cidFile,
  kubeAnnotations.autoremove,
  kubeAnnotations.privileged,
  kubeAnnotations.publishAll,
  kubeAnnotations.init,
  kubeAnnotations.label,
  kubeAnnotations.seccomp,
  kubeAnnotations.apparmor,
  kubeAnnotations.volumesFrom,
]);
