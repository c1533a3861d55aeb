/** What a parsed template consists of. */
export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipe: Pipe; readonly place: string }
  | {
      readonly kind: "if" | "with";
      readonly pipe: Pipe;
      readonly then: readonly Node[];
      readonly otherwise: readonly Node[];
      readonly place: string;
    }
  | {
      readonly kind: "range";
      readonly pipe: Pipe;
      readonly then: readonly Node[];
      readonly otherwise: readonly Node[];
      readonly place: string;
    }
  | { readonly kind: "template"; readonly name: string; readonly pipe: Pipe | undefined; readonly place: string }
  | { readonly kind: "break" | "continue" };

/** Commands whose results feed each other, perhaps kept in variables. */
export interface Pipe {
  readonly variables: readonly string[];
  /** `$x := …` makes a variable, `$x = …` changes one. */
  readonly declares: boolean;
  readonly commands: ReadonlyArray<readonly Operand[]>;
}

export type Operand =
  | { readonly kind: "dot" }
  | { readonly kind: "nil" }
  | { readonly kind: "constant"; readonly value: string | number | boolean }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "field"; readonly names: readonly string[]; readonly source: string; readonly place: string }
  | { readonly kind: "variable"; readonly name: string; readonly names: readonly string[]; readonly source: string; readonly place: string }
  | { readonly kind: "pipe"; readonly pipe: Pipe; readonly names: readonly string[]; readonly source: string; readonly place: string };

/** The main template and those it defines. */
export interface ParsedTemplate {
  readonly name: string;
  readonly body: readonly Node[];
  readonly definitions: ReadonlyMap<string, readonly Node[]>;
}
