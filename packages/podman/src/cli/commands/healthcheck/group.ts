import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman healthcheck`: each command's module is loaded when it is called. */
export const healthcheckGroup: CommandGroup = {
  name: "healthcheck",
  summary: "Manage health checks on containers",
  description: "Run health checks on containers",
  commands: {
    run: { summary: "Run the health check of a container", load: async () => (await import("./run.ts")).healthcheckRunCommand },
  },
};
