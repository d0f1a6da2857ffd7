// Which kind of estimator a value is, told without its class: who takes any of them would bring all of their training into every
// bundle. Each is entered as it is made, those of subclasses too.

const kinds = /* @__PURE__ */ new WeakMap<object, string>();

export function rememberKind(estimator: object, kind: string): void {
  kinds.set(estimator, kind);
}

/** 'MLPClassifier', …; undefined for what is no estimator. */
export const kindOf = (value: unknown): string | undefined => kinds.get(value as object);
