import { writeSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { OidcChoice } from "../parameters.ts";
import { askService, parseAnswer } from "../service-request.ts";
import { checkIdentityToken, type IdentityToken } from "./identity-token.ts";
import { discoverProvider, newProof, refusal, SCOPE } from "./provider.ts";

type ByProvider = Exclude<OidcChoice, { readonly mode: "staticToken" }>;

/** RFC 8628: the person enters a code in a browser anywhere, and we ask until that is done. */
export async function tokenByDeviceGrant(
  choice: ByProvider,
  print: (line: string) => void = (line) => writeSync(1, `${line}\n`),
): Promise<IdentityToken> {
  const provider = await discoverProvider(choice.issuerUrl);
  if (provider.device === "") throw new ToolError("unsupported", "oidc: device authorization endpoint not returned by provider");
  const proof = newProof();
  const begun = await askService(provider.device, {
    form: { client_id: choice.clientId, scope: SCOPE, code_challenge_method: "S256", code_challenge: proof.challenge },
  });
  if (begun.status !== 200) throw refusal("device authorization", begun);
  const told = parseAnswer(begun, provider.device);
  print(
    `Enter the verification code ${told["user_code"]} in your browser at: ${told["verification_uri_complete"] || told["verification_uri"]}`,
  );
  print(`Code will be valid for ${told["expires_in"]} seconds`);
  const raw = await poll(provider.token, seconds(told["interval"]), {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    client_id: choice.clientId,
    device_code: String(told["device_code"]),
    scope: SCOPE,
    code_verifier: proof.verifier,
    ...(choice.clientSecret === "" ? {} : { client_secret: choice.clientSecret }),
  });
  print("Token received!");
  return checkIdentityToken(raw, { issuer: choice.issuerUrl, clientId: choice.clientId });
}

async function poll(url: string, interval: number, form: Readonly<Record<string, string>>): Promise<string> {
  for (;;) {
    const answer = parseAnswer(await askService(url, { form }), url);
    const { id_token: token, error } = answer;
    if (typeof token === "string" && token !== "") return token;
    if (error === "authorization_pending") await Bun.sleep(interval * 1000);
    else if (error === "slow_down") await Bun.sleep((interval + 10) * 1000);
    else throw new ToolError("denied", `error obtaining token: ${String(error)}`);
  }
}

function seconds(value: unknown): number {
  return typeof value === "number" && value >= 0 ? value : 5;
}
