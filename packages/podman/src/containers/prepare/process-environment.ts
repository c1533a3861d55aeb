import type { ContainerUser } from "@containers/common/spec-builder/look-up-user";
import type { ContainerConfig } from "../config.ts";

/** The configured environment with HOME and HOSTNAME where the user set none. */
export function processEnvironment(config: ContainerConfig, user: ContainerUser): string[] {
  const has = (name: string): boolean => config.env.some((entry) => entry.startsWith(`${name}=`));
  return [...config.env, ...(has("HOME") ? [] : [`HOME=${user.home}`]), ...(has("HOSTNAME") ? [] : [`HOSTNAME=${config.hostname}`])];
}
