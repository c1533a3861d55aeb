import type { VolumeRecord } from "../../state/state.ts";
import { volumeAnnotations } from "../volume-annotations.ts";
import { filledRecord, type KubeObject, kubeTimestamp } from "./kube-objects.ts";

/** A PersistentVolumeClaim out of a volume; what kubernetes has no field for becomes annotations. */
export function claimOf(volume: VolumeRecord, now: Date): KubeObject {
  const of = (key: string, value: string | undefined): Record<string, string> => (value === undefined ? {} : { [key]: value });
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: volume.name,
      labels: filledRecord(volume.labels),
      annotations: {
        [volumeAnnotations.driver]: volume.driver,
        ...of(volumeAnnotations.mountOptions, volume.options["o"]),
        ...of(volumeAnnotations.device, volume.options["device"]),
        ...of(volumeAnnotations.type, volume.options["type"]),
        ...of(volumeAnnotations.uid, volume.options["UID"]),
        ...of(volumeAnnotations.gid, volume.options["GID"]),
      },
      creationTimestamp: kubeTimestamp(now),
    },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    status: {},
  };
}
