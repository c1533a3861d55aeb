import { describe, expect, it } from "vitest";
import { decode, dictionary, flag, jsonProblem, list, natural, struct, text } from "./go-object.ts";

const shape = struct("Thing", { name: text, Count: natural, on: flag, words: list(text), map: dictionary(text) });

describe("decoding as Go does", () => {
  it("takes keys in any case, passes over unknown ones, and takes null for absent", () => {
    expect(decode(shape, '{"NAME":"a","count":3,"other":[1],"on":null,"words":null}')).toEqual({ name: "a", Count: 3 });
  });

  it.each([
    ['{"name":1}', "json: cannot unmarshal number into Go struct field Thing.name of type string"],
    ['{"map":["a=b"]}', "json: cannot unmarshal array into Go struct field Thing.map of type map[string]string"],
    ['{"Count":-1}', "json: cannot unmarshal number -1 into Go struct field Thing.Count of type uint"],
    ["", "EOF"],
    ["{bad", "invalid character 'b' looking for beginning of object key string"],
    ['{"name":"a"', "unexpected EOF"],
  ])("refuses %s", (body, message) => {
    expect(() => decode(shape, body)).toThrow(message);
  });

  it("says what is wrong with a text that is no JSON", () => {
    expect(jsonProblem("bogus")).toBe("invalid character 'b' looking for beginning of value");
  });
});
