import { defineFlags, type FlagValues } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec, RestartPolicy } from "../../container-spec/container-spec.ts";
import { environmentEntries, keyValues, linesOfFiles } from "./read-lists.ts";

/** Who the container is and what runs in it. */
export const processFlags = defineFlags({
  annotation: { type: "stringArray", description: "Add an annotation (key=value)" },
  attach: { type: "stringSlice", short: "a", description: "Attach to stdin, stdout or stderr" },
  cidfile: { type: "string", description: "Write the container's id to this file" },
  "conmon-pidfile": { type: "string", description: "Write the monitor's process id to this file" },
  entrypoint: { type: "string", description: "Replace the image's ENTRYPOINT" },
  env: { type: "stringArray", short: "e", description: "Set an environment variable" },
  "env-file": { type: "stringArray", description: "Read environment variables from a file" },
  "env-merge": { type: "stringArray", description: "Set a variable with ${NAME} for what the image has (NAME=text)" },
  "env-host": { type: "bool", description: "Pass in all environment variables of the host" },
  chrootdirs: { type: "stringArray", description: "Directories inside that get the files of /etc too" },
  "group-entry": { type: "string", description: "Line of /etc/group for the user's group" },
  "group-add": { type: "stringSlice", description: "Add a supplementary group" },
  hostuser: { type: "stringSlice", description: "Add a user of the host to /etc/passwd" },
  hostname: { type: "string", short: "h", description: "Host name inside the container" },
  "http-proxy": { type: "bool", default: true, description: "Pass in the host's proxy variables" },
  init: { type: "bool", description: "Run an init process that forwards signals and reaps" },
  "init-path": { type: "string", description: "Path of the init program" },
  interactive: { type: "bool", short: "i", description: "Keep standard input open" },
  label: { type: "stringArray", short: "l", description: "Set a label (key=value)" },
  "label-file": { type: "stringArray", description: "Read labels from a file" },
  name: { type: "string", description: "Name of the container" },
  "no-hostname": { type: "bool", description: "Leave the image's /etc/hostname alone" },
  passwd: { type: "bool", default: true, description: "Add the user to /etc/passwd when it is missing" },
  "passwd-entry": { type: "string", description: "Line of /etc/passwd for the user" },
  personality: { type: "string", description: "Execution domain of the container (LINUX, LINUX32)" },
  pidfile: { type: "string", description: "Write the container's process id to this file" },
  replace: { type: "bool", description: "Remove a container that has the name already" },
  requires: { type: "stringSlice", description: "Containers that must run before this one" },
  restart: { type: "string", description: 'When to start again ("no", "always", "on-failure[:N]", "unless-stopped")' },
  rm: { type: "bool", description: "Remove the container when it ends" },
  rmi: { type: "bool", description: "Remove the image too when the container ends, unless something else uses it" },
  rootfs: { type: "bool", description: "The first argument is a directory to use as root file system" },
  sdnotify: {
    type: "string",
    default: "container",
    description: 'Who tells systemd that the service is ready ("container", "conmon", "ignore", "healthy")',
  },
  "stop-signal": { type: "string", description: "Signal that stops the container" },
  "stop-timeout": { type: "uint", description: "Seconds from the stop signal to SIGKILL" },
  systemd: { type: "string", default: "true", description: 'Prepare for systemd inside ("true", "false", "always")' },
  timeout: { type: "uint", description: "Seconds that the container may run" },
  tty: { type: "bool", short: "t", description: "Give the container a terminal" },
  tz: { type: "string", description: "Time zone inside the container" },
  umask: { type: "string", description: "umask inside the container, octal" },
  unsetenv: { type: "stringArray", description: "Drop an environment variable of the image" },
  "unsetenv-all": { type: "bool", description: "Drop all environment variables of the image" },
  user: { type: "string", short: "u", description: "User inside the container (name or number, with optional :group)" },
  workdir: { type: "string", short: "w", description: "Working directory inside the container" },
});

type Values = FlagValues<typeof processFlags>;

const streams = ["stdin", "stdout", "stderr"] as const;

/** The part of a spec that {@link processFlags} say. */
export function processSpec(values: Values, given: (flag: string) => boolean): Partial<ContainerSpec> {
  return {
    ...identity(values, given),
    ...environment(values, given),
    workdir: values.workdir,
    user: values.user,
    groupAdd: values.groupAdd,
    hostname: values.hostname,
    umask: values.umask,
    interactive: values.interactive,
    tty: values.tty,
    attach: attachedStreams(values.attach),
    remove: removal(values, given),
    removeImage: values.rmi,
    restart: restartPolicy(values),
    stopSignal: values.stopSignal,
    stopTimeout: values.stopTimeout,
    timeout: values.timeout,
    init: given("init") ? values.init : undefined,
    initPath: values.initPath,
    requires: values.requires,
    systemd: systemdMode(values.systemd),
    sdnotify: notifyMode(values.sdnotify),
    passwd: values.passwd,
    hostUsers: values.hostuser,
    passwdEntry: values.passwdEntry,
    groupEntry: values.groupEntry,
    chrootDirs: values.chrootdirs,
    personality: values.personality,
    timezone: values.tz,
  };
}

