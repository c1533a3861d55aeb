import { defineFlags } from "@containers/common/cli/define-command";
import { blobCacheFlag, registryFlags } from "./registry.ts";

const { creds, "signature-policy": signaturePolicy } = registryFlags;

/** Flags of `buildah copy` and `buildah add`. */
export const addCopyFlags = defineFlags({
  ...blobCacheFlag,
  "add-history": {
    type: "bool",
    description: "add an entry for this operation to the image's history. Use BUILDAH_HISTORY environment variable to override.",
  },
  "cert-dir": { type: "string", description: "use certificates at the specified path to access registries and sources" },
  checksum: { type: "string", description: "checksum the HTTP source content" },
  chmod: { type: "string", description: "set the access permissions of the destination content" },
  chown: { type: "string", description: "set the user and group ownership of the destination content" },
  contextdir: { type: "string", description: "context directory path" },
  creds: { ...creds, hidden: true },
  "decryption-key": { type: "stringSlice", hidden: true, description: "key needed to decrypt the image" },
  exclude: { type: "stringSlice", description: "exclude pattern when copying files" },
  from: { type: "string", description: "use the specified container's or image's root directory as the source root directory" },
  ignorefile: { type: "string", description: "path to .containerignore file" },
  link: { type: "bool", description: "enable layer caching for this operation (creates an independent layer)" },
  parents: { type: "bool", description: "preserve leading directories in the paths of items being copied" },
  quiet: { type: "bool", short: "q", description: "don't output a digest of the newly-added/copied content" },
  "remove-signatures": { type: "bool", hidden: true, description: "don't copy signatures when pulling image" },
  retry: { type: "int", default: 3, description: "number of times to retry in case of failure when performing pull" },
  "retry-delay": { type: "string", default: "2s", description: "delay between retries in case of pull failures" },
  "signature-policy": signaturePolicy,
  timestamp: { type: "string", description: "set timestamps on new content to `seconds` after the epoch" },
  "tls-verify": {
    type: "bool",
    default: true,
    description: "require HTTPS and verify certificates when accessing registries when pulling images",
  },
});
