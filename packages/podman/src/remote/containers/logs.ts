import type { LogLine, LogOptions } from "../../containers/options.ts";
import { getJson, type Service } from "../service.ts";
import { record, text } from "../wire.ts";
import { frames } from "./attach-client.ts";
import { containerPath } from "./deeds.ts";

/** The container's log, line by line, with the times that the service tells. */
export async function* readLogs(service: Service, reference: string, options: LogOptions): AsyncGenerator<LogLine> {
  const found = record(await getJson(service, containerPath(reference, "json")));
  const response = await service.request("GET", containerPath(reference, "logs"), {
    query: {
      follow: options.follow ?? false,
      stdout: true,
      stderr: true,
      timestamps: true,
      tail: options.tail === undefined || options.tail < 0 ? undefined : options.tail,
      since: options.since === undefined ? undefined : new Date(options.since).toISOString(),
      until: options.until === undefined ? undefined : new Date(options.until).toISOString(),
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const container = { containerId: text(found["Id"]), containerName: text(found["Name"]) };
  for await (const { stream, data } of frames(response.stream())) {
    const line = Buffer.from(data).toString();
    const space = line.indexOf(" ");
    const partial = !line.endsWith("\n");
    yield {
      time: line.slice(0, Math.max(space, 0)),
      stream: stream === 2 ? "stderr" : "stdout",
      text: line.slice(space + 1, partial ? undefined : -1),
      partial,
      ...container,
    };
  }
}
