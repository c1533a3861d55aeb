import { defineFlags } from "@containers/common/cli/define-command";
import { profileFlags } from "@containers/common/cli/refuse-profiles";

/** Flags that every command of buildah takes. */
export const globalFlags = defineFlags({
  ...profileFlags,
  "cgroup-manager": { type: "string", description: "cgroup manager" },
  "default-mounts-file": { type: "string", hidden: true, description: "read this file instead of mounts.conf" },
  imagestore: { type: "string", description: "path to the image store" },
  "log-level": {
    type: "string",
    default: "warn",
    description: 'The log level to be used, one of "trace", "debug", "info", "warn", "error", "fatal", or "panic".',
  },
  "registries-conf": { type: "string", description: "path to registries.conf (not usually used)" },
  "registries-conf-dir": { type: "string", description: "path to registries.conf.d directory (not usually used)" },
  root: { type: "string", description: "storage root dir" },
  runroot: { type: "string", description: "storage state dir" },
  "short-name-alias-conf": { type: "string", description: "path to short name alias cache file (not usually used)" },
  "storage-driver": { type: "string", description: "storage-driver" },
  "storage-opt": { type: "stringSlice", description: "storage driver option" },
  "transient-store": { type: "bool", description: "store container metadata in tmpfs" },
  "userns-gid-map": { type: "stringSlice", description: "default `ctrID:hostID:length` GID mapping to use" },
  "userns-uid-map": { type: "stringSlice", description: "default `ctrID:hostID:length` UID mapping to use" },
  debug: { type: "bool", hidden: true, description: "print debugging information" },
});
