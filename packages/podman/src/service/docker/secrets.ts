import { isErrorOfKind } from "@containers/common/errors/tool-error";
import { openSecretStore, type SecretRecord } from "../../secrets/secret-store.ts";
import { HttpError, withStatuses } from "../errors-to-http.ts";
import { readFilters, readQuery } from "../query.ts";
import { empty, json } from "../reply.ts";
import type { ApiRequest, Handler } from "../route.ts";
import { readBody, SECRET_CREATE_TYPE } from "../wire/read-body.ts";
import { secretCreateSchema } from "../wire/stores.ts";

/** Secrets; both trees. Docker's clients want a version, which never changes here. */

function store({ engine }: Pick<ApiRequest, "engine">) {
  return openSecretStore(engine.paths.secretsDir);
}

function secretJson(
  { id, name, createdAt, updatedAt, driver, driverOptions, labels }: SecretRecord,
  isLibpod: boolean,
): Record<string, unknown> {
  return {
    ID: id,
    CreatedAt: createdAt,
    UpdatedAt: updatedAt,
    Spec: { Name: name, Driver: { Name: driver, Options: driverOptions }, Labels: labels ?? {} },
    ...(isLibpod ? {} : { Version: { Index: 1 } }),
  };
}

/** `GET /secrets`. */
export const listSecretsRoute: Handler = (request) => {
  const { name, id, ...others } = readFilters(request);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new HttpError(500, `invalid filter ${JSON.stringify(unknown)}`);
  const fits = (secret: SecretRecord): boolean =>
    (id === undefined || id.some((value) => secret.id.startsWith(value))) &&
    (name === undefined || name.some((value) => new RegExp(value).test(secret.name)));
  return json(
    200,
    store(request)
      .list()
      .filter(fits)
      .map((secret) => secretJson(secret, request.isLibpod)),
  );
};

/** `POST /secrets/create`; the data is base64. */
export const createSecretRoute: Handler = async (request) => {
  const body = await readBody(request, secretCreateSchema, { context: "Decode()", type: SECRET_CREATE_TYPE });
  const secret = await withStatuses({ "already-exists": 409 }, () =>
    store(request).create({
      name: body.Name ?? "",
      data: Buffer.from(/^[A-Za-z0-9+/=\s]*$/.test(body.Data ?? "") ? (body.Data ?? "") : "", "base64"),
      driver: body.Driver?.Name || "file",
      driverOptions: body.Driver?.Options ?? {},
      labels: body.Labels ?? {},
    }),
  );
  request.engine.events.write({ type: "secret", status: "create", id: secret.id });
  return json(200, { ID: secret.id });
};

/** `GET /secrets/{name}`. */
export const inspectSecretRoute: Handler = (request) => {
  const { showsecret } = readQuery(request, { showsecret: "bool" });
  const secrets = store(request);
  const secret = find(request, () => secrets.find(request.param("name")));
  const data = showsecret === true ? { SecretData: secrets.readData(secret).toString() } : {};
  return json(200, { ...secretJson(secret, request.isLibpod), ...data });
};

/** `DELETE /secrets/{name}`. */
export const removeSecretRoute: Handler = (request) => {
  const secret = find(request, () => store(request).remove(request.param("name")));
  request.engine.events.write({ type: "secret", status: "remove", id: secret.id });
  return empty();
};

function find<T>(request: ApiRequest, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (!isErrorOfKind(error, "not-found")) throw error;
    const because = "no such secret";
    throw new HttpError(404, `no secret with name or id ${JSON.stringify(request.param("name"))}: ${because}`, { because });
  }
}

/** `POST /secrets/{name}/update`. */
export const updateSecretRoute: Handler = () => {
  throw new HttpError(501, "update is not supported");
};
