// Which kind of estimator a value is, told without its class: who takes any of them would bring all of their training into every bundle.

/** The member by which an estimator says its kind; subclasses and proxies have it too. */
export const estimatorKind: unique symbol = /* @__PURE__ */ Symbol('kind of estimator');

/** 'MLPClassifier', …; undefined for what is no estimator. */
export const kindOf = (value: unknown): string | undefined =>
  (value as { readonly [estimatorKind]?: string } | null | undefined)?.[estimatorKind];
