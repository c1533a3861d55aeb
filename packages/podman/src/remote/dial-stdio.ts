import { writeFully } from "@containers/common/cli/output";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { connectRaw } from "@containers/common/http/upgrade";
import { serviceAddress } from "./connect.ts";
import type { RemoteTarget } from "./target.ts";

/**
 * Joins standard input and output to the socket of a service until the service closes it. The end of the input closes that side alone.
 * @throws ToolError unavailable when nobody listens there
 */
export async function dialStdio(target: RemoteTarget): Promise<void> {
  const address = serviceAddress(target);
  if (address === undefined) throw new ToolError("unsupported", `failed to open the raw stream connection: ${target.uri}`);
  let connection: Awaited<ReturnType<typeof connectRaw>>;
  try {
    connection = await connectRaw(address.base, address);
  } catch (error) {
    throw wrapError("failed to open connection to podman", error);
  }
  const output = (async () => {
    for await (const chunk of connection.stream()) writeFully(1, chunk);
  })();
  void (async () => {
    for await (const chunk of Bun.stdin.stream()) await connection.send(chunk);
    connection.endInput();
  })();
  await output;
  connection.close();
}
