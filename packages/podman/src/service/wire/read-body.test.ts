import { describe, expect, it } from "vitest";
import { HttpError } from "../errors-to-http.ts";
import type { RequestBody } from "../http/request-body.ts";
import { containerCreateSchema } from "./container-create.ts";
import { readBody } from "./read-body.ts";

const request = (text: string) => ({
  body: (async function* () {
    yield Buffer.from(text);
  })() as unknown as RequestBody,
});

const read = (text: string) => readBody(request(text), containerCreateSchema, { type: "handlers.CreateContainerConfig" });

describe("bodies of Docker's clients", () => {
  it.each([
    ["", "EOF"],
    ["{", "unexpected EOF"],
    ["x", "invalid character 'x' looking for beginning of value"],
    ["[]", "json: cannot unmarshal array into Go value of type handlers.CreateContainerConfig"],
    ['{"User":1}', "json: cannot unmarshal number into Go struct field CreateContainerConfig.User of type string"],
    ['{"user":1}', "json: cannot unmarshal number into Go struct field CreateContainerConfig.User of type string"],
    ['{"Env":"x"}', "json: cannot unmarshal string into Go struct field CreateContainerConfig.Env of type []string"],
    [
      '{"HostConfig":[]}',
      "json: cannot unmarshal array into Go struct field CreateContainerConfig.HostConfig of type container.HostConfig",
    ],
    [
      '{"HostConfig":{"Memory":"x"}}',
      "json: cannot unmarshal string into Go struct field CreateContainerConfig.HostConfig.Memory of type int64",
    ],
  ])("are refused in the original's words: %s", async (text, because) => {
    const refused = await read(text).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(HttpError);
    expect(refused).toMatchObject({ status: 500, because, message: `decode(): ${because}` });
  });

  it("may spell keys in any case, but not those of maps", async () => {
    const found = await read('{"image":"a","hostconfig":{"restartpolicy":{"name":"always"},"sysctls":{"a.B":"1"}},"labels":{"Image":"x"}}');
    expect(found).toMatchObject({
      Image: "a",
      HostConfig: { RestartPolicy: { Name: "always" }, Sysctls: { "a.B": "1" } },
      Labels: { Image: "x" },
    });
  });
});
