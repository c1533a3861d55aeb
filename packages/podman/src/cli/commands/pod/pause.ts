import { pausePods, unpausePods } from "../../../pods/pause.ts";
import { podDeedCommand } from "./pod-deed.ts";

/** `podman pod pause`. */
export const podPauseCommand = podDeedCommand(
  {
    name: "pause",
    summary: "Pause one or more pods",
    description: "Freezes all processes of the pods' running containers.",
    examples: ["podman pod pause podID1 podID2", "podman pod pause --all"],
  },
  { local: pausePods, remote: (service, references, deeds) => deeds.pausePods(service, references) },
);

/** `podman pod unpause`. */
export const podUnpauseCommand = podDeedCommand(
  {
    name: "unpause",
    summary: "Unpause one or more pods",
    description: "Lets the processes of paused containers go on.",
    examples: ["podman pod unpause podID1 podID2", "podman pod unpause --all"],
  },
  { local: unpausePods, remote: (service, references, deeds) => deeds.unpausePods(service, references) },
);
