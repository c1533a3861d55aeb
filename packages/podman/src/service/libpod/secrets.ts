import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { openSecretStore, type SecretRecord, type SecretStore } from "../../secrets/secret-store.ts";
import { HttpError, httpError } from "../errors-to-http.ts";
import { readFilters, readQuery } from "../query.ts";
import { empty, json } from "../reply.ts";
import type { ApiRequest, Handler } from "../route.ts";
import { decode, dictionary, text } from "../wire/go-object.ts";
import { readBody } from "./answers.ts";

/** The body is the secret itself; what else is said of it stands in the query. */
export const create: Handler = async (request) => {
  const query = readQuery(request, {
    name: "string",
    driver: "string",
    driveropts: "string",
    labels: "string",
    replace: "bool",
    ignore: "bool",
  });
  const store = storeOf(request);
  const known = new Set(store.list().map(({ id }) => id));
  const data = await readBody(request);
  try {
    const secret = store.create({
      name: query.name ?? "",
      data,
      driver: query.driver || "file",
      driverOptions: map(query.driveropts),
      labels: map(query.labels),
      ...(query.ignore === true ? { existing: "ignore" } : query.replace === true ? { existing: "replace" } : {}),
    });
    if (!known.has(secret.id)) request.engine.events.write({ type: "secret", status: "create", id: secret.id });
    return json(200, { ID: secret.id });
  } catch (error) {
    throw httpError(500, error);
  }
};

export const listAll: Handler = (request) => {
  const fits = secretFilter(readFilters(request));
  return json(200, storeOf(request).list().filter(fits).map(describe));
};

export const inspect: Handler = (request) => {
  const { showsecret = false } = readQuery(request, { showsecret: "bool" });
  const store = storeOf(request);
  const secret = find(store, request);
  const shown = describe(secret);
  const report = { ...shown, Spec: { ...shown.Spec, Labels: secret.labels ?? {} } };
  return json(200, showsecret ? { ...report, SecretData: store.readData(secret).toString() } : report);
};

export const exists: Handler = (request) => {
  try {
    storeOf(request).find(request.param("name"));
  } catch (error) {
    throw isErrorOfKind(error, "not-found") ? new HttpError(404, "no such secret") : error;
  }
  return empty();
};

export const remove: Handler = (request) => {
  const { id } = storeOf(request).remove(request.param("name"));
  request.engine.events.write({ type: "secret", status: "remove", id });
  return empty();
};

function storeOf({ engine }: Pick<ApiRequest, "engine">): SecretStore {
  return openSecretStore(engine.paths.secretsDir);
}

function find(store: SecretStore, request: ApiRequest): SecretRecord {
  return store.find(request.param("name"));
}

/** As a listing shows it: labels that there are none of are null there, and an empty map in the report of one. */
function describe({ id, name, createdAt, updatedAt, driver, driverOptions, labels }: SecretRecord) {
  return {
    ID: id,
    CreatedAt: createdAt,
    UpdatedAt: updatedAt,
    Spec: { Name: name, Driver: { Name: driver, Options: driverOptions }, Labels: labels ?? null },
  };
}

/** A map in the query is JSON; what is none counts as empty. */
function map(value: string | undefined): Readonly<Record<string, string>> {
  if (value === undefined || value === "") return {};
  try {
    return decode(dictionary(text), value);
  } catch {
    return {};
  }
}

/** Names are regular expressions, ids beginnings; values of one key are alternatives. */
function secretFilter(filters: Readonly<Record<string, readonly string[]>>): (secret: SecretRecord) => boolean {
  const unknown = Object.keys(filters).find((key) => key !== "name" && key !== "id");
  if (unknown !== undefined) throw new ToolError("invalid-argument", `invalid filter ${JSON.stringify(unknown)}`);
  const { id: ids, name: names } = filters;
  return ({ id, name }) =>
    (ids ?? [id]).some((value) => id.startsWith(value)) && (names === undefined || names.some((value) => new RegExp(value).test(name)));
}
