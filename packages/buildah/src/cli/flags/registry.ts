import { defineFlags } from "@containers/common/cli/define-command";

/** How a registry is reached. */
export const registryFlags = defineFlags({
  authfile: { type: "string", description: "path of the authentication file." },
  "cert-dir": { type: "string", description: "use certificates at the specified path to access the registry" },
  creds: { type: "string", description: "use `[username[:password]]` for accessing the registry" },
  "tls-verify": {
    type: "bool",
    default: true,
    description:
      "require HTTPS and verify certificates when accessing the registry. TLS verification cannot be used when talking to an insecure registry.",
  },
  "signature-policy": { type: "string", hidden: true, description: "`pathname` of signature policy file (not usually used)" },
});

/** Hidden everywhere: where blobs are kept between commands. */
export const blobCacheFlag = defineFlags({
  "blob-cache": {
    type: "string",
    hidden: true,
    description: "assume image blobs in the specified directory will be available for pushing",
  },
});

/** Hidden everywhere: where the host's definitions of devices and networks are. */
export const hostDirectoryFlags = defineFlags({
  "cdi-config-dir": { type: "string", hidden: true, description: "`directory` of CDI configuration files" },
  "cni-config-dir": { type: "string", hidden: true, description: "`directory` of network configuration files" },
  "cni-plugin-path": { type: "string", hidden: true, description: "`path` of CNI network plugins, of which there are none" },
});

export const retryFlags = defineFlags({
  retry: { type: "int", default: 3, description: "number of times to retry in case of failure when performing push/pull" },
  "retry-delay": { type: "string", description: "delay between retries in case of push/pull failures" },
});

export const platformFlags = defineFlags({
  arch: {
    type: "string",
    aliases: ["override-arch"],
    description: "set the ARCH of the image to the provided value instead of the architecture of the host",
  },
  os: {
    type: "string",
    aliases: ["override-os"],
    description: "set the OS to the provided value instead of the current operating system of the host",
  },
  platform: {
    type: "stringSlice",
    description:
      'set the `OS/ARCH[/VARIANT]` of the image to the provided value instead of the current operating system and architecture of the host (for example "linux/arm")',
  },
  variant: { type: "string", description: "override the `variant` of the specified image" },
});

export const pullFlags = defineFlags({
  pull: {
    type: "optionalString",
    noValue: "always",
    default: "missing",
    description: "pull base and SBOM scanner images from the registry. Values are: always, if missing, never, newer",
  },
  "pull-always": { type: "bool", hidden: true, description: "pull the image even if the named image is present in store" },
  "pull-never": { type: "bool", hidden: true, description: "do not pull the image, use the image present in store if available" },
});

/** Scanners that look at an image's files before it is committed. */
export const sbomFlags = defineFlags({
  sbom: { type: "string", description: "scan working container using `preset` configuration" },
  "sbom-image-output": { type: "string", description: "add scan results to image as `path`" },
  "sbom-image-purl-output": { type: "string", description: "add scan results to image as `path`" },
  "sbom-merge-strategy": { type: "string", description: "merge scan results using `strategy`" },
  "sbom-output": { type: "string", description: "save scan results to `file`" },
  "sbom-purl-output": { type: "string", description: "save scan results to `file`" },
  "sbom-scanner-command": { type: "stringArray", description: "scan working container using `command` in scanner image" },
  "sbom-scanner-image": { type: "string", description: "scan working container using scanner command from `image`" },
});
