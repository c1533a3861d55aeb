import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ResourceSpec } from "../../../container-spec/resource-spec.ts";
import { type ContainerChanges, updateContainer } from "../../../containers/update.ts";
import { healthChanges, healthFlags } from "../../flags/health-flags.ts";
import { restartPolicy } from "../../flags/process-flags.ts";
import { environmentEntries } from "../../flags/read-lists.ts";
import { limitFlags, limitSpec } from "../../flags/resource-flags.ts";
import { onSide } from "../../on-side.ts";
import { latestFlag, oneContainer, oneReference } from "./targets.ts";

const flags = {
  ...latestFlag,
  ...limitFlags,
  ...healthFlags,
  env: { type: "stringArray", short: "e", description: "Set an environment variable" },
  restart: { type: "string", description: 'When to start again ("no", "always", "on-failure[:N]", "unless-stopped")' },
  unsetenv: { type: "stringArray", description: "Drop an environment variable" },
} as const;

/** `--restart ""`. */
const NO_RESTART = { name: "no" } as const;

type Values = FlagValues<typeof flags>;

/** `podman update`. */
export const updateCommand = defineCommand({
  name: "update",
  summary: "Update an existing container",
  description: "Changes the limits of a container, at once when it runs, and its health checks, environment and restart policy.",
  usage: "CONTAINER",
  examples: ["podman update --cpus=5 foobar_container", "podman update --memory 1g --pids-limit 100 foobar_container"],
  flags,
  args: { min: 0 },
  run: async (invocation) => {
    const { flags: values, args, commandPath, out } = invocation;
    if (args.length > 1) throw new ToolError("invalid-argument", `\`${commandPath}\` accepts at most one argument`);
    if (args.length === 0 && !values.latest)
      throw new ToolError("invalid-argument", `${JSON.stringify(commandPath)} requires a name, id, or the "--latest" flag`);
    const id = await onSide(invocation, {
      local: (engine) => {
        const reference = oneContainer(engine, args, { latest: values.latest }).replace(/^\//, "");
        return updateContainer(engine, reference, changesOf(invocation));
      },
      remote: async (service) => {
        const { health, ...changes } = changesOf(invocation);
        const remote = await import("../../../remote/containers/update.ts");
        return remote.updateContainer(service, oneReference(args), {
          ...changes,
          health: health === undefined ? {} : givenHealth(invocation),
        });
      },
    });
    out.stdout(`${id}\n`);
    return 0;
  },
});

function changesOf({ flags: values, given }: Invocation<Values>): ContainerChanges {
  const ofHealth = Object.keys(healthFlags).some(given);
  const restart = given("restart") ? (restartPolicy({ restart: values.restart, rm: false }, "") ?? NO_RESTART) : undefined;
  return {
    ...(Object.keys(limitFlags).some(given) ? { resources: givenLimits(values, given) } : {}),
    ...(restart === undefined ? {} : { restart }),
    ...(given("env") ? { env: environmentEntries(values.env) } : {}),
    ...(given("unsetenv") ? { unsetEnv: values.unsetenv } : {}),
    ...(ofHealth ? { health: healthChanges(values, given) } : {}),
  };
}

/** The flags that speak of checks, by the words that a service has for them. */
function givenHealth({ flags: values, given }: Invocation<Values>): Record<string, string | number | boolean | undefined> {
  return {
    health_cmd: given("health-cmd") ? values.healthCmd : undefined,
    health_interval: given("health-interval") ? values.healthInterval : undefined,
    health_log_destination: given("health-log-destination") ? values.healthLogDestination : undefined,
    health_max_log_count: given("health-max-log-count") ? values.healthMaxLogCount : undefined,
    health_max_log_size: given("health-max-log-size") ? values.healthMaxLogSize : undefined,
    health_on_failure: given("health-on-failure") ? values.healthOnFailure : undefined,
    health_retries: given("health-retries") ? values.healthRetries : undefined,
    health_start_period: given("health-start-period") ? values.healthStartPeriod : undefined,
    health_startup_cmd: given("health-startup-cmd") ? values.healthStartupCmd : undefined,
    health_startup_interval: given("health-startup-interval") ? values.healthStartupInterval : undefined,
    health_startup_retries: given("health-startup-retries") ? values.healthStartupRetries : undefined,
    health_startup_success: given("health-startup-success") ? values.healthStartupSuccess : undefined,
    health_startup_timeout: given("health-startup-timeout") ? values.healthStartupTimeout : undefined,
    health_timeout: given("health-timeout") ? values.healthTimeout : undefined,
    no_healthcheck: given("no-healthcheck") ? values.noHealthcheck : undefined,
  };
}

/** A new limit of memory sets that of swap too, unless that is given; no bytes are no limit that could be set. */
function withSwap(limits: ResourceSpec): ResourceSpec {
  if (limits.memory === undefined) return limits;
  if (limits.memory === 0) return { ...limits, memory: undefined };
  return { ...limits, memorySwap: limits.memorySwap ?? limits.memory * 2 };
}

/** Only what was given: the rest would put the defaults in the place of what the container has. */
function givenLimits(values: Values, given: (flag: string) => boolean): ResourceSpec {
  const limits = Object.entries(withSwap(limitSpec(values, given)));
  // The keys are those of the record that it was made of.
  return Object.fromEntries(
    limits.filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  ) as ResourceSpec;
}
