import { setTimeout as delay } from "node:timers/promises";
import { containerTable, tableOf } from "../../../containers/top/process-table.ts";
import { containerProcesses, type ProcessRow } from "../../../containers/top/top.ts";
import { resolveContainer } from "../../../locks/with-container-lock.ts";
import { HttpError } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import type { Handler } from "../../route.ts";

/** What `ps -ef` shows. */
const FULL_FORMAT: ReadonlyArray<readonly [string, (row: ProcessRow) => string]> = [
  ["UID", ({ user }) => user.hostName],
  ["PID", ({ pid }) => String(pid)],
  ["PPID", ({ ppid }) => String(ppid)],
  ["C", ({ cpu }) => String(Math.floor(cpu))],
  ["STIME", ({ elapsedMs }) => new Date(Date.now() - elapsedMs).toTimeString().slice(0, 5)],
  ["TTY", ({ tty }) => tty],
  ["TIME", ({ timeMs }) => new Date(timeMs).toISOString().slice(11, 19)],
  ["CMD", ({ command }) => command],
];

/** `GET /containers/{name}/top`, both trees; `ps_args` are descriptors, or ps's own `-ef`. */
export const topContainerRoute: Handler = async (request) => {
  const { engine, isLibpod, signal } = request;
  const { delay: seconds = 5, ps_args: words, stream } = readQuery(request, { delay: "int", ps_args: "strings", stream: "bool" });
  if (seconds < 1) throw new HttpError(400, `"delay" parameter of value ${seconds} < 1`);
  const { config } = resolveContainer(engine, request.param("name"));
  const full = words.length === 0 ? !isLibpod : words.join(" ") === "-ef" || words.join(" ") === "ef";
  const measure = async (): Promise<string> => {
    const table = full ? tableOf(await containerProcesses(engine, config.id), FULL_FORMAT) : await containerTable(engine, config.id, words);
    const Processes = table.rows.map((row) => row.map((cell) => cell.trim()));
    return `${JSON.stringify({ Processes, Titles: table.titles })}\n`;
  };
  const first = await measure();
  const headers = { "Content-Type": "application/json" };
  return {
    status: 200,
    headers,
    body: (async function* () {
      yield first;
      while (stream === true && !signal.aborted) {
        await delay(seconds * 1000, undefined, { signal }).catch(() => undefined);
        yield await measure();
      }
    })(),
  };
};