/** `--rmi` is of use only for what goes by itself, and so means `--rm`. */
function removal(values: Values, given: (flag: string) => boolean): boolean {
  if (values.rmi && given("rm") && !values.rm) throw new ToolError("invalid-argument", "the --rmi option does not work without --rm");
  return values.rm || values.rmi;
}

function identity(values: Values, given: (flag: string) => boolean): Partial<ContainerSpec> {
  return {
    // Docker shows names with a slash before them, and takes them so.
    name: values.name?.replace(/^\//, "") || undefined,
    replace: replace(values),
    entrypoint: given("entrypoint") ? parseEntrypoint(values.entrypoint ?? "") : undefined,
    labels: { ...keyValues(environmentEntries(linesOfFiles(values.labelFile))), ...keyValues(values.label) },
    annotations: annotationsOf(values.annotation),
    cidfile: values.cidfile,
    pidfile: values.pidfile,
    conmonPidfile: values.conmonPidfile,
  };
}

function replace(values: Values): boolean {
  if (values.replace && (values.name ?? "") === "")
    throw new ToolError("invalid-argument", "cannot replace container without --name being set");
  return values.replace;
}

function environment(values: Values, given: (flag: string) => boolean): Partial<ContainerSpec> {
  return {
    env: environmentEntries([...linesOfFiles(values.envFile), ...values.env]),
    envMerge: values.envMerge,
    envHost: given("env-host") ? values.envHost : undefined,
    httpProxy: values.httpProxy,
    unsetEnv: values.unsetenv,
    unsetEnvAll: values.unsetenvAll,
  };
}

/** A JSON list of words, or one word; empty clears the image's. */
function parseEntrypoint(text: string): readonly string[] {
  if (text.startsWith("[")) {
    try {
      const words: unknown = JSON.parse(text);
      if (Array.isArray(words) && words.every((word) => typeof word === "string")) return words;
    } catch {
      // One word that begins with a bracket.
    }
  }
  return text === "" ? [] : [text];
}

function attachedStreams(names: readonly string[]): ContainerSpec["attach"] {
  if (names.length === 0) return undefined;
  return names.map((name) => {
    const stream = streams.find((known) => known === name.toLowerCase());
    if (stream === undefined)
      throw new ToolError(
        "invalid-argument",
        `invalid stream ${JSON.stringify(name)} for --attach - must be one of stdin, stdout, or stderr: invalid argument`,
      );
    return stream;
  });
}

/** What `--restart` says; `doing` begins the message about an unknown policy. */
export function restartPolicy(
  { restart, rm }: Pick<Values, "restart" | "rm">,
  doing = "running container create option: ",
): RestartPolicy | undefined {
  if (restart === undefined || restart === "") return undefined;
  const [word = "", ...more] = restart.split(":");
  // Kubernetes' word.
  const name = word === "never" ? "no" : word;
  const retries = more.length === 0 ? undefined : more.join(":");
  if (retries !== undefined && name !== "on-failure")
    throw new ToolError("invalid-argument", "restart policy retries can only be specified with on-failure restart policy");
  const known = (["no", "always", "on-failure", "unless-stopped"] as const).find((policy) => policy === name);
  if (known === undefined)
    throw new ToolError("invalid-argument", `${doing}${JSON.stringify(name)} is not a valid restart policy: invalid argument`);
  if (retries !== undefined && /^-\d+$/.test(retries))
    throw new ToolError("invalid-argument", "must specify restart policy retry count as a number greater than 0");
  if (retries !== undefined && !/^\d+$/.test(retries)) {
    const reason = `strconv.Atoi: parsing ${JSON.stringify(retries)}: invalid syntax`;
    throw new ToolError("invalid-argument", `parsing restart policy retry count: ${reason}`);
  }
  if (rm && known !== "no")
    throw new ToolError("invalid-argument", 'the --rm option conflicts with --restart, when the restartPolicy is not "" and "no"');
  return { name: known, retries: retries === undefined ? undefined : Number(retries) };
}

/** @throws ToolError invalid-argument unless the text is one of the choices */
export function oneOf<const Choice extends string>(flag: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((known) => known === text);
  if (choice === undefined)
    throw new ToolError("invalid-argument", `invalid value ${JSON.stringify(text)} for --${flag}: must be one of ${choices.join(", ")}`);
  return choice;
}

function annotationsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      if (equals < 0) throw new ToolError("invalid-argument", "annotations must be formatted KEY=VALUE");
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

function systemdMode(text: string): ContainerSpec["systemd"] {
  const mode = text.toLowerCase();
  if (mode === "" || mode === "true") return "true";
  if (mode === "false" || mode === "always") return mode;
  const message = 'invalid config provided: --systemd values must be one of "true, false, always": invalid configuration';
  throw new ToolError("invalid-argument", message);
}

function notifyMode(text: string): ContainerSpec["sdnotify"] {
  if (text === "") return "container";
  if (text === "container" || text === "conmon" || text === "ignore" || text === "healthy") return text;
  throw new ToolError(
    "invalid-argument",
    `invalid config provided: invalid argument: invalid sdnotify value ${JSON.stringify(text)}: must be conmon, container, healthy or ignore`,
  );
}
