import { restartPods } from "../../../pods/restart.ts";
import { podDeedCommand } from "./pod-deed.ts";

/** `podman pod restart`. */
export const podRestartCommand = podDeedCommand(
  {
    name: "restart",
    summary: "Restart one or more pods",
    description: "Stops and starts all containers of the pods.",
    examples: ["podman pod restart podID1 podID2", "podman pod restart --all"],
  },
  { local: restartPods, remote: (service, references, deeds) => deeds.restartPods(service, references) },
);
