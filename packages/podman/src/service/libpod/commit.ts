import { commitContainer } from "../../containers/commit.ts";
import { resolveContainer } from "../../locks/with-container-lock.ts";
import { overrideOf, requireName } from "../docker/containers/commit.ts";
import { HttpError, httpError } from "../errors-to-http.ts";
import { readQuery } from "../query.ts";
import { json, jsonLines } from "../reply.ts";
import type { Handler } from "../route.ts";

/** `POST /libpod/commit`: an image of a container. With `stream` the answer is one object at the end of it. */
export const commit: Handler = async (request) => {
  const query = readQuery(request, {
    author: "string",
    changes: "strings",
    comment: "string",
    container: "string",
    format: "string",
    pause: "bool",
    squash: "bool",
    repo: "string",
    stream: "bool",
    tag: "string",
  });
  const { format = "oci", comment = "", repo = "" } = query;
  if (format !== "oci" && format !== "docker") throw new HttpError(500, `unrecognized image format ${JSON.stringify(format)}`);
  if (format === "oci" && comment !== "") {
    const message = "messages are only compatible with the docker image format (-f docker)";
    throw new HttpError(500, message, { because: message });
  }
  const override = await overrideOf(request);
  const { config } = resolveContainer(request.engine, requireName(query.container));
  const make = () =>
    commitContainer(request.engine, config.id, {
      ...(repo === "" ? {} : { name: `${repo}:${query.tag || "latest"}` }),
      author: query.author,
      message: comment,
      changes: query.changes.flatMap(instructions),
      format,
      pause: query.pause,
      squash: query.squash,
      ...(override === undefined ? {} : { override }),
    });
  if (query.stream === true) {
    return jsonLines(
      (async function* () {
        try {
          yield JSON.stringify({ stream: await make() });
        } catch (error) {
          yield JSON.stringify({ error: { message: httpError(500, error).message } });
        }
      })(),
    );
  }
  try {
    return json(200, { Id: await make() });
  } catch (error) {
    throw httpError(500, error);
  }
};

/** Several instructions may stand in one text, a line each. */
function instructions(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}
