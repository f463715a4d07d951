import type { RuleArea } from "./rule-area.ts";

/** Source: config.md#annotations. */
export const annotationRules: RuleArea = {
  about: ["/annotations"],
  check({ annotations = {} }, found) {
    if (!Object.hasOwn(annotations, "")) return;
    found.error({
      code: "ANNOTATION_KEY_EMPTY",
      pointer: "/annotations/",
      value: annotations[""],
      message: "has an empty name, which no annotation may have",
      fix: "give it a name, such as com.example.purpose",
      spec: "config.md#annotations",
    });
  },
};
