import { ToolError } from "@containers/common/errors/tool-error";
import { eventFilter } from "../../../events/event-filters.ts";
import { eventWindow } from "../../../events/event-window.ts";
import { eventMessage } from "../../../events/show-event.ts";
import { readQuery } from "../../query.ts";
import { jsonLines } from "../../reply.ts";
import type { Handler } from "../../route.ts";
import { filterTexts } from "../containers/prune.ts";

/** `GET /events`, in both trees: what happens, as it happens. */
export const events: Handler = async (request) => {
  const { engine, isLibpod, signal } = request;
  const { since, until, stream } = readQuery(request, { since: "string", until: "string", stream: "bool" });
  if (engine.events.backend === "none") throw new ToolError("unsupported", 'cannot read events with the "none" backend');
  const fits = eventFilter(filterTexts(request, { status: 400, context: `failed to parse filters for ${request.url}` }));
  const window = eventWindow({ since: since || undefined, until: until || undefined, stream: stream !== false });
  const log = engine.events.read({ ...window, signal });
  return jsonLines(
    (async function* () {
      for await (const event of log) if (fits(event)) yield eventMessage(event, { docker: !isLibpod });
    })(),
  );
};
