import { loadContainersConf } from "@containers/common/config/containers-conf";
import { selfCommand } from "@containers/common/process/reexec";
import { parseTransfer } from "../../images/scp/location.ts";
import { transferImage } from "../../images/scp/transfer.ts";
import { HttpError, httpError } from "../errors-to-http.ts";
import { readQuery } from "../query.ts";
import { json } from "../reply.ts";
import type { Handler } from "../route.ts";

/** `POST /libpod/images/scp/{name}`: copies an image of the service's machine to another one, or from there, by ssh. */
export const copyImage: Handler = async (request) => {
  const { destination, quiet } = readQuery(request, { destination: "string", quiet: "bool" });
  const { engine } = request;
  try {
    const transfer = parseTransfer(request.param("name"), destination || undefined);
    if (transfer.from.user !== undefined || transfer.to.user !== undefined) {
      const because = "invalid argument";
      throw new HttpError(400, `cannot use the user transfer function on the remote client: ${because}`, { because });
    }
    // What comes before the command's words starts this program; the rest are the flags of this engine.
    const globals = engine.cleanupCommand([]).slice(1 + selfCommand([]).args.length);
    const context = { config: loadContainersConf(), globals, warn: engine.warn };
    const printed = await transferImage(transfer, context, { quiet });
    return json(200, { Id: printed.trimEnd().split(/\s+/).at(-1) ?? "" });
  } catch (error) {
    throw error instanceof HttpError ? error : httpError(500, error);
  }
};
