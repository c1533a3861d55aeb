import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ResourceSpec } from "../../../container-spec/container-spec.ts";
import { type ContainerChanges, updateContainer } from "../../../containers/update.ts";
import { healthChanges, healthFlags } from "../../flags/health-flags.ts";
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
