import type { Invocation } from "@containers/common/cli/define-command";
import type { Engine } from "../../../engine/engine.ts";
import type { PodRecord } from "../../../pods/pod-record.ts";
import type { Service } from "../../../remote/service.ts";
import { onSide } from "../../on-side.ts";
import { choosePods, type PodChoice, podReferences } from "./targets.ts";

type RemoteDeeds = typeof import("../../../remote/pods/deeds.ts");

/** The two ways of doing one deed to the chosen pods. */
export interface PodWays<T> {
  local(engine: Engine, pods: readonly PodRecord[]): T | Promise<T>;
  remote(service: Service, references: readonly string[], deeds: RemoteDeeds): T | Promise<T>;
}

/** Chooses pods as the flags say and does the deed, both where the command line wants it done. */
export function onPods<T, V>(invocation: Invocation<V>, choice: PodChoice, ways: PodWays<T>): Promise<T> {
  return onSide(invocation, {
    local: (engine) => ways.local(engine, choosePods(engine, choice)),
    remote: async (service) => {
      const deeds = await import("../../../remote/pods/deeds.ts");
      const references = podReferences(choice);
      return ways.remote(service, references === "all" ? await deeds.allPods(service) : references, deeds);
    },
  });
}
