import { z } from "zod";
import { flag, listOf, metadata, optional, strictText, string, text, textMap, texts, whole } from "./fields.ts";

/** What `kube play` reads of pods. Fields that podman does not act on are passed over, as the manual's list of supported fields says. */

const quantities = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .nullish()
  .transform((map) => map ?? {});

const resources = optional(z.object({ limits: quantities, requests: quantities }));

const selinuxOptions = optional(z.object({ user: text, role: text, type: text, level: text, filetype: text }));

const keyRef = optional(z.object({ name: strictText, key: string, optional: flag }));
const sourceRef = optional(z.object({ name: strictText, optional: flag }));

const envVariable = z.object({
  name: string,
  value: text,
  valueFrom: optional(
    z.object({
      configMapKeyRef: keyRef,
      secretKeyRef: keyRef,
      fieldRef: optional(z.object({ fieldPath: string })),
      resourceFieldRef: optional(z.object({ containerName: text, resource: string, divisor: optional(z.union([z.string(), z.number()])) })),
    }),
  ),
});

const port = z.union([z.number().int(), z.string()]);

const probe = optional(
  z.object({
    exec: optional(z.object({ command: optional(z.array(z.string())) })),
    httpGet: optional(z.object({ path: strictText, port, host: strictText, scheme: strictText })),
    tcpSocket: optional(z.object({ port, host: strictText })),
    initialDelaySeconds: whole,
    periodSeconds: whole,
    timeoutSeconds: whole,
    successThreshold: whole,
    failureThreshold: whole,
  }),
);

const containerPort = z.object({
  name: text,
  containerPort: whole,
  hostPort: whole,
  hostIP: text,
  protocol: text,
});

const containerSecurity = optional(
  z.object({
    allowPrivilegeEscalation: flag,
    capabilities: optional(z.object({ add: texts, drop: texts })),
    privileged: flag,
    procMount: text,
    readOnlyRootFilesystem: flag,
    runAsGroup: whole,
    runAsUser: whole,
    seLinuxOptions: selinuxOptions,
  }),
);

const volumeMount = z.object({
  name: string,
  mountPath: string,
  readOnly: flag,
  subPath: text,
  mountPropagation: text,
});

const container = z.object({
  name: z
    .string()
    .nullish()
    .transform((name) => name ?? ""),
  image: text,
  command: texts,
  args: texts,
  workingDir: text,
  env: listOf(envVariable),
  envFrom: listOf(z.object({ configMapRef: sourceRef, secretRef: sourceRef })),
  imagePullPolicy: text,
  lifecycle: optional(z.object({ stopSignal: text })),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  ports: listOf(containerPort),
  resources,
  securityContext: containerSecurity,
  tty: flag,
  volumeMounts: listOf(volumeMount),
});

const keyToPath = z.object({ key: string, path: string });

const volume = z.object({
  name: string,
  configMap: optional(z.object({ name: text, items: listOf(keyToPath), defaultMode: whole, optional: flag })),
  emptyDir: optional(z.object({ medium: text })),
  hostPath: optional(z.object({ path: string, type: text })),
  image: optional(z.object({ reference: text, pullPolicy: text })),
  persistentVolumeClaim: optional(z.object({ claimName: string })),
  secret: optional(z.object({ secretName: text, items: listOf(keyToPath), defaultMode: whole, optional: flag })),
});

const podSecurity = optional(
  z.object({
    runAsGroup: whole,
    runAsUser: whole,
    seLinuxOptions: selinuxOptions,
    supplementalGroups: listOf(z.number().int()),
    sysctls: listOf(z.object({ name: string, value: string })),
  }),
);

const podSpecSchema = z.object({
  containers: listOf(container),
  initContainers: listOf(container),
  dnsConfig: optional(z.object({ nameservers: texts, searches: texts, options: listOf(z.object({ name: string, value: text })) })),
  hostAliases: listOf(z.object({ ip: string, hostnames: texts })),
  hostIPC: flag,
  hostNetwork: flag,
  hostPID: flag,
  hostUsers: flag,
  hostname: text,
  restartPolicy: text,
  securityContext: podSecurity,
  shareProcessNamespace: flag,
  terminationGracePeriodSeconds: whole,
  volumes: listOf(volume),
});

const emptyPodSpec = podSpecSchema.parse({});

const podSpec = podSpecSchema.nullish().transform((spec) => spec ?? emptyPodSpec);

export const podSchema = z.object({ metadata, spec: podSpec });

const podTemplate = z
  .object({ metadata, spec: podSpec })
  .nullish()
  .transform((template) => template ?? { metadata: { name: undefined, labels: {}, annotations: {} }, spec: emptyPodSpec });

/** Deployments, DaemonSets and Jobs: a pod to be made from a template. */
export const workloadSchema = z.object({
  metadata,
  spec: z
    .object({ replicas: whole, template: podTemplate })
    .nullish()
    .transform((spec) => spec ?? { replicas: undefined, template: podTemplate.parse({}) }),
});

export const configMapSchema = z.object({ metadata, data: textMap, binaryData: textMap });

export const secretSchema = z.object({ metadata, data: textMap, stringData: textMap, type: text, immutable: flag });

export const claimSchema = z.object({ metadata });

export type PodTemplate = z.output<typeof podSchema>;
export type KubePodYaml = z.output<typeof podSpecSchema>;
export type KubeContainerYaml = z.output<typeof container>;
export type KubeVolumeYaml = z.output<typeof volume>;
export type KubeProbe = NonNullable<z.output<typeof probe>>;
export type KubeEnvVariable = z.output<typeof envVariable>;
export type ConfigMap = z.output<typeof configMapSchema>;
