import type { BuildContext } from "./build-context.ts";
import type { StageState } from "./stage-state.ts";

/** Says what the OCI format cannot keep of the config, each time that an image is made. */
export function formatWarnings(context: BuildContext, state: StageState): void {
  if (context.options.format === "docker" || context.options.quiet) return;
  const warn = (message: string) =>
    context.ports.stderr(`time="${new Date().toISOString().slice(0, 19)}Z" level=warning msg=${JSON.stringify(message)}\n`);
  for (const trigger of state.onBuild)
    warn(`ONBUILD is not supported for OCI image format, ${trigger} will be ignored. Must use \`docker\` format`);
  if (state.shell.length > 0)
    warn(`SHELL is not supported for OCI image format, [${state.shell.join(" ")}] will be ignored. Must use \`docker\` format`);
  if (state.healthcheck !== undefined)
    warn("HEALTHCHECK is not supported for OCI image format and will be ignored. Must use `docker` format");
}
