import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { type ContainerChanges, type HealthChanges, updateContainer } from "../../../containers/update.ts";
import type { ResourceSpec } from "../../../spec/container-spec.ts";
import { checkSpec, healthFlags, logSpec, onFailure, parseTest, startupFields } from "../../flags/health-flags.ts";
import { restartPolicy } from "../../flags/process-flags.ts";
import { environmentEntries } from "../../flags/read-lists.ts";
import { limitFlags, limitSpec } from "../../flags/resource-flags.ts";
import { engineFor, latestFlag, oneContainer } from "./targets.ts";

const flags = {
  ...latestFlag,
  ...limitFlags,
  ...healthFlags,
  env: { type: "stringArray", short: "e", description: "Set an environment variable" },
  restart: { type: "string", description: 'When to start again ("no", "always", "on-failure[:N]", "unless-stopped")' },
  unsetenv: { type: "stringArray", description: "Drop an environment variable" },
} as const;

type Values = FlagValues<typeof flags>;

/** `podman update`. */
export const updateCommand = defineCommand({
  name: "update",
  summary: "Update an existing container",
  description: "Changes the limits of a container, at once when it runs, and its health checks, environment and restart policy.",
  usage: "CONTAINER",
  examples: ["podman update --cpus=5 foobar_container", "podman update --memory 1g --pids-limit 100 foobar_container"],
  flags,
  args: { max: 1 },
  run: async (invocation) => {
    const { flags: values, args, commandPath, out } = invocation;
    if (args.length === 0 && !values.latest)
      throw new ToolError("invalid-argument", `${JSON.stringify(commandPath)} requires a name, id, or the "--latest" flag`);
    const engine = engineFor(invocation);
    const reference = oneContainer(engine, args, values.latest).replace(/^\//, "");
    const id = await updateContainer(engine, reference, changesOf(invocation));
    out.stdout(`${id}\n`);
    return 0;
  },
});

function changesOf({ flags: values, given }: Invocation<Values>): ContainerChanges {
  const ofHealth = Object.keys(healthFlags).some(given);
  const restart = given("restart") ? restartPolicy({ restart: values.restart, rm: false }, "") : undefined;
  return {
    ...(Object.keys(limitFlags).some(given) ? { resources: givenLimits(values, given) } : {}),
    ...(restart === undefined ? {} : { restart }),
    ...(given("env") ? { env: environmentEntries(values.env) } : {}),
    ...(given("unsetenv") ? { unsetEnv: values.unsetenv } : {}),
    ...(ofHealth ? { health: healthChanges(values, given) } : {}),
  };
}

/** Only what was given: the rest would put the defaults in the place of what the container has. */
function givenLimits(values: Values, given: (flag: string) => boolean): ResourceSpec {
  const limits = Object.entries(limitSpec(values, given));
  // The keys are those of the record that it was made of.
  return Object.fromEntries(
    limits.filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  ) as ResourceSpec;
}

function healthChanges(values: Values, given: (flag: string) => boolean): HealthChanges {
  if (values.noHealthcheck) {
    const others = Object.keys(healthFlags).filter(
      (flag) => flag !== "no-healthcheck" && /cmd|interval|retries|success|timeout|period/.test(flag),
    );
    if (others.some(given)) throw new ToolError("invalid-argument", "cannot specify both --no-healthcheck and other HealthCheck flags");
  }
  const startup = startupChanges(values, given);
  return {
    ...(values.noHealthcheck ? { none: true } : checkSpec(values, given, "given")),
    ...logSpec(values, given),
    ...(given("health-on-failure") ? { onFailure: onFailure(values) } : {}),
    ...(startup === undefined ? {} : { startup }),
  };
}

function startupChanges(values: Values, given: (flag: string) => boolean): HealthChanges["startup"] {
  const fields = startupFields(values, given);
  const command = values.healthStartupCmd ?? "";
  if (command === "" && Object.keys(fields).length === 0) return undefined;
  return { ...fields, ...(command === "" ? {} : { test: parseTest(command) }) };
}
