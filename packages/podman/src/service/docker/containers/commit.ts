import { commitContainer } from "../../../containers/commit.ts";
import { resolveContainer } from "../../../locks/with-container-lock.ts";
import { HttpError, withContext } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import { json } from "../../reply.ts";
import type { ApiRequest, Handler } from "../../route.ts";
import { jsonProblem } from "../../wire/go-object.ts";
import { readText } from "../../wire/read-body.ts";
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
  const override = await overrideOf(request);
  const { config } = resolveContainer(engine, requireName(query.container));
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
    ...(override === undefined ? {} : { override }),
  });
  return json(201, { Id: id });
};

/** The image's configuration as the body has it, if it has one: JSON text. */
export async function overrideOf(request: ApiRequest): Promise<string | undefined> {
  const text = (await readText(request)).trim();
  if (text === "") return undefined;
  try {
    JSON.parse(text);
  } catch {
    const because = jsonProblem(text);
    throw new HttpError(400, because, { because });
  }
  return text;
}

/** @throws HttpError 404 where no container is named */
export function requireName(name: string | undefined): string {
  if (name === undefined || name === "") throw new HttpError(404, "name or ID cannot be empty");
  return name;
}
