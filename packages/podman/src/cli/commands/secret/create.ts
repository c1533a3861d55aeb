import { readFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { isTerminal } from "@containers/common/cli/output";
import { ToolError } from "@containers/common/errors/tool-error";
import { errnoCode } from "@containers/common/sys/sys-error";
import { openSecretStore } from "../../../secrets/secret-store.ts";
import { keyValues } from "../../flags/read-lists.ts";
import { engineFor } from "../container/targets.ts";

/** `podman secret create`. */
export const secretCreateCommand = defineCommand({
  name: "create",
  summary: "Create a new secret",
  description: "Keeps a secret that is read from a file, from standard input or from an environment variable.",
  usage: "NAME FILE|-",
  examples: ["podman secret create mysecret /path/to/secret", "printf secretdata | podman secret create mysecret -"],
  flags: {
    driver: { type: "string", short: "d", default: "file", description: "Driver of the secret (file)" },
    "driver-opts": { type: "stringSlice", description: "Options of the driver (key=value)" },
    env: { type: "bool", description: "Read the secret from the environment variable of this name" },
    ignore: { type: "bool", description: "Do not mind that it exists" },
    label: { type: "stringArray", short: "l", description: "Set a label (key=value)" },
    replace: { type: "bool", description: "Replace one that has the name" },
  },
  args: { min: 2, max: 2 },
  run: (invocation) => {
    const { flags, args, out } = invocation;
    const [name = "", source = ""] = args;
    if (flags.ignore && flags.replace) throw new ToolError("invalid-argument", "cannot use --ignore with --replace");
    const engine = engineFor(invocation);
    const store = openSecretStore(engine.paths.secretsDir);
    const known = new Set(store.list().map(({ id }) => id));
    const secret = store.create({
      name,
      data: flags.env ? environmentData(source) : source === "-" ? inputData() : fileData(source),
      driver: flags.driver,
      driverOptions: keyValues(flags.driverOpts),
      labels: keyValues(flags.label),
      ...(flags.ignore ? { existing: "ignore" } : flags.replace ? { existing: "replace" } : {}),
    });
    if (!known.has(secret.id)) engine.events.write({ type: "secret", status: "create", id: secret.id });
    out.stdout(`${secret.id}\n`);
    return undefined;
  },
});

function environmentData(name: string): Buffer {
  const value = process.env[name];
  if (value === undefined)
    throw new ToolError("invalid-argument", `cannot create store secret data: environment variable ${name} is not set`);
  return Buffer.from(value);
}

function inputData(): Buffer {
  if (isTerminal(0)) throw new ToolError("invalid-argument", "if `-` is used, data must be passed into stdin");
  return readFileSync(0);
}

function fileData(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (errnoCode(error) !== "ENOENT") throw error;
    throw new ToolError("not-found", `open ${path}: no such file or directory`, { exitCode: 125 });
  }
}
