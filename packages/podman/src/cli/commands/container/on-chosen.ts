import type { Invocation } from "@containers/common/cli/define-command";
import type { Engine } from "../../../engine/engine.ts";
import type { Service } from "../../../remote/service.ts";
import { onSide } from "../../on-side.ts";
import { type Choice, chooseContainers, chooseFrom } from "./targets.ts";

type RemoteDeeds = typeof import("../../../remote/containers/deeds.ts");

/** The two ways of doing one deed to the chosen containers. */
export interface ChosenWays<T> {
  local(engine: Engine, chosen: readonly string[]): T | Promise<T>;
  remote(service: Service, chosen: readonly string[], deeds: RemoteDeeds): T | Promise<T>;
}

/** Chooses containers as the flags say and does the deed, both where the command line wants it done. */
export function onChosen<T, V>(invocation: Invocation<V>, choice: Choice, ways: ChosenWays<T>): Promise<T> {
  return onSide(invocation, {
    local: async (engine) => ways.local(engine, await chooseContainers(engine, choice)),
    remote: async (service) => {
      const [deeds, { serviceFinder }] = await Promise.all([
        import("../../../remote/containers/deeds.ts"),
        import("../../../remote/containers/finder.ts"),
      ]);
      return ways.remote(service, await chooseFrom(serviceFinder(service), choice), deeds);
    },
  });
}
