import { defineCommand } from "@containers/common/cli/define-command";
import { setDefaultConnection } from "../../../remote/destinations.ts";

const choosing = {
  flags: {},
  args: { min: 1, max: 1 },
  needsUserNamespace: false,
  run: ({ args }: { readonly args: readonly string[] }) => {
    setDefaultConnection(args[0] ?? "");
    return undefined;
  },
} as const;

/** `podman system connection default`. */
export const connectionDefaultCommand = defineCommand({
  name: "default",
  summary: "Set named destination as default for the Podman service",
  description: "Makes a service the one that is used when none is named.",
  usage: "NAME",
  examples: ["podman system connection default testing"],
  ...choosing,
});

/** `podman context use`. */
export const contextUseCommand = defineCommand({
  name: "use",
  summary: "Set named destination as default for the Podman service",
  description: "Makes a service the one that is used when none is named.",
  usage: "NAME",
  examples: ["podman context use testing"],
  ...choosing,
});
