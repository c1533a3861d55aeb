import type { BuildContext } from "./build-context.ts";
import type { StageState } from "./stage-state.ts";
import { warn } from "./warn.ts";

/** Says what the OCI format cannot keep of the config, each time that an image is made. */
export function formatWarnings(context: BuildContext, state: StageState): void {
  if (context.options.format === "docker") return;
  for (const trigger of state.onBuild)
    warn(context.ports, `ONBUILD is not supported for OCI image format, ${trigger} will be ignored. Must use \`docker\` format`);
  if (state.shell.length > 0)
    warn(
      context.ports,
      `SHELL is not supported for OCI image format, [${state.shell.join(" ")}] will be ignored. Must use \`docker\` format`,
    );
  if (state.healthcheck !== undefined)
    warn(context.ports, "HEALTHCHECK is not supported for OCI image format and will be ignored. Must use `docker` format");
}
