import { describeError } from "@containers/common/errors/tool-error";
import { checkCredentials } from "@containers/image/auth/check-credentials";
import { json } from "../../reply.ts";
import type { Handler } from "../../route.ts";
import { readBody } from "../../wire/read-body.ts";
import { authSchema } from "../../wire/stores.ts";

/** `POST /auth`: asks the registry whether it takes the credentials; they are kept nowhere. */
export const auth: Handler = async (request) => {
  const body = await readBody(request, authSchema, { context: "failed to parse request", type: "registry.AuthConfig" });
  const { username, password, serveraddress } = body;
  const address = serveraddress ?? "";
  const registry = address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(registry);
  const refuse = (reason: string) => json(500, { message: `login attempt to ${address} failed with status: ${reason}` });
  if (!username && !password) return refuse("getting username and password: cannot prompt for username without stdin");
  if (!password) return refuse("getting username and password: reading password: inappropriate ioctl for device");
  try {
    const accepted = await checkCredentials(
      registry,
      { username: username ?? "", password: password ?? "" },
      { access: { ...request.engine.images.registry, ...(isLocal ? { tlsVerify: false } : {}) }, signal: request.signal },
    );
    return accepted ? json(200, { IdentityToken: "", Status: "Login Succeeded" }) : refuse("401 Unauthorized");
  } catch (error) {
    return refuse(`authenticating creds for ${JSON.stringify(registry)}: ${describeError(error)}`);
  }
};
