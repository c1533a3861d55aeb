import { commitContainer } from "../../../containers/commit.ts";
import { resolveContainer } from "../../../locks/with-container-lock.ts";
import { withContext } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import { json } from "../../reply.ts";
import type { Handler } from "../../route.ts";
import { dockerImageName } from "../images/docker-image-name.ts";

/** `POST /commit`. */
export const commitRoute: Handler = async (request) => {
  const { engine } = request;
  const query = readQuery(request, {
    author: "string",
    changes: "strings",
    comment: "string",
    container: "string",
    pause: "bool",
    squash: "bool",
    repo: "string",
    tag: "string",
  });
  const { config } = resolveContainer(engine, query.container ?? "");
  const { repo = "" } = query;
  const name =
    repo.length > 1 ? await withContext("normalizing image", () => dockerImageName(engine, `${repo}:${query.tag || "latest"}`)) : undefined;
  const id = await commitContainer(engine, config.id, {
    ...(name === undefined ? {} : { name }),
    ...(query.author === undefined ? {} : { author: query.author }),
    ...(query.comment === undefined ? {} : { message: query.comment }),
    changes: query.changes.flatMap((text) => text.split("\n")).filter((line) => line.trim() !== ""),
    format: "docker",
    pause: query.pause === true,
    squash: query.squash === true,
  });
  return json(201, { Id: id });
};
