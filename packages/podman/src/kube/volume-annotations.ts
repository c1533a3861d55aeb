const PREFIX = "volume.podman.io/";

/** Annotations of a PersistentVolumeClaim that say what podman's volume is to be. */
export const volumeAnnotations = {
  driver: `${PREFIX}driver`,
  device: `${PREFIX}device`,
  type: `${PREFIX}type`,
  uid: `${PREFIX}uid`,
  gid: `${PREFIX}gid`,
  mountOptions: `${PREFIX}mount-options`,
  importSource: `${PREFIX}import-source`,
  image: `${PREFIX}image`,
} as const;
