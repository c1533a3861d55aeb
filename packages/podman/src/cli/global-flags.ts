import { defineFlags } from "@containers/common/cli/define-command";
import { profileFlags } from "@containers/common/cli/refuse-profiles";
import { findModule } from "@containers/common/config/find-module";

/** Flags that stand before or after any command. */
export const globalFlags = defineFlags({
  ...profileFlags,
  "cgroup-manager": {
    type: "string",
    choices: ["cgroupfs", "systemd"],
    description: "Who makes the cgroups of containers (cgroupfs, systemd)",
  },
  "cdi-spec-dir": { type: "stringArray", description: "Directory of descriptions of CDI devices, instead of those of containers.conf" },
  conmon: { type: "string", description: "Path of the monitor program" },
  "db-backend": { type: "string", hidden: true, description: "Database to use: sqlite" },
  debug: { type: "bool", short: "D", hidden: true, description: "As --log-level debug, for docker's sake" },
  "events-backend": { type: "string", choices: ["file", "journald", "none"], description: "Where events are kept (file, journald, none)" },
  "default-mounts-file": { type: "string", hidden: true, description: "Read this file instead of mounts.conf" },
  "hooks-dir": { type: "stringArray", description: "Directory of OCI hooks" },
  imagestore: { type: "string", description: "Directory where images are stored, apart from containers" },
  "log-level": {
    type: "string",
    default: "warn",
    description: "Print messages of at least this level (trace, debug, info, warn, warning, error, fatal, panic)",
  },
  "max-workers": {
    type: "int",
    hidden: true,
    description: "How many containers are worked on at the same time at most",
    // One after the other is never more than that.
    validate: (text) =>
      /^[+-]?\d+$/.test(text) && Number(text) <= 0 ? `maximum workers must be set to a positive number (got ${Number(text)})` : undefined,
  },
  namespace: { type: "string", hidden: true, description: "View of the containers; there is one, which has no name" },
  "network-backend": { type: "string", hidden: true, description: "Program that makes networks: netavark" },
  "network-cmd-path": { type: "string", description: "Path of slirp4netns" },
  "network-config-dir": { type: "string", aliases: ["cni-config-dir"], description: "Directory of network definitions" },
  "pull-option": { type: "stringArray", hidden: true, description: "How images are pulled (KEY=VALUE, as in storage.conf's pull_options)" },
  "registries-conf": { type: "string", hidden: true, description: "Read this file instead of registries.conf" },
  root: { type: "string", description: "Directory where images, containers and volumes are stored" },
  runroot: { type: "string", description: "Directory of what does not outlive a reboot" },
  runtime: { type: "string", description: "Name or path of the OCI runtime" },
  "runtime-flag": { type: "stringArray", description: "Hand a flag (without its dashes) to the OCI runtime" },
  "storage-driver": { type: "string", description: "Storage driver: overlay or vfs" },
  "storage-opt": { type: "stringArray", description: "Option of the storage driver" },
  syslog: { type: "bool", description: "Write messages to the system log too" },
  tmpdir: { type: "string", description: "Directory of the engine's run-time state" },
  trace: { type: "bool", hidden: true, description: "Accepted for the sake of old scripts; the original traces nothing any more either" },
  "transient-store": { type: "bool", description: "Keep the store's container records in the run directory" },
  volumepath: { type: "string", description: "Directory of volumes" },
});

/** Flags that stand before the command alone: where the work is done, and where what it prints goes. */
export const leadingFlags = defineFlags({
  config: { type: "string", description: "Directory of docker's configuration, for its credentials (DOCKER_CONFIG)" },
  connection: { type: "string", short: "c", description: "Connection to a service, by name (CONTAINER_CONNECTION)" },
  context: { type: "string", hidden: true, description: "Connection by name, for docker's sake" },
  host: { type: "string", short: "H", hidden: true, description: "URL of a service, for docker's sake" },
  identity: { type: "string", description: "SSH identity file (CONTAINER_SSHKEY)" },
  module: {
    type: "stringArray",
    description: "Read a further containers.conf, by path or by name of a module",
    // One that is not there is told before anything else of the line is looked at.
    validate: (module) => {
      findModule(module);
      return undefined;
    },
  },
  noout: { type: "bool", hidden: true, description: "Print nothing on standard output" },
  out: { type: "string", description: "Write standard output to this file" },
  remote: { type: "bool", short: "r", description: "Use a service instead of working locally" },
  ssh: {
    type: "string",
    choices: ["golang", "native"],
    default: "golang",
    description: "Which ssh is used; both words mean the system's",
  },
  "tls-ca": { type: "string", description: "Certificates of authorities, in PEM, for a service by TCP" },
  "tls-cert": { type: "string", description: "Client certificate, in PEM, for a service by TCP" },
  "tls-key": { type: "string", description: "Key of the client certificate, in PEM" },
  url: { type: "string", description: "URL of a service (CONTAINER_HOST)" },
});
