import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { warn } from "../../executor/warn.ts";
import { applyConfigFlags, type ConfigChanges, formatNotes } from "../../working-container/config.ts";
import { saveWorkingContainer } from "../../working-container/create.ts";
import { openWorkingContainer } from "../../working-container/open.ts";
import { openCommandStore } from "../open-ports.ts";

/** `buildah config`. */
export const configCommand = defineCommand({
  name: "config",
  summary: "Update image configuration settings",
  description: "Modifies the configuration values which will be saved to the image.",
  usage: "CONTAINER",
  examples: [
    "buildah config --author='Jane Austen' --workingdir='/etc/mycontainers' containerID",
    'buildah config --entrypoint \'[ "/entrypoint.sh", "dev" ]\' containerID',
    "buildah config --env foo=bar --env PATH=$PATH containerID",
  ],
  flags: {
    "add-history": {
      type: "bool",
      description: "add an entry for this operation to the image's history. Use BUILDAH_HISTORY environment variable to override.",
    },
    annotation: {
      type: "stringArray",
      short: "a",
      description: "add `annotation` e.g. annotation=value, for the target image (default [])",
    },
    arch: { type: "string", description: "set `architecture` of the target image" },
    author: { type: "string", description: "set image author contact `information`" },
    cmd: { type: "string", description: "set the default `command` to run for containers based on the image" },
    comment: { type: "string", description: "set a `comment` in the target image" },
    "created-by": { type: "string", description: "set `description` of how the image was created" },
    domainname: { type: "string", description: "set a domain `name` for containers based on image" },
    entrypoint: { type: "string", description: "set `entry point` for containers based on image" },
    env: {
      type: "stringArray",
      short: "e",
      description: "add `environment variable` to be set when running containers based on image (default [])",
    },
    healthcheck: { type: "string", description: "set a `healthcheck` command for the target image" },
    "healthcheck-interval": {
      type: "string",
      description: "set the `interval` between runs of the `healthcheck` command for the target image",
    },
    "healthcheck-retries": { type: "int", description: "set the `number` of times the `healthcheck` command has to fail" },
    "healthcheck-start-interval": { type: "string", description: "set the time between health checks during the start period" },
    "healthcheck-start-period": {
      type: "string",
      description:
        "set the amount of `time` to wait after starting a container before a failed `healthcheck` command will count as a failure",
    },
    "healthcheck-timeout": {
      type: "string",
      description: "set the maximum amount of `time` to wait for a `healthcheck` command for the target image",
    },
    "history-comment": { type: "string", description: "set a `comment` for the history of the target image" },
    hostname: { type: "string", description: "set a host`name` for containers based on image" },
    label: { type: "stringArray", short: "l", description: "add image configuration `label` e.g. label=value" },
    onbuild: {
      type: "stringArray",
      description: "add onbuild command to be run on images based on this image. Only supported on 'docker' formatted images",
    },
    os: { type: "string", description: "set `operating system` of the target image" },
    "os-feature": { type: "string", description: "set required OS `feature` for the target image" },
    "os-version": { type: "string", description: "set required OS `version` for the target image" },
    port: { type: "stringSlice", short: "p", description: "add `port` to expose when running containers based on image (default [])" },
    shell: { type: "string", description: "add `shell` to run in containers" },
    "stop-signal": { type: "string", description: "set `stop signal` for containers based on image" },
    unsetannotation: { type: "stringSlice", description: "remove an annotation" },
    unsetlabel: { type: "stringSlice", description: "remove image configuration label" },
    user: { type: "string", short: "u", description: "set default `user` to run inside containers based on image" },
    variant: { type: "string", description: "set architecture `variant` of the target image" },
    volume: {
      type: "stringArray",
      short: "v",
      description: "add default `volume` path to be created for containers based on image (default [])",
    },
    workingdir: { type: "string", description: "set working `directory` for containers based on image" },
  },
  args: { min: 0, max: 1 },
  run: (invocation) => {
    const { flags, args, globals, given, out } = invocation;
    const [name] = args;
    if (name === undefined) throw new ToolError("invalid-argument", "container ID must be specified");
    const store = openCommandStore(globals);
    const container = openWorkingContainer(store, name);
    const text = (flag: string, value: string | undefined): string | undefined => (given(flag) ? (value ?? "") : undefined);
    const changes: ConfigChanges = {
      addHistory: flags.addHistory || process.env["BUILDAH_HISTORY"] === "true",
      annotations: flags.annotation,
      unsetAnnotations: flags.unsetannotation,
      labels: flags.label,
      unsetLabels: flags.unsetlabel,
      env: flags.env,
      ports: flags.port,
      volumes: flags.volume,
      onBuild: flags.onbuild,
      architecture: text("arch", flags.arch),
      author: text("author", flags.author),
      cmd: text("cmd", flags.cmd),
      createdBy: text("created-by", flags.createdBy),
      domainname: text("domainname", flags.domainname),
      entrypoint: text("entrypoint", flags.entrypoint),
      historyComment: text("history-comment", flags.historyComment),
      comment: text("comment", flags.comment),
      osFeatures: given("os-feature") && flags.osFeature !== undefined ? flags.osFeature.split(",") : [],
      hostname: text("hostname", flags.hostname),
      os: text("os", flags.os),
      osVersion: text("os-version", flags.osVersion),
      shell: text("shell", flags.shell),
      stopSignal: text("stop-signal", flags.stopSignal),
      user: text("user", flags.user),
      variant: text("variant", flags.variant),
      workingDir: text("workingdir", flags.workingdir),
      healthcheck: {
        command: text("healthcheck", flags.healthcheck),
        interval: text("healthcheck-interval", flags.healthcheckInterval),
        timeout: text("healthcheck-timeout", flags.healthcheckTimeout),
        startPeriod: text("healthcheck-start-period", flags.healthcheckStartPeriod),
        startInterval: text("healthcheck-start-interval", flags.healthcheckStartInterval),
        retries: given("healthcheck-retries") ? flags.healthcheckRetries : undefined,
      },
    };
    for (const note of formatNotes(container, changes)) warn(out, note);
    saveWorkingContainer(store, applyConfigFlags(container, changes));
    return undefined;
  },
});
