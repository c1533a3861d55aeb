import { ToolError } from "@containers/common/errors/tool-error";
import { readLogs } from "../../../containers/logs/read-logs.ts";
import type { LogLine, LogOptions } from "../../../containers/options.ts";
import { resolveContainer } from "../../../locks/with-container-lock.ts";
import { parsePointInTime } from "../../../system/point-in-time.ts";
import { HttpError } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import type { Handler } from "../../route.ts";
import { frame } from "../../streams/stdcopy.ts";
import { namedStreamType } from "../../streams/stream-type.ts";

/** `GET /containers/{name}/logs`, both trees. A terminal's output is not framed for Docker's clients; libpod's frame all. */
export const containerLogsRoute: Handler = (request) => {
  const { engine, isLibpod, signal } = request;
  const query = readQuery(request, {
    follow: "bool",
    stdout: "bool",
    stderr: "bool",
    since: "string",
    until: "string",
    timestamps: "bool",
    tail: "string",
  });
  if (query.stdout !== true && query.stderr !== true)
    throw new HttpError(400, `Bad Request: you must choose at least one stream for ${request.url}`);
  const { config } = resolveContainer(engine, request.param("name"));
  if (config.log.driver === "none")
    throw new HttpError(
      500,
      `failed to obtain logs for Container '${request.param("name")}': this container is using the 'none' log driver, cannot read logs: this container is not logging output`,
    );
  const since = readTime("since", query.since);
  const until = query.until === "0" ? undefined : readTime("until", query.until);
  const tail = readTail(query.tail ?? "all");
  const options: LogOptions = {
    follow: query.follow === true,
    signal,
    ...(tail === undefined ? {} : { tail }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
  const wanted = ({ stream }: LogLine): boolean => (stream === "stdout" ? query.stdout === true : query.stderr === true);
  const framed = isLibpod || !config.tty;
  const lines = readLogs(engine, config.id, options);
  return {
    status: 200,
    headers: namedStreamType(request, !framed),
    body: (async function* () {
      for await (const line of lines) {
        if (!wanted(line)) continue;
        const text = `${query.timestamps === true ? `${line.time.replace(/[+]00:00$/, "Z")} ` : ""}${line.text}${line.partial ? "" : "\n"}`;
        yield framed ? frame(line.stream, Buffer.from(text)) : text;
      }
    })(),
  };
};

function readTail(text: string): number | undefined {
  if (text === "all" || text === "") return undefined;
  if (!/^[+-]?\d+$/.test(text)) {
    const because = `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw new HttpError(400, `failed to parse query parameter 'tail': ${JSON.stringify(text)}: ${because}`, { because: "invalid syntax" });
  }
  return Number(text) < 0 ? undefined : Number(text);
}

function readTime(name: string, text: string | undefined): number | undefined {
  // The last is Go's zero time, which clients of libpod's send where nobody named one.
  if (text === undefined || ["", "0", "0001-01-01T00:00:00Z"].includes(text)) return undefined;
  try {
    return parsePointInTime(text, Date.now(), name === "until" ? "ahead" : undefined);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const because = "unable to interpret time value";
    throw new HttpError(400, `failed to parse query parameter '${name}': ${JSON.stringify(text)}: ${because}`, { because });
  }
}
